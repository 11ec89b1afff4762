"""What a curator writes: documents, the people in them, entries and their citations."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Period = Annotated[str, StringConstraints(pattern=r"^((Q[1-4]|H[12]) |FY)\d{4}$")]
"""A fiscal period as labels show it: `Q4 2011`, `H2 2012`, `FY2011`."""

Kind = Literal["metric", "qa"]
Basis = Literal["GAAP", "Non-GAAP"]
Statement = Literal["Reported", "Guidance", "Target", "Derived", "Third-party", "Declined"]
Value = float | tuple[float, float] | Text
"""A figure, a range (low, high), or the words the document uses instead of a figure."""


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Model):
    name: Text
    firm: Text
    role: Text
    aliases: tuple[Text, ...] = ()


class Document(Model):
    """A source document; `file` is the original's name, `period` the one it reports on."""

    id: Identifier
    company: Text
    kind: Text
    title: Text
    date: datetime.date
    file: Text
    period: Period
    people: tuple[Person, ...] = ()


class Citation(Model):
    """One passage that carries an entry: a verbatim excerpt and where it stands."""

    document: Identifier
    section: Text
    excerpt: Text
    speaker: Text | None = None
    locator: Text | None = None
    comment: int | None = Field(default=None, ge=1)
    pages: tuple[Text, ...] = ()

    @property
    def place(self) -> str:
        """Where a reader finds the passage, in one phrase."""
        if self.comment is None:
            return self.locator or self.section
        pages = f", page{'s' if len(self.pages) > 1 else ''} {', '.join(self.pages)}" if self.pages else ""
        return f"Comment {self.comment}{pages}"


class Derivation(Model):
    """How a derived value follows from other entries' values."""

    inputs: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")], Identifier] = Field(min_length=1)
    formula: Text
    decimals: int = Field(ge=0, le=6)


class Entry(Model):
    """One approved answer with the questions it answers and the passages it rests on."""

    id: Identifier
    kind: Kind
    topic: Text
    question: Text
    answer: Text
    phrasings: tuple[Text, ...] = Field(min_length=1)
    citations: tuple[Citation, ...] = Field(min_length=1)
    metric: Text | None = None
    synonyms: tuple[Text, ...] = ()
    value: Value | None = None
    unit: Text | None = None
    period: Period | None = None
    basis: Basis | None = None
    statement: Statement | None = None
    said_by: Text | None = None
    asked_by: Text | None = None
    note: Text | None = None
    derivation: Derivation | None = None

    @model_validator(mode="after")
    def _complete(self) -> Entry:
        if self.kind == "metric":
            for name in ("metric", "value", "unit"):
                if getattr(self, name) is None:
                    raise ValueError(f"{name}: a metric needs it")
        if (self.statement == "Derived") != (self.derivation is not None):
            raise ValueError("derivation: belongs to an entry whose statement is Derived, and only there")
        return self

    @property
    def labels(self) -> list[str]:
        """What tells this entry from its neighbours: period, basis, kind of statement."""
        return [label for label in (self.period, self.basis, self.statement) if label]

    @property
    def in_full(self) -> str:
        """The question with its answer, as the reranker reads them."""
        return f"{self.question} {self.answer}"


class Omission(Model):
    """A passage of a document that no entry cites on purpose, and why; it stands for every place it occurs in."""

    document: Identifier
    text: Text
    reason: Text


class Absence(Model):
    """Something people ask that no document states: what to say of it, and entries worth offering instead."""

    id: Identifier
    topic: Text
    question: Text
    answer: Text
    phrasings: tuple[Text, ...] = Field(min_length=1)
    nearest: tuple[Identifier, ...] = ()


class Term(Model):
    """A term of the field: the words people use for it, and the terms it must never be confused with."""

    term: Text
    words: tuple[Text, ...] = ()
    never: tuple[Text, ...] = ()
