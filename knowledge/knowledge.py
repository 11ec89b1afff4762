"""What the bot knows, and the one question it answers: `Knowledge.load().ask("…")`."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path

from knowledge.entry import Document, Entry
from knowledge.finder import Finder
from knowledge.library import PACKAGED, Library
from knowledge.period import Calendar
from knowledge.prose import NOTHING_ASKED, answer_text, choices_text, not_found_text
from knowledge.reply import Answer, Choice, Question, Reply
from knowledge.store import open_library
from knowledge.wording import clean

THRESHOLD = 0.68
"""A candidate below this likeness is no answer."""
MARGIN = 0.04
"""Candidates closer than this cannot be told apart."""
MAX_CHOICES = 5


class Knowledge:
    """The compiled library and the finder over it; safe to share between threads."""

    def __init__(self, library: Library, file: Path) -> None:
        self.documents: dict[str, Document] = library.documents
        self.entries: dict[str, Entry] = library.entries
        newest = max(self.documents.values(), key=lambda document: document.date)
        periods = [entry.period for entry in self.entries.values() if entry.period]
        self._finder = Finder(self.entries, Calendar(newest.period, periods), file)

    @classmethod
    def load(cls, library: Path | None = None, data: Path | None = None) -> Knowledge:
        """Open the library of text files at `library` (the packaged one), compiled under `data` (the user's cache).

        Raises LibraryError when a text file is wrong, StoreError when `data` cannot be written.
        """
        return cls(*open_library(library or PACKAGED, data or user_cache_path("irbot")))

    @property
    def examples(self) -> list[str]:
        """Three questions that show what can be asked."""
        wanted = ("q4-2011-revenue", "q1-2012-revenue-guidance", "comment-07")
        known = [self.entries[key].question for key in wanted if key in self.entries]
        return known or [entry.question for entry in list(self.entries.values())[:3]]

    def ask(self, question: Question | str) -> Reply:
        """The reply to `question`: an answer, a choice, or an honest not-found. Never raises for any text."""
        text = question if isinstance(question, str) else question.text
        asked = clean(text)
        if not any(character.isalnum() for character in asked):
            return Reply(question=text, status="not_found", text=NOTHING_ASKED.format(example=self.examples[0]))
        found = [candidate for candidate in self._finder.find(asked) if candidate.score >= THRESHOLD]
        if not found:
            return Reply(question=text, status="not_found", text=not_found_text(asked))
        close = [entry for entry, score in found if found[0].score - score < MARGIN]
        rivals = [entry for entry in close if entry.labels != close[0].labels]
        if rivals:
            return self._ambiguous(text, [close[0], *rivals][:MAX_CHOICES])
        return self._answered(text, close[0], found[0].score)

    def show(self, entry_id: str) -> Reply:
        """Exactly this entry, as chosen by a person; not_found when the library no longer has it."""
        if entry_id not in self.entries:
            return Reply(question=entry_id, status="not_found", text=not_found_text(entry_id))
        entry = self.entries[entry_id]
        return self._answered(entry.question, entry, 1.0)

    def _answered(self, text: str, entry: Entry, confidence: float) -> Reply:
        answer = Answer.of(entry, self.documents, confidence)
        return Reply(question=text, status="answered", answers=[answer], text=answer_text(answer))

    def _ambiguous(self, text: str, entries: list[Entry]) -> Reply:
        choices = [
            Choice(entry=entry.id, question=entry.question, label=" · ".join(entry.labels) or entry.topic)
            for entry in entries
        ]
        return Reply(question=text, status="ambiguous", choices=choices, text=choices_text(choices))
