"""Why a question got its reply, in words a curator can act on."""

from __future__ import annotations

from collections.abc import Iterator

from knowledge.knowledge import Knowledge
from knowledge.ranking import Reason
from knowledge.reply import Question
from knowledge.understanding import Understanding

SHOWN = 6
"""Candidates."""
FEATURES_SHOWN = 4


def explain(knowledge: Knowledge, question: Question) -> str:
    """What was understood, the candidates with what speaks for and against each, and the verdict."""
    return "\n".join(_lines(knowledge, question))


def _lines(knowledge: Knowledge, question: Question) -> Iterator[str]:
    reply = knowledge.ask(question)
    for asked in knowledge.readings(question):
        yield f"Read as: {asked.text}"
        yield f"Understood: {_understood(asked)}"
        found = knowledge.metrics.find(asked)
        if found:
            periods = ", ".join(found.available) or "none"
            yield f"Asks for nothing but {found.metric}: decided by the entries' own fields (periods known: {periods})."
        else:
            yield from _candidates(knowledge, asked)
        yield ""
    shown = ", ".join([answer.entry for answer in reply.answers] + [choice.entry for choice in reply.choices])
    yield f"Reply: {reply.status}{f' ({shown})' if shown else ''}"


def _understood(asked: Understanding) -> str:
    slots = {
        "periods": asked.periods,
        "terms": sorted(asked.terms),
        "people": sorted(asked.people),
        "comments": sorted(asked.comments),
        "pages": sorted(asked.pages),
        "figures": sorted(asked.figures),
        "wants": sorted(asked.wants),
    }
    parts = [f"{name} {', '.join(map(str, found))}" for name, found in slots.items() if found]
    parts += [f"basis {asked.basis}"] if asked.basis else []
    parts += ["something ahead" if asked.outlook == "ahead" else "something reported"] if asked.outlook else []
    return "; ".join(parts) or "no period, metric, person, comment or figure"


def _candidates(knowledge: Knowledge, asked: Understanding) -> Iterator[str]:
    reasons = knowledge.ranker.reasons(asked)
    heard = sum(reason.probability for reason in reasons if reason.owner in knowledge.entries)
    nothing = 1 - sum(reason.probability for reason in reasons)
    needed = knowledge.ranker.weights.threshold
    yield f"An entry is meant with probability {heard:.2f} ({needed} is needed), nothing known with {nothing:.2f}."
    for reason in reasons[:SHOWN]:
        kind = "entry" if reason.owner in knowledge.entries else "absence"
        yield f"  {reason.probability:.2f}  {kind} {reason.owner}{_why(reason)}"


def _why(reason: Reason) -> str:
    if reason.vetoed:
        return ": ruled out, another period, basis, page or comment than asked for, or a figure where a reason is"
    worst = sorted(reason.features.items(), key=lambda item: item[1])[:FEATURES_SHOWN]
    told = ", ".join(f"{name} {value:+.1f}" for name, value in worst if value < -0.05)
    return f": behind the first by {told}" if told else ""
