"""How fast a match is, and how it grows: the matcher beside a rapidfuzz scan, `ask` beside a bare full-text query.

Each size is measured in a process of its own (`python -m bot.bench`, started by `bench`), so that memory does not mix.
"""

from __future__ import annotations

import json
import os
import platform
import random
import re
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from knowledge import Knowledge, Matcher
from knowledge.encoder import Encoder, Vectors, minilm
from knowledge.evaluation import FOLDER, read_questions

SIZES = (10_000, 100_000)
ASKED = 200
"""So many of the tuning questions are asked, evenly spread over them."""
ENCODED = 100_000
"""Beyond so many phrasings their vectors are composed of their words'."""
PER_KEY = 10
WORDS = (5, 12)
SEED = 1
BATCH = 100
Items = list[tuple[str, list[str]]]


class Times(NamedTuple):
    """Milliseconds a question."""

    median: float
    p99: float


class Measured(NamedTuple):
    """What one size came to; `build` in seconds, `memory` the process's largest, in megabytes."""

    phrasings: int
    build: float
    memory: float
    match: Times
    scan: Times
    composed: bool = False


def bench(knowledge: Knowledge, sizes: Sequence[int], encoded: int = ENCODED) -> Iterator[str]:
    """The lines of the report, each as soon as it is known; `sizes` are of synthetic phrasings beside the library's."""
    matcher = knowledge.ranker.matcher
    owned: dict[str, list[str]] = {}
    for text, owner in zip(matcher.texts, matcher.owners, strict=True):
        owned.setdefault(matcher.keys[owner], []).append(text)
    asked = _asked()
    yield f"Python {platform.python_version()}, {os.cpu_count()} processors, {len(asked)} of the tuning questions"
    yield ""
    yield f"{'':>21}{'build':>9}{'memory':>9}{'match, ms':>18}{'token_set_ratio, ms':>22}{'match is':>11}"
    yield f"{'phrasings':>21}{'s':>9}{'MB':>9}{'median':>10}{'p99':>8}{'median':>14}{'p99':>8}{'faster':>11}"
    results = []
    for size in (None, *sizes):
        result = _measured_apart(list(owned.items()), asked, size, encoded)
        results.append(result)
        yield _line("library" if size is None else "synthetic", result)
    yield ""
    yield from _growth(results)
    if any(result.composed for result in results):
        yield f"Beyond {encoded:,} phrasings vectors are not encoded but composed: the mean of those of a text's words."
        yield "Build time is without encoding there, and questions, which are encoded, lie less close to phrasings."
    yield ""
    ask = _timed(knowledge.ask, asked)
    query = _timed(_full_text(matcher.texts), asked)
    yield f"Knowledge.ask: median {ask.median:.2f} ms, p99 {ask.p99:.2f} ms"
    yield f"SQLite full-text OR query over the same phrasings: median {query.median:.2f} ms, p99 {query.p99:.2f} ms"
    yield f"ask takes {ask.median / query.median:.1f} times as long"


def synthetic(texts: Iterable[str], size: int) -> Iterator[tuple[str, list[str]]]:
    """`size` phrasings made of the words of `texts`, always the same: a dozen words a key, of which each has some."""
    chosen = random.Random(SEED)
    pool = [word for text in texts for word in re.findall(r"[\w'&%.-]*\w", text)]
    least, most = WORDS
    for number in range(0, size, PER_KEY):
        words = chosen.choices(pool, k=most)
        count = min(PER_KEY, size - number)
        yield f"key-{number}", [" ".join(chosen.sample(words, chosen.randint(least, most))) for _ in range(count)]


class Composed:
    """Encodes words once, and composes the vectors of many texts from them; a text alone is encoded as it is."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._words: dict[str, Vectors] = {}

    @property
    def vocabulary(self) -> Sequence[str]:
        return self._encoder.vocabulary

    def encode(self, texts: Sequence[str]) -> Vectors:
        if len(texts) < BATCH:
            return self._encoder.encode(texts)
        new = sorted({word for text in texts for word in text.split()} - self._words.keys())
        self._words.update(zip(new, self._encoder.encode(new), strict=True))
        sums = np.array([sum(self._words[word] for word in text.split()) for text in texts], dtype=np.float32)
        vectors: Vectors = sums / np.float32(np.linalg.norm(sums, axis=1, keepdims=True))
        return vectors


def measure(items: Items, asked: Sequence[str], size: int | None, encoded: int) -> Measured:
    """Build a matcher and time it in this process; `size` synthetic phrasings, or None for `items` themselves."""
    composed = size is not None and size > encoded
    encoder = Composed(minilm()) if composed else minilm()
    start = perf_counter()
    if size is None:
        matcher = Matcher(items, encoder)
    else:
        matcher = Matcher(synthetic([text for _, texts in items for text in texts], size), encoder)
    build = perf_counter() - start
    match = _timed(matcher.query, asked)
    memory = _peak_memory()
    scan = _timed(lambda text: process.extractOne(text, matcher.texts, scorer=fuzz.token_set_ratio), asked)
    return Measured(len(matcher.texts), build, memory, match, scan, composed)


def _measured_apart(items: Items, asked: list[str], size: int | None, encoded: int) -> Measured:
    given = json.dumps({"items": items, "asked": asked, "size": size, "encoded": encoded})
    done = subprocess.run(
        [sys.executable, "-m", "bot.bench"], input=given, stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    result = json.loads(done.stdout)
    return Measured(**result | {"match": Times(*result["match"]), "scan": Times(*result["scan"])})


def _asked() -> list[str]:
    questions = [question.q for question in read_questions(FOLDER / "tuning.jsonl")]
    places = np.linspace(0, len(questions) - 1, min(ASKED, len(questions))).astype(int)
    return [questions[place] for place in places]


def _timed(ask: Callable[[str], object], asked: Sequence[str]) -> Times:
    for text in asked[:5]:
        ask(text)
    times = []
    for text in asked:
        start = perf_counter()
        ask(text)
        times.append(1_000 * (perf_counter() - start))
    return Times(float(np.median(times)), float(np.quantile(times, 0.99)))


def _full_text(texts: Iterable[str]) -> Callable[[str], object]:
    """A function that finds the best of `texts` by any of a question's words."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table phrasings using fts5(text, tokenize = 'porter unicode61')")
    database.executemany("insert into phrasings values (?)", ((text,) for text in texts))

    def best(question: str) -> object:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question)) or '""'
        found = "select rowid from phrasings where phrasings match ? order by rank limit 1"
        return database.execute(found, (words,)).fetchone()

    return best


def _peak_memory() -> float:
    """The most memory this process has held, in megabytes."""
    status = Path("/proc/self/status")  # getrusage counts what the starting process held, too
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) / 1_024
    unit = 1_024**2 if sys.platform == "darwin" else 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _line(name: str, result: Measured) -> str:
    match, scan = result.match, result.scan
    return (
        f"{name:<10}{result.phrasings:>11,}{result.build:>9.1f}{result.memory:>9,.0f}{match.median:>10.2f}"
        f"{match.p99:>8.2f}{scan.median:>14.2f}{scan.p99:>8.2f}{scan.median / match.median:>9.1f} x"
    )


def _growth(results: Sequence[Measured]) -> Iterator[str]:
    for smaller, larger in pairwise(results):
        if larger.phrasings > smaller.phrasings:
            growth = larger.match.p99 / smaller.match.p99
            yield f"From {smaller.phrasings:,} to {larger.phrasings:,} phrasings p99 grows {growth:.1f}-fold."


if __name__ == "__main__":
    print(json.dumps(measure(**json.load(sys.stdin))._asdict()))
