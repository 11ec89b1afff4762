"""What the bot knows, and the one question it answers: `Knowledge.load().ask("…")`."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_path

from knowledge import dialogue
from knowledge.courtesy import courtesy, refusal
from knowledge.decision import Verdict, decide, decide_metric
from knowledge.entry import Document, Entry
from knowledge.library import PACKAGED, Library
from knowledge.matcher import Matcher
from knowledge.metrics import Metrics, table
from knowledge.period import Calendar
from knowledge.prose import GONE, answer_text, choices_text, doubt_text, gap_text, help_text, missing_text
from knowledge.ranking import Ranker
from knowledge.reply import Answer, Choice, Question, Reply
from knowledge.store import open_library
from knowledge.understanding import Reader, Understanding
from knowledge.wording import clean

CONFIDENT = 0.5
"""From this probability on, a part of a message is taken for a question of its own."""
WHOLE = 0.2
"""By so much a message must be clearer than its weakest part to be one question after all."""
SURE = 0.9
"""As sure as this, a message with only one part known is one question, or that part is answered although the whole is
not."""
LEANING = 0.8
"""What leaning on an earlier question weighs against the clearness of the question alone."""
REMEMBERED = 3
"""So many earlier questions are looked at."""
LITERAL = 0.3
"""From this confidence on, the more literal reading of a follow-up is taken."""
EXAMPLES = ("q4-2011-revenue", "q1-2012-revenue-guidance", "comment-07")


class Finding(NamedTuple):
    """A question as it was read, with its verdict."""

    asked: Understanding
    verdict: Verdict

    @property
    def given(self) -> frozenset[str]:
        """The entries that it is answered with."""
        answers = self.verdict.answers[:1] if self.verdict.both else self.verdict.answers
        return frozenset(entry.id for entry in answers)


class Knowledge:
    """The compiled library and all that finds answers in it; safe to share between threads."""

    def __init__(self, library: Library, matcher: Matcher[str]) -> None:
        self.documents: dict[str, Document] = library.documents
        self.entries: dict[str, Entry] = library.entries
        self._matcher = matcher
        newest = max(self.documents.values(), key=lambda document: document.date)
        calendar = Calendar(newest.period, [entry.period for entry in self.entries.values() if entry.period])
        self._reader = Reader(self.documents.values(), library.terms.values(), calendar)
        self.ranker = Ranker(library, matcher, self._reader)
        self.metrics = Metrics(library.entries, self._reader)

    @classmethod
    def load(cls, library: Path | None = None, data: Path | None = None) -> Knowledge:
        """Open the library of text files at `library` (the packaged one), compiled under `data` (the user's cache).

        Raises LibraryError when a text file is wrong, StoreError when `data` cannot be written.
        """
        return cls(*open_library(library or PACKAGED, data or user_cache_path("irbot")))

    @property
    def examples(self) -> list[str]:
        """Three questions that show what can be asked."""
        known = [self.entries[key].question for key in EXAMPLES if key in self.entries]
        return known or [entry.question for entry in list(self.entries.values())[:3]]

    def ask(self, question: Question | str) -> Reply:
        """The reply to `question`: an answer, a choice, or an honest not-found. Never raises for any text."""
        if isinstance(question, str):
            question = Question(text=question)
        plain = clean(question.text)
        if not any(character.isalnum() for character in plain):
            return Reply(question=question.text, status="not_found", text=help_text(self.examples))
        opening = courtesy(plain)
        if opening is not None:
            return Reply(question=question.text, status="smalltalk", text=help_text(self.examples, opening))
        refused = refusal(plain)
        if refused is not None:
            return Reply(question=question.text, status="not_found", text=refused)
        return self._reply(question.text, self._found(question))

    def readings(self, question: Question) -> list[Understanding]:
        """How a question is understood: each of its parts, or the whole as completed from what was asked before."""
        return [asked for asked, _ in self._found(question)]

    def show(self, entry_id: str) -> Reply:
        """Exactly this entry, as chosen by a person; not_found when the library no longer has it."""
        if entry_id not in self.entries:
            return Reply(question=entry_id, status="not_found", text=GONE)
        entry = self.entries[entry_id]
        answer = Answer.of(entry, self.documents, 1.0)
        return Reply(question=entry.question, status="answered", answers=[answer], text=answer_text(answer))

    def read(self, text: str) -> Understanding:
        """What a question names, once mark-up, greeting and typing errors are out of the way."""
        return self._reader.read(self._matcher.speller.correct(dialogue.without_greeting(clean(text))))

    def _found(self, question: Question) -> list[Finding]:
        """Each question in a message as it is best read, with its verdict."""
        alone = self._finding(self.read(question.text))
        return self._several(alone) or [self._follow(alone, question.history[-REMEMBERED:])]

    def _finding(self, asked: Understanding, given: Set[str] = frozenset()) -> Finding:
        return Finding(asked, self._decide(asked, given))

    def _decide(self, asked: Understanding, given: Set[str]) -> Verdict:
        """The verdict on one question; `given` are the entries that have just been answered with."""
        bare = self.metrics.find(asked)
        if bare:
            return decide_metric(bare)
        verdict = decide(self.ranker.rank(asked, given), asked)
        known = None if verdict.entries else self.metrics.known(asked)
        if known is None:
            return verdict
        return Verdict([], 0.0, absence=verdict.absence, metric=known[0], available=tuple(known[1]))

    def _several(self, whole: Finding) -> list[Finding]:
        """Each part of a message, when it holds several questions; otherwise nothing."""
        texts = dialogue.parts(whole.asked.text, self._reader)
        if len(texts) < 2:
            return []
        parts: list[Finding] = []
        for text, leans in texts:
            part = self._finding(self._reader.read(text))
            given = frozenset[str]().union(*(earlier.given for earlier in parts))
            resumed = self._resumed(part, parts[-1].asked, given) if leans else part
            parts.append(part if resumed.given and resumed.given <= given else resumed)
        sure = {
            part.verdict.answers[0].id
            for part in parts
            if part.verdict.answers and part.verdict.confidence >= CONFIDENT
        }
        answers, confidence = whole.verdict.answers, whole.verdict.confidence
        if len(sure) >= 2:
            weakest = min(part.verdict.confidence for part in parts if part.given & sure)
            alone = bool(answers) and answers[0].id not in sure and confidence > weakest + WHOLE
        else:
            distinct = len({(part.asked.terms, part.asked.periods, part.asked.basis) for part in parts}) > 1
            lacking = any(not part.verdict.entries and part.verdict.absence for part in parts)
            if answers:
                one = (confidence > SURE or not distinct) and not lacking
            else:
                one = max(part.verdict.confidence for part in parts) < SURE
            alone = not sure or (one and not dialogue.asks_twice(whole.asked.text))
        return [] if alone else parts

    def _follow(self, alone: Finding, history: tuple[str, ...]) -> Finding:
        """A question as it is best read: alone, or with the one before if it leans on that."""
        if not history or not dialogue.leaning(alone.asked):
            return alone
        earlier = self._found(Question(text=history[-1], history=history[:-1]))
        before = earlier[0].asked if len(earlier) == 1 else self.read(history[-1])
        return self._resumed(alone, before, frozenset[str]().union(*(finding.given for finding in earlier)))

    def _resumed(self, alone: Finding, before: Understanding, given: frozenset[str]) -> Finding:
        """A question as it is best read behind the one `before`, which was answered with the entries `given`."""
        if dialogue.asks_for_source(alone.asked.text):
            given = frozenset()
        texts = dialogue.resumed(alone.asked, before, self._reader)
        readings = [self._finding(reading, given) for reading in map(self._reader.read, texts)]
        literal = (reading for reading in readings if reading.verdict.entries and reading.verdict.confidence >= LITERAL)
        resumed = next(literal, max(readings, key=lambda reading: _clearness(reading.verdict)))
        gain = _clearness(resumed.verdict) - _clearness(alone.verdict)
        bare = dialogue.is_bare(alone.asked)
        return resumed if bare or gain >= LEANING * (0.5 - dialogue.leaning(alone.asked)) else alone

    def _reply(self, text: str, found: list[Finding]) -> Reply:
        missing = [missing_text(asked.text, verdict, self.entries) for asked, verdict in found if not verdict.entries]
        answered = {entry.id: (entry, verdict) for _, verdict in found for entry in verdict.answers}
        if answered:
            answers = [Answer.of(entry, self.documents, verdict.confidence) for entry, verdict in answered.values()]
            tables = [table(verdict.entries) for _, verdict in found if verdict.series]
            open_parts = [_choices(verdict) for _, verdict in found if verdict.entries and not verdict.answers]
            gaps = [gap_text(verdict) for _, verdict in found if verdict.missing]
            doubts = [doubt_text(verdict.absence) for _, verdict in found if verdict.answers and verdict.absence]
            notes = [*tables, *map(choices_text, open_parts), *gaps, *doubts, *missing]
            whole = "\n\n".join([*map(answer_text, answers), *notes])
            return Reply(question=text, status="answered", answers=answers, text=whole, notes=notes)
        choices = next((_choices(verdict) for _, verdict in found if verdict.entries), [])
        if choices:
            return Reply(question=text, status="ambiguous", choices=choices, text=choices_text(choices))
        return Reply(question=text, status="not_found", text="\n\n".join(missing))


def _choices(verdict: Verdict) -> list[Choice]:
    return [
        Choice(entry=entry.id, question=entry.question, label=" · ".join(entry.labels) or entry.topic)
        for entry in verdict.entries
    ]


def _clearness(verdict: Verdict) -> float:
    """How clear a verdict is, 0 to 2: an answer before a choice, and a choice before nothing."""
    if not verdict.entries:
        return 0.0
    return verdict.confidence + (1.0 if verdict.answers else 0.5)
