"""Learns how to weigh the ranker's features: `python -m knowledge.training` writes `weights.json`.

It learns from the labelled questions for tuning, each with the entries that hold what a right answer must. The
library's own phrasings are no examples: the encoder was tuned on them, and finds them more alike than new questions.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Example
from knowledge.entry import Absence, Entry
from knowledge.evaluation import DECLINED, FOLDER, LabelledQuestion, read_questions, stands
from knowledge.knowledge import Knowledge
from knowledge.network import Network
from knowledge.ranking import Weights, write_weights

FALSE_ANSWERS = 0.04
"""The share of false answers, of all replies, that the threshold is chosen for."""
ANSWERABLE = 0.7
"""The share of people's questions that have an answer; of the tuning questions it is less."""
THRESHOLDS = tuple(round(0.3 + 0.01 * step, 2) for step in range(66))
SINGLE = ("answerable", "unanswerable")
NONE = -1
"""The outcome "none of the candidates"."""


class Labelled(NamedTuple):
    """A question's features, which candidates are right (NONE where nothing is), and which are entries or ruled out."""

    example: Example
    entries: NDArray[np.bool_]
    vetoed: NDArray[np.bool_]


def learn(knowledge: Knowledge, questions: Iterable[LabelledQuestion]) -> Weights:
    """Weights under which questions find an entry that holds what they must, and the threshold for FALSE_ANSWERS."""
    labelled = [_labelled(knowledge, question) for question in questions if question.kind in SINGLE]
    network = Network.learned([item.example for item in labelled])
    kept = [step for step in THRESHOLDS if _false_answers(labelled, network, step) <= FALSE_ANSWERS]
    return Weights(network, min(kept, default=THRESHOLDS[-1]))


def _labelled(knowledge: Knowledge, question: LabelledQuestion) -> Labelled:
    asked = knowledge.read(question.q)
    keys, rows, whole, vetoed = knowledge.ranker.features(asked)
    owners = [knowledge.ranker.owners[key] for key in keys]
    right = [place for place, owner in enumerate(owners) if _fits(owner, question)]
    right += [NONE] if question.kind == "unanswerable" else []
    return Labelled(
        (rows, whole, np.array(right, dtype=np.intp)),
        np.array([isinstance(owner, Entry) for owner in owners], dtype=bool),
        vetoed,
    )


def _fits(owner: Entry | Absence, question: LabelledQuestion) -> bool:
    if question.kind == "unanswerable":
        return isinstance(owner, Absence) or owner.statement == DECLINED
    if isinstance(owner, Absence):
        return False
    text = " ".join([owner.answer, *(citation.excerpt for citation in owner.citations)])
    return stands(question.must, text) and not any(stands(((claim,),), owner.answer) for claim in question.must_not)


def _false_answers(labelled: list[Labelled], network: Network, threshold: float) -> float:
    """The share of replies that answer with an entry that is not right, as networks reply that have not seen them."""
    false: dict[bool, list[bool]] = {True: [], False: []}
    for place, ((rows, whole, right), entries, vetoed) in enumerate(labelled):
        chances = network.without(place).probabilities(rows, whole, vetoed) * entries
        answered = bool(chances.sum() >= threshold)
        false[NONE not in right].append(answered and int(chances.argmax()) not in right)
    return ANSWERABLE * float(np.mean(false[True])) + (1 - ANSWERABLE) * float(np.mean(false[False]))


if __name__ == "__main__":
    learned = learn(Knowledge.load(), read_questions(FOLDER / "tuning.jsonl"))
    write_weights(learned, FALSE_ANSWERS)
    sys.stdout.write(f"weights.json is written; an answer needs a probability of {learned.threshold}\n")
