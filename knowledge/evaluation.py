"""Labelled questions and how well replies do on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.entry import Statement
from knowledge.errors import IrbotError
from knowledge.reply import Question, Reply

FOLDER = Path(__file__).parent / "questions"
TEST = FOLDER / "test.jsonl"
MEASURE = FOLDER / "measure.json"
"""The figures of the test part below which nothing may fall."""
TOLERANCE = 0.005
Kind = Literal["answerable", "ambiguous", "multi", "followup", "unanswerable"]
Outcome = Literal["right", "wrong", "missed"]
BINS = 5
DECLINED: Statement = "Declined"


class LabelledQuestion(BaseModel):
    """A question with what a right reply must hold: of every group in `must`, one alternative.

    `must_not` is what the first answer must not claim. Unanswerable questions have neither.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: str
    kind: Kind
    id: str = ""
    history: tuple[str, ...] = ()
    must: tuple[tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()


class Judged(NamedTuple):
    question: LabelledQuestion
    reply: Reply
    outcome: Outcome


class QuestionsError(IrbotError):
    """A file of labelled questions is missing or wrong."""


def read_questions(file: Path) -> list[LabelledQuestion]:
    """The labelled questions of a JSON lines file; raises QuestionsError naming file and line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{file}: cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error
    questions = []
    for number, line in enumerate(lines, 1):
        try:
            questions.append(LabelledQuestion.model_validate(json.loads(line)))
        except (json.JSONDecodeError, ValidationError) as error:
            problem = error.errors()[0] if isinstance(error, ValidationError) else None
            where = ".".join(map(str, problem["loc"])) if problem else "the line"
            raise QuestionsError(f"{file}:{number}: {where}: no labelled question") from error
    return questions


def judge(question: LabelledQuestion, reply: Reply) -> Outcome:
    """Whether a reply is right, claims something wrong, or misses what it should have answered."""
    answered = reply.status == "answered"
    if question.kind == "unanswerable":
        return "wrong" if answered and any(DECLINED not in answer.labels for answer in reply.answers) else "right"
    if question.kind == "ambiguous" and reply.status == "ambiguous":
        return "right"
    headline = reply.answers[0].answer if reply.answers else ""
    holds = stands(question.must, reply.text)
    claims = any(stands(((claim,),), headline) for claim in question.must_not)
    if answered:
        return "right" if holds and not claims else "wrong"
    return "missed"


def stands(must: tuple[tuple[str, ...], ...], text: str) -> bool:
    """Whether `text` holds an alternative of every group, whatever the case."""
    plain = _plain(text)
    return all(any(_plain(alternative) in plain for alternative in group) for group in must)


def evaluate(ask: Callable[[Question], Reply], questions: Iterable[LabelledQuestion]) -> list[Judged]:
    """Every question asked and judged."""
    judged = []
    for question in questions:
        reply = ask(Question(text=question.q, history=question.history))
        judged.append(Judged(question, reply, judge(question, reply)))
    return judged


class Score(NamedTuple):
    """Shares from 0 to 1. `answered_right` is of the questions that have an answer, `held` of those that have none,
    `wrong` (the false-answer rate) of all replies, `precision` of the replies that answer."""

    questions: int
    answered_right: float
    held: float
    wrong: float
    precision: float


def score(judged: list[Judged]) -> Score:
    """The figures that matter, over any mix of kinds."""
    answerable = [item for item in judged if item.question.kind != "unanswerable"]
    unanswerable = [item for item in judged if item.question.kind == "unanswerable"]
    answered = [item for item in judged if item.reply.status == "answered"]
    return Score(
        questions=len(judged),
        answered_right=_share(answerable, "right"),
        held=_share(unanswerable, "right"),
        wrong=_share(judged, "wrong"),
        precision=1 - _share(answered, "wrong"),
    )


def worse(now: Score) -> list[str]:
    """Which figures of the test part have got worse than those kept, a line each."""
    kept = Score(**json.loads(MEASURE.read_text(encoding="utf-8")))
    fallen = [
        name for name in ("answered_right", "held", "precision") if getattr(now, name) < getattr(kept, name) - TOLERANCE
    ]
    risen = ["wrong"] if now.wrong > kept.wrong + TOLERANCE else []
    return [f"{name} was {getattr(kept, name):.3f} and is {getattr(now, name):.3f}" for name in (*fallen, *risen)]


def keep_score(now: Score) -> None:
    """Keep the figures of the test part as the measure of later ones."""
    MEASURE.write_text(json.dumps(now._asdict(), indent=1) + "\n", encoding="utf-8")


def report(judged: list[Judged]) -> str:
    """The figures by kind, the calibration, and every miss with what was replied."""
    lines = [f"{'kind':14}{'questions':>10}{'right':>8}{'wrong':>8}{'missed':>8}"]
    for kind in dict.fromkeys(item.question.kind for item in judged):
        members = [item for item in judged if item.question.kind == kind]
        shares = "".join(f"{_share(members, outcome):8.1%}" for outcome in ("right", "wrong", "missed"))
        lines.append(f"{kind:14}{len(members):10}{shares}")
    total = score(judged)
    lines += [
        "",
        f"answerable right (recall) {total.answered_right:.1%}, unanswerable held {total.held:.1%}, "
        f"wrong answers of all replies {total.wrong:.1%}, precision of answers {total.precision:.1%}",
        "confidence and share right: "
        + "; ".join(f"{mean:.2f} {right:.2f} ({count})" for mean, right, count in calibration(judged)),
        "",
    ]
    for question, reply, outcome in judged:
        if outcome != "right":
            shown = ", ".join([a.entry for a in reply.answers] + [c.entry for c in reply.choices])
            asked = " / ".join([*question.history, question.q])
            lines.append(f"{outcome} {question.kind} {question.id}: {asked} -> {reply.status} {shown}".rstrip())
    return "\n".join(lines)


def calibration(judged: list[Judged]) -> list[tuple[float, float, int]]:
    """For each fifth of the confidence scale with answers: mean confidence, share right, how many."""
    rows = []
    answered = [(item.reply.answers[0].confidence, item.outcome == "right") for item in judged if item.reply.answers]
    for number in range(BINS):
        members = [pair for pair in answered if min(int(pair[0] * BINS), BINS - 1) == number]
        if members:
            mean = sum(confidence for confidence, _ in members) / len(members)
            rows.append((mean, sum(right for _, right in members) / len(members), len(members)))
    return rows


def _share(items: list[Judged], outcome: Outcome) -> float:
    return sum(item.outcome == outcome for item in items) / len(items) if items else 1.0


def _plain(text: str) -> str:
    return text.lower().replace("’", "'").replace("–", "-").replace("\\$", "$")
