"""Tunes the published weights to read a question and an answer together: `python -m knowledge.encoder.rerank FOLDER`.

A phrasing and its own entry's answer belong together; with the answers of the entries nearest to it, it does not, and
the phrasings of an absence belong to no answer. All matrices and vectors learn, and a head that weighs the first token
and the mean of all; towards the end as the model's file keeps them. FOLDER gets a folder `reranker`, beside those of
`tune`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from safetensors.torch import load_file, save_file

from knowledge.encoder import ANSWER_TOKENS, WIDTH, paired, read_tokenizer
from knowledge.encoder.build import HEAD, as_change
from knowledge.encoder.tune import (
    DROPOUT,
    SEED,
    Model,
    Transformer,
    learner,
    mistyped,
    published_file,
    rounded,
    told,
)
from knowledge.entry import Absence, Entry
from knowledge.errors import IrbotError
from knowledge.library import PACKAGED, Library, figures, read_library

STEPS = 8_000
"""Three hours on two processor cores."""
MATRIX_RATE, OTHER_RATE = 8e-5, 2.4e-4
SETTLED = 0.6
"""From this share of the steps on, the matrices are rounded as they will be kept."""
KNOWN, FOREIGN = 22, 14
"""So many phrasings of entries make a batch, each with its answer and another; and so many of absences, with one."""
NEAREST = 12
"""Wrong answers are drawn from so many nearest entries, the nearer the likelier."""
HARDNESS = 0.4, 0.7
"""How much likelier, for phrasings of entries and of absences."""
TYPING_ERRORS = 0.15
AFTER_ANOTHER = 0.15
"""How often a text comes behind the question of the wrong answer, as the second of two in a message does."""


class Phrasing(NamedTuple):
    """A text with the answer it asks for, if any, and the answers it may be taken to ask for, nearest first."""

    text: str
    answer: str | None
    wrong: list[str]


class CrossModel(Transformer):
    """The encoder, reading pairs."""

    def __init__(self, published: dict[str, torch.Tensor]) -> None:
        super().__init__(published)
        self._near = {name: self._weights[f"{name}.weight"] for name in self.matrices()}
        self.learned = {name: matrix.clone().requires_grad_() for name, matrix in self._near.items()}
        self._weights |= {f"{name}.weight": matrix for name, matrix in self.learned.items()}
        drawn = torch.Generator().manual_seed(SEED)
        self.head = torch.cat([torch.randn(2 * WIDTH, generator=drawn) / 50, torch.zeros(1)]).requires_grad_()
        self._pairs = read_tokenizer(ANSWER_TOKENS)

    @property
    def groups(self) -> list[dict[str, Any]]:
        """What is learned, each with its rate."""
        others = [*self.vectors_learned.values(), self.head]
        return [{"params": list(self.learned.values()), "lr": MATRIX_RATE}, {"params": others, "lr": OTHER_RATE}]

    def scores(self, pairs: Sequence[tuple[str, str]], dropout: float = 0.0) -> torch.Tensor:
        """The logarithm of the odds that each answer gives what its question asks for [pairs]."""
        read = [paired(self._pairs, question, answer) for question, answer in pairs]
        return self.pooled(read, dropout, lambda *states: torch.cat(states, 1) @ self.head[:-1] + self.head[-1])

    def settle(self) -> None:
        """Use the matrices as the model's file keeps them, and let them learn as if they were not rounded."""
        for name, matrix in self.learned.items():
            change = (matrix - self._near[name]).detach()
            self._weights[f"{name}.weight"] = matrix + (rounded(change.T, as_change).T - change)

    def whole_matrix(self, name: str) -> torch.Tensor:
        """A matrix [out, in] as it was learned."""
        return self.learned[name]


def phrasings(library: Library, encoder: Model) -> list[Phrasing]:
    """All phrasings, with their neighbours as `encoder` sees them."""
    entries = list(library.entries.values())
    means = torch.stack([_vectors(encoder, entry).mean(0) for entry in entries])
    found = []
    for owner in library.owners:
        texts = [owner.question, *owner.phrasings]
        near = (_vectors(encoder, owner) @ means.T).topk(NEAREST + 1, dim=1).indices.tolist()
        for text, places in zip(texts, near, strict=True):
            others = [entries[place] for place in places]
            if isinstance(owner, Entry):
                wrong = [other for other in others if other is not owner and not _holds(other, owner)]
                found.append(Phrasing(text, owner.in_full, [other.in_full for other in wrong or others[-3:]]))
            else:
                first = [library.entries[key] for key in owner.nearest[:2]]
                wrong = list(dict.fromkeys([other.in_full for other in (*first, *others[:5])]))
                found.append(Phrasing(text, None, wrong))
    return found


def _vectors(encoder: Model, owner: Entry | Absence) -> torch.Tensor:
    with torch.no_grad():
        return encoder.vectors([owner.question, *owner.phrasings])


def _holds(other: Entry, owner: Entry) -> bool:
    """Whether another entry gives the same figures, and so may well be as good an answer."""
    own = set(figures(owner.answer))
    return bool(own) and own <= set(figures(other.answer))


def draw_batch(
    known: Iterator[Phrasing], foreign: Iterator[Phrasing], chosen: random.Random
) -> list[tuple[str, str, bool]]:
    """Questions with answers, and whether these belong together."""
    batch = []
    for place in range(KNOWN + FOREIGN):
        phrasing, hardness = (next(known), HARDNESS[0]) if place < KNOWN else (next(foreign), HARDNESS[1])
        text = mistyped(phrasing.text, chosen) if chosen.random() < TYPING_ERRORS else phrasing.text
        wrong = phrasing.wrong[min(int(chosen.expovariate(hardness)), len(phrasing.wrong) - 1)]
        if chosen.random() < AFTER_ANOTHER:
            text = f"{wrong.partition('?')[0]}? {text}"
        if phrasing.answer:
            batch.append((text, phrasing.answer, True))
        batch.append((text, wrong, False))
    return batch


def rerank(model: CrossModel, found: Sequence[Phrasing], *, steps: int = STEPS) -> Iterator[tuple[int, int, float]]:
    """Let the model learn; yields after each step: its number, the number of all, and the loss."""
    torch.manual_seed(SEED)
    chosen = random.Random(SEED)
    known = _endless([phrasing for phrasing in found if phrasing.answer], chosen)
    foreign = _endless([phrasing for phrasing in found if not phrasing.answer], chosen)
    learn = learner(model.groups, steps)
    for step in range(steps):
        if step >= SETTLED * steps:
            model.settle()
        batch = draw_batch(known, foreign, chosen)
        with torch.autocast("cpu", torch.bfloat16):
            scores = model.scores([(text, answer) for text, answer, _ in batch], DROPOUT)
        loss = F.binary_cross_entropy_with_logits(scores, torch.tensor([float(right) for *_, right in batch]))
        learn(loss)
        yield step + 1, steps, loss.item()


def _endless(items: list[Phrasing], chosen: random.Random) -> Iterator[Phrasing]:
    while True:
        chosen.shuffle(items)
        yield from items


def main(target: Path) -> None:
    """Write the weights of the reranker into `target`."""
    model = CrossModel(load_file(published_file()))
    tuned = Model(load_file(target / "tuned" / "model.safetensors"))
    found = phrasings(read_library(PACKAGED), tuned)
    told(rerank(model, found))
    (target / "reranker").mkdir(parents=True, exist_ok=True)
    save_file(model.tuned() | {HEAD: model.head.detach()}, target / "reranker" / "model.safetensors")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except IrbotError as error:
        raise SystemExit(f"irbot: {error}") from None
