"""Ranks what may answer a question: plain features of each candidate, weighed by small networks learned from labels."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Set
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.encoder import reranker
from knowledge.entry import Absence, Entry, Term
from knowledge.library import Library, figures
from knowledge.matcher import Evidence, Matcher
from knowledge.network import Network
from knowledge.understanding import WANTS, Reader, Understanding, gives
from knowledge.wording import words

WEIGHTS = Path(__file__).with_name("weights.json")
CANDIDATES = 24
READ = 4
"""So many entries are read beside the question; the others are taken to fit a little worse than the worst of them."""
UNREAD, HOPELESS = 1.0, -4.0
DECIMALS = 4
AGAIN = 0.05
"""What an answer just given counts for when the next question leans on it; not a comment, which holds many details."""
COMPARISON = re.compile(r"\b(change|growth|decline|increase|against|above|below)\b")
"""A metric named so is about two periods."""
Floats = NDArray[np.float64]

FEATURES = (
    "best",
    "mean",
    "gram",
    "ridge",
    "best_gap",
    "mean_gap",
    "gram_gap",
    "ridge_gap",
    "ridge_top",
    "coverage",
    "coverage_gap",
    "answers",
    "answers_gap",
    "period_same",
    "period_within",
    "period_other",
    "period_extra",
    "term_same",
    "term_other",
    "term_never",
    "person_same",
    "person_other",
    "comment_same",
    "comment_other",
    "page_same",
    "page_other",
    "figure_same",
    "figure_other",
    "outlook_same",
    "outlook_other",
    "outcome_ahead",
    "basis_other",
    "letter_other",
    "call_other",
    "absent",
    *(f"{sort}_{state}" for sort in WANTS for state in ("given", "lacking")),
)
"""Of a candidate. `answers` is what the reranker says: the log-odds that the entry's answer gives what is asked for; an
absence has none. `_gap` is the distance to the best candidate; `_same` and `_other` tell whether what the question
names (a period, a person, ...) is the entry's or another's; `_given` and `_lacking` whether it gives what is wanted."""
WHOLE_FEATURES = ("best", "mean", "gram", "ridge", "unknown", "coverage", "short", "answers")
"""Of the question as a whole: what speaks for none of the candidates."""


COVERAGE = FEATURES.index("coverage")
WHOLLY = 0.999


class Facts(NamedTuple):
    """What an entry or absence is about, in the terms in which questions are understood."""

    vocabulary: frozenset[str]
    terms: frozenset[str]
    absent: bool = False
    period: str | None = None
    metric: str | None = None
    never: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    comments: frozenset[int] = frozenset()
    pages: frozenset[str] = frozenset()
    figures: frozenset[float] = frozenset()
    gives: frozenset[str] = frozenset()
    basis: str | None = None
    ahead: bool = False
    compares: bool = False
    letter: bool = False


class Features(NamedTuple):
    """The candidates' keys, a row of FEATURES for each, the WHOLE_FEATURES, and which candidates are no answer, however
    similar."""

    keys: list[str]
    rows: Floats
    whole: Floats
    vetoed: NDArray[np.bool_]


class Ranked(NamedTuple):
    """A candidate with its probability of being what was asked for, 0 to 1."""

    owner: Entry | Absence
    probability: float


class Ranking(NamedTuple):
    """Candidates best first; `nothing` is the probability that none of them is meant.

    From `threshold` on, entries are probable enough together for an answer. `covering` are those entries, best first,
    whose texts have every word of the question.
    """

    candidates: list[Ranked]
    nothing: float
    threshold: float
    covering: list[Entry]


class Reason(NamedTuple):
    """Why a candidate is as probable as it is: `vetoed` as another period's, basis' or comment's, or by its features,
    each with what the logarithm of the odds has more or less than with that feature of the first candidate."""

    owner: str
    probability: float
    vetoed: bool
    features: dict[str, float]


class Ranker:
    """Weighs what the matcher finds against what the question names; safe to share between threads."""

    def __init__(self, library: Library, matcher: Matcher[str], reader: Reader) -> None:
        self.matcher, self.reader = matcher, reader
        self._entries = library.entries
        self.owners: dict[str, Entry | Absence] = {**library.entries, **library.absences}
        letters = {key for key, document in library.documents.items() if "letter" in document.kind.lower()}
        facts = {key: _facts(entry, reader, library.terms, letters) for key, entry in library.entries.items()}
        facts |= {key: _lack(absence, reader, facts) for key, absence in library.absences.items()}
        self._facts = facts
        self._stated = {(entry.metric, entry.period) for entry in library.entries.values() if entry.metric}
        self._years = {entry.period[-4:] for entry in library.entries.values() if entry.period}
        self._weight = _word_weights(self._facts.values())
        self._heaviest = max(self._weight.values(), default=1.0)

    @cached_property
    def weights(self) -> Weights:
        """Read when first asked for: learning them anew needs none."""
        return read_weights()

    def rank(self, asked: Understanding, given: Set[str] = frozenset()) -> Ranking:
        """Candidates for the question with their probabilities, which add up to one with `nothing`.

        `given` are entries just answered with, which are hardly meant again.
        """
        (keys, rows, _, _), chances, order = self._weighed(asked, given)
        ranked = [Ranked(self.owners[keys[place]], float(chances[place])) for place in order]
        covering = (self.owners[keys[place]] for place in order if rows[place, COVERAGE] >= WHOLLY)
        nothing = round(1.0 - float(chances.sum()), DECIMALS)
        return Ranking(
            ranked, nothing, self.weights.threshold, [owner for owner in covering if isinstance(owner, Entry)]
        )

    def reasons(self, asked: Understanding) -> list[Reason]:
        """For each candidate, best first, what its features take from its odds or add to them beside the first."""
        (keys, rows, whole, vetoed), chances, order = self._weighed(asked, frozenset())
        reasons = []
        for place in order:
            swapped = np.where(np.eye(len(FEATURES), dtype=bool), rows[order[0]], rows[place])
            logits = self.weights.network.logits(np.vstack([rows[place], swapped]), whole).mean(axis=0)
            behind = dict(zip(FEATURES, map(float, logits[0] - logits[1:]), strict=True))
            reasons.append(Reason(keys[place], float(chances[place]), bool(vetoed[place]), behind))
        return reasons

    def _weighed(self, asked: Understanding, given: Set[str]) -> tuple[Features, Floats, list[int]]:
        """What there is to weigh, the candidates' probabilities, and their places, the most probable first."""
        features = self.features(asked)
        keys = features.keys
        chances = self.weights.network.probabilities(features.rows, features.whole, features.vetoed)
        again = np.array([key in given and not self._facts[key].comments for key in keys], dtype=bool)
        chances = _less(chances, again) if again.any() else chances
        return features, chances, sorted(range(len(keys)), key=lambda place: (-chances[place], keys[place]))

    def features(self, asked: Understanding) -> Features:
        """What there is to weigh for a question."""
        evidence = self.matcher.evidence(asked.text)
        top = np.argsort(-evidence.blend, kind="stable")[:CANDIDATES]
        keys = [self.matcher.keys[owner] for owner in evidence.owners[top]]
        asked_words = frozenset(words(asked.text))
        coverage = np.array([self._coverage(asked_words, self._facts[key].vocabulary) for key in keys])
        likeness = _likeness(evidence, top, coverage)
        slots = np.array([_slots(asked, self._facts[key]) for key in keys]).reshape(len(keys), -1)
        first = likeness[:, :4].max(axis=0) if keys else np.zeros(4)
        unknown = 1 - self._coverage(asked_words, self._weight.keys())
        foreign = {float(period[-4:]) for period in asked.periods if period[-4:] not in self._years}
        vetoed = np.array([_vetoed(asked, self._facts[key], foreign, self._stated) for key in keys], dtype=bool)
        answers, most = self._answers(asked, keys, vetoed)
        whole = [*first, unknown, coverage.max(initial=0.0), len(asked_words) <= 2, most]
        return Features(keys, np.hstack([likeness, answers, slots]), np.array(whole, dtype=float), vetoed)

    def _answers(self, asked: Understanding, keys: list[str], vetoed: NDArray[np.bool_]) -> tuple[Floats, float]:
        """The features `answers` and `answers_gap` of each candidate [keys, 2], and the most that one answers."""
        entries = np.array([not self._facts[key].absent for key in keys], dtype=bool)
        read = np.flatnonzero(entries & ~vetoed)[:READ]
        scores = reranker().scores(asked.text, [self._entries[keys[place]].in_full for place in read])
        most = max(scores, default=HOPELESS)
        answers = np.where(entries, min([HOPELESS, *scores]) - UNREAD, 0.0)
        answers[read] = scores
        return np.column_stack([answers, np.where(entries, answers - most, 0.0)]), most

    def _coverage(self, asked: frozenset[str], vocabulary: Set[str]) -> float:
        """How much of the question's weight in words is in `vocabulary`, 0 to 1."""
        total = sum(self._weight.get(word, self._heaviest) for word in asked)
        held = sum(self._weight.get(word, self._heaviest) for word in asked if word in vocabulary)
        return held / total if total else 0.0


class Weights(NamedTuple):
    """What the training command learned: `threshold` is the probability, 0 to 1, from which an entry is an answer."""

    network: Network
    threshold: float


def read_weights() -> Weights:
    """The weights in this package."""
    kept = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Weights(Network(*(np.array(kept[name]) for name in Network._fields)), kept["threshold"])


def write_weights(learned: Weights, false_answers: float) -> None:
    """Keep what was learned, with the share of false answers that the threshold was chosen for."""
    kept = {"threshold": learned.threshold, "false_answers": false_answers}
    kept |= {name: part.tolist() for name, part in learned.network._asdict().items()}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in kept.items())
    WEIGHTS.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def _less(chances: Floats, given: NDArray[np.bool_]) -> Floats:
    """Probabilities when what was `given` already counts for AGAIN of what it would; all with "none" add up to 1."""
    lowered = np.where(given, AGAIN * chances, chances)
    less: Floats = np.round(lowered / (1 - (chances - lowered).sum()), DECIMALS)
    return less


def _likeness(evidence: Evidence, top: NDArray[np.intp], coverage: Floats) -> Floats:
    columns = [column[top].astype(float) for column in (evidence.best, evidence.mean, evidence.gram, evidence.ridge)]
    gaps = [column - column.max(initial=0.0) for column in columns]
    leads = (columns[3] >= columns[3].max(initial=0.0)).astype(float)
    return np.column_stack([*columns, *gaps, leads, coverage, coverage - coverage.max(initial=0.0)])


def _slots(asked: Understanding, facts: Facts) -> list[float]:
    """The features from `period_same` on."""
    same_period = facts.period in asked.periods
    within = not same_period and any(_overlap(facts.period, period) for period in asked.periods)
    other = bool(asked.periods and facts.period and not same_period and not within and not asked.baselines)
    named = asked.terms - {"guidance"}
    never = facts.metric is not None and bool(named & facts.never)
    return [
        float(value)
        for value in (
            same_period,
            within,
            other and not facts.absent,
            bool(facts.period) and not asked.periods,
            bool(named & facts.terms),
            bool(named) and facts.metric is not None and not named & facts.terms,
            never,
            bool(asked.people & facts.people),
            bool(asked.people - facts.people) and not facts.absent,
            bool(asked.comments & facts.comments),
            bool(asked.comments) and not asked.comments & facts.comments and not facts.absent,
            bool(asked.pages & facts.pages),
            bool(asked.pages) and not asked.pages & facts.pages and not facts.absent,
            bool(asked.figures & facts.figures),
            bool(asked.figures - facts.figures) and not facts.absent,
            asked.outlook == "ahead" and facts.ahead,
            asked.outlook == "actual" and facts.ahead,
            asked.outcome and facts.ahead,
            asked.basis is not None and facts.basis is not None and asked.basis != facts.basis,
            asked.letter and not facts.letter and not facts.absent,
            asked.call and not asked.letter and facts.letter,
            facts.absent,
            *(value for sort in WANTS for value in _wanted(sort, asked, facts)),
        )
    ]


def _wanted(sort: str, asked: Understanding, facts: Facts) -> tuple[bool, bool]:
    """Whether a candidate gives this sort of thing, and whether it lacks it, when the question wants it."""
    wanted = sort in asked.wants and not facts.absent
    return wanted and sort in facts.gives, wanted and sort not in facts.gives


def _vetoed(asked: Understanding, facts: Facts, foreign: Set[float], stated: Set[tuple[str, str | None]]) -> bool:
    """Whether a candidate is no answer, however similar: a figure of another period or basis, a figure where a
    reason is wanted, another comment.

    `foreign` are years of which no entry is; only entries that name them can answer. `stated` are the metrics with
    the periods that entries give them for.
    """
    if facts.absent:
        return False
    if foreign - facts.figures:
        return True
    if asked.comments and not asked.comments & facts.comments:
        return True
    if asked.basis and facts.basis and asked.basis != facts.basis:
        return True
    if asked.pages and facts.pages and not asked.pages & facts.pages:
        return True
    _, lacks_reason = _wanted("reason", asked, facts)
    if lacks_reason and facts.metric:
        return True
    if not (facts.metric and facts.period and asked.periods) or facts.compares or asked.baselines:
        return False
    # A year's figure is none of its quarters'; a quarter's may be the year's, as cash at its end is, if the year has no
    # other.
    return not any(
        period == facts.period
        or (_overlap(facts.period, period) and facts.period[:2] != "FY" and (facts.metric, period) not in stated)
        for period in asked.periods
    )


def _overlap(one: str | None, other: str) -> bool:
    """Whether one period lies within the other, as a quarter does in its half and both in their year."""
    if one is None or one[-4:] != other[-4:] or one == other:
        return False
    parts = {one[:2], other[:2]}
    return "FY" in parts or parts in ({"H1", "Q1"}, {"H1", "Q2"}, {"H2", "Q3"}, {"H2", "Q4"})


def _facts(owner: Entry, reader: Reader, terms: dict[str, Term], letters: set[str]) -> Facts:
    texts = [owner.question, owner.answer, *owner.phrasings]
    excerpts = [citation.excerpt for citation in owner.citations]
    known = terms.get(owner.metric or "")
    return Facts(
        vocabulary=frozenset(word for text in (*texts, *excerpts) for word in words(text)),
        terms=reader.terms_in(f"{owner.metric or ''} ; {owner.question}"),
        period=owner.period,
        metric=owner.metric,
        never=frozenset(known.never if known else ()),
        people=reader.people_in(owner),
        comments=frozenset(citation.comment for citation in owner.citations if citation.comment),
        pages=frozenset(page.upper() for citation in owner.citations for page in citation.pages),
        figures=frozenset(figures(" ".join([owner.answer, *excerpts]))),
        gives=gives(owner.answer),
        basis=owner.basis,
        ahead=owner.statement in ("Guidance", "Target"),
        compares=owner.statement == "Derived" or bool(COMPARISON.search(owner.metric or "")),
        letter=any(citation.document in letters for citation in owner.citations),
    )


def _lack(absence: Absence, reader: Reader, entries: dict[str, Facts]) -> Facts:
    """What an absence is about: what it says itself, and its nearest entries, whose subject it shares."""
    texts = [absence.question, absence.answer, *absence.phrasings]
    nearest = [entries[key] for key in absence.nearest]
    return Facts(
        vocabulary=frozenset(word for text in texts for word in words(text)).union(
            *(near.vocabulary for near in nearest)
        ),
        terms=reader.terms_in(f"{absence.topic} ; {absence.question}").union(*(near.terms for near in nearest)),
        absent=True,
        period=nearest[0].period if nearest else None,
        people=frozenset[str]().union(*(near.people for near in nearest)),
        comments=frozenset[int]().union(*(near.comments for near in nearest)),
        pages=frozenset[str]().union(*(near.pages for near in nearest)),
        figures=frozenset[float]().union(*(near.figures for near in nearest)),
    )


def _word_weights(facts: Collection[Facts]) -> dict[str, float]:
    """The rarer a word among entries, the heavier: its inverse document frequency.

    Their number is rounded up to a power of two, so that one entry more changes no weight but those of its own words.
    """
    counts = Counter(word for fact in facts for word in fact.vocabulary)
    size = 1 << len(facts).bit_length()
    return {word: float(np.log(size / (1 + count)) + 0.1) for word, count in counts.items()}
