"""What an asker sends and what every asker gets back, the same in Slack, in the terminal and as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.entry import Document, Entry, Kind

Status = Literal["answered", "ambiguous", "not_found", "smalltalk"]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class Question(Message):
    """A question as it was asked; `history` holds the asker's earlier questions, oldest first."""

    text: str
    history: tuple[str, ...] = ()
    asker: str | None = None
    place: str | None = None


class Source(Message):
    """A citation as the reply shows it; `date` is ISO 8601."""

    document: str
    title: str
    date: str
    speaker: str | None
    section: str
    locator: str
    excerpt: str


class Answer(Message):
    """An approved answer; `confidence` runs from 0 to 1."""

    entry: str
    kind: Kind
    question: str
    answer: str
    labels: list[str]
    confidence: float = Field(ge=0, le=1)
    citations: list[Source]

    @classmethod
    def of(cls, entry: Entry, documents: dict[str, Document], confidence: float) -> Answer:
        sources = []
        for citation in entry.citations:
            document = documents[citation.document]
            sources.append(
                Source(
                    document=document.id,
                    title=document.title,
                    date=document.date.isoformat(),
                    speaker=citation.speaker,
                    section=citation.section,
                    locator=citation.place,
                    excerpt=citation.excerpt,
                )
            )
        return cls(
            entry=entry.id,
            kind=entry.kind,
            question=entry.question,
            answer=entry.answer,
            labels=entry.labels,
            confidence=confidence,
            citations=sources,
        )


class Choice(Message):
    """A candidate to choose from; `label` is what sets it apart from the others."""

    entry: str
    question: str
    label: str


class Reply(Message):
    """The one reply to a question; `text` is the whole of it as plain text.

    `notes` are the sentences of `text` that belong to no answer, such as what could not be found; JSON leaves them out.
    """

    question: str
    status: Status
    answers: list[Answer] = []
    choices: list[Choice] = []
    text: str
    notes: list[str] = Field(default=[], exclude=True)
