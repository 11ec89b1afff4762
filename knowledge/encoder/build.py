"""Makes `model.onnx` and `model.json`: `python -m knowledge.encoder.build FOLDER`, as `tune` and `rerank` left it.

The model is the published all-MiniLM-L6-v2, and beside it what two kinds of tuning changed. Of the tuning for vectors,
which is kept in a few columns a matrix, an input tells how much is added: one file encodes the library's texts and any
other texts. The reranker, which weighs pairs of a question and an answer, has matrices of its own, kept as their small
distance from the published ones.

The graph is written node by node, so that nobody's model code is needed. Integers of a few bits, with a scale a row or
a column, are packed into bytes and unpacked by the graph, those of matrices once, when the file is read; activations
become bytes with a scale a token. Matrices are multiplied with in seven bits, because sums of products of full bytes
overflow on processors without VNNI; so all get the same integers.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from knowledge.encoder import FOLDER, MOST_TOKENS, WIDTH

LAYERS, HEADS = 6, 12
HEAD_WIDTH = WIDTH // HEADS
BYTE, ZERO_POINT = 127, 128
WORD_BITS, MATRIX_BITS, CHANGE_BITS = 6, 7, 4
"""What words, published matrices and the reranker's distance from them are kept in; with more, the file would be larger
than 25 MB."""
BYTE_BITS = 8
PLANES = 4, 2, 1
"""Integers are packed in planes of so many bits."""
CUT = 2.7
"""Of a distance that is kept in few bits, what is more than so many standard deviations is cut."""
QUERY = "query"
EPSILON = 1e-12
OPSET, IR_VERSION = 20, 10
RANK = 24
"""The columns that hold what the tuning for vectors changes in a matrix."""
SOURCE = "all-MiniLM-L6-v2, and what tuning on the library's phrasings changed"
FOLDERS = ("published", "tuned", "reranker")
HEAD = "head.weight"
"""Of the reranker, [2 WIDTH + 1]: what the first token, the mean of all and one count for."""
LICENSE = "Apache-2.0"

Attribute: TypeAlias = float | list[int] | onnx.GraphProto
Floats = NDArray[np.floating[Any]]
Weights = dict[str, NDArray[np.float32]]


class Graph:
    """Collects nodes and constants under generated names; a value is known by the name of the node's output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._names = itertools.count()

    def constant(self, value: ArrayLike) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def numbers(self, value: Floats) -> str:
        """Numbers that are kept in half precision."""
        return self.add("Cast", self.constant(value.astype(np.float16)), to=TensorProto.FLOAT)

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))

    def add(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """A node with one output."""
        [name] = self.add_many(operator, *inputs, outputs=1, **attributes)
        return name

    def add_many(self, operator: str, *inputs: str, outputs: int, **attributes: Attribute) -> list[str]:
        """A node with several outputs."""
        names = [f"n{next(self._names)}" for _ in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names

    def branch(self, name: str, make: Callable[[], str]) -> onnx.GraphProto:
        """The nodes that `make` adds, apart from the others, with what it returns [any] as their output."""
        outer, self.nodes = self.nodes, []
        found = make()
        inner, self.nodes = self.nodes, outer
        return helper.make_graph(inner, name, [], [helper.make_tensor_value_info(found, TensorProto.FLOAT, [None])])

    def packed(self, integers: NDArray[np.int8], bits: int) -> list[str]:
        """Integers [rows, columns] of so many bits each, in planes of bytes."""
        whole = (integers.astype(np.int16) + (1 << bits - 1)).astype(np.uint8)
        planes = []
        for width, low in _planes(bits):
            blocks = np.split(whole >> low & (1 << width) - 1, BYTE_BITS // width, axis=1)
            shifted = [block << place * width for place, block in enumerate(blocks)]
            planes.append(self.constant(np.bitwise_or.reduce(np.array(shifted, dtype=np.uint8))))
        return planes

    def unpacked(self, planes: list[str], bits: int) -> str:
        """What was packed, or some of its rows, as numbers [rows, columns]."""
        whole = ""
        for (width, low), plane in zip(_planes(bits), planes, strict=True):
            mask = self.constant(np.uint8((1 << width) - 1))
            blocks = [
                self.add("BitwiseAnd", self._shifted(plane, -place * width), mask)
                for place in range(BYTE_BITS // width)
            ]
            piece = self._shifted(self.add("Concat", *blocks, axis=1), low)
            whole = self.add("BitwiseOr", whole, piece) if whole else piece
        numbers = self.add("Cast", whole, to=TensorProto.FLOAT)
        return self.add("Sub", numbers, self.constant(np.float32(1 << bits - 1)))

    def _shifted(self, value: str, left: int) -> str:
        direction = "LEFT" if left > 0 else "RIGHT"
        return self.add("BitShift", value, self.constant(np.uint8(abs(left))), direction=direction)

    def product(self, x: str, matrix: str, scale: str) -> str:
        """x [tokens, in] by a matrix of integers [in, out] with a scale a column, in integers: [tokens, out]."""
        largest = self.add("ReduceMax", self.add("Abs", x), self.integers(1), keepdims=1)
        x_scale = self.add("Div", largest, self.constant(np.float32(BYTE)))
        rounded = self.add("Round", self.add("Div", x, x_scale))
        shifted = self.add("Add", rounded, self.constant(np.float32(ZERO_POINT)))
        product = self.add(
            "MatMulInteger",
            self.add("Cast", shifted, to=TensorProto.UINT8),
            self.add("Cast", matrix, to=TensorProto.INT8),
            self.constant(np.uint8(ZERO_POINT)),
        )
        product = self.add("Mul", self.add("Cast", product, to=TensorProto.FLOAT), x_scale)
        return self.add("Mul", product, scale)


Matrices = dict[str, tuple[str, str]]
"""The published matrices: integers, and a scale a column."""


class Encoding:
    """The published model with as much of the tuning for vectors as the input `tuning` says."""

    def __init__(self, graph: Graph, matrices: Matrices, published: Weights, tuned: Weights) -> None:
        self.graph, self._matrices, self._published, self._tuned = graph, matrices, published, tuned

    def linear(self, x: str, name: str) -> str:
        """x [tokens, in] by a matrix [in, out] plus a bias: [tokens, out]."""
        graph = self.graph
        product = graph.add("Add", graph.product(x, *self._matrices[name]), self.vector(f"{name}.bias"))
        narrow, wide = _low_rank(self._tuned[f"{name}.weight"] - self._published[f"{name}.weight"])
        into, into_scale = in_rows(narrow.T, BYTE_BITS)
        out, out_scale = in_rows(wide, BYTE_BITS)
        scaled = graph.add("Mul", graph.add("MatMul", x, self._whole(into.T)), self._wanted(into_scale * out_scale))
        return graph.add("Add", product, graph.add("MatMul", scaled, self._whole(out)))

    def vector(self, name: str) -> str:
        """A bias, or a vector of a layer's normalisation."""
        change = self.graph.numbers(self._tuned[name] - self._published[name])
        return self.graph.add("Add", self.graph.numbers(self._published[name]), self.graph.add("Mul", change, "tuning"))

    def _wanted(self, scale: Floats) -> str:
        return self.graph.add("Mul", self.graph.constant(scale.T), "tuning")

    def _whole(self, matrix: NDArray[np.int8]) -> str:
        return self.graph.add("Cast", self.graph.constant(matrix), to=TensorProto.FLOAT)


class Reranking:
    """The reranker, whose matrices are kept as their distance from the published ones."""

    def __init__(self, graph: Graph, matrices: Matrices, published: Weights, own: Weights) -> None:
        self.graph, self._matrices, self._published, self._own = graph, matrices, published, own

    def linear(self, x: str, name: str) -> str:
        """x [tokens, in] by a matrix [in, out] plus a bias: [tokens, out]."""
        graph = self.graph
        near, near_scale = in_bits(self._published[f"{name}.weight"], MATRIX_BITS)
        change, scale = as_change(self._own[f"{name}.weight"] - near * near_scale)
        matrix = graph.add(
            "Add",
            graph.add("Mul", *self._matrices[name]),
            graph.add("Mul", graph.unpacked(graph.packed(change, CHANGE_BITS), CHANGE_BITS), graph.constant(scale)),
        )
        largest = graph.add("ReduceMax", graph.add("Abs", matrix), graph.integers(0), keepdims=0)
        columns = graph.add("Div", largest, graph.constant(np.float32(most(MATRIX_BITS))))
        product = graph.product(x, graph.add("Round", graph.add("Div", matrix, columns)), columns)
        return graph.add("Add", product, self.vector(f"{name}.bias"))

    def vector(self, name: str) -> str:
        """A bias, or a vector of a layer's normalisation."""
        return self.graph.numbers(self._own[name])


def _planes(bits: int) -> list[tuple[int, int]]:
    """The planes that integers of so many bits fall into: the bits in each, and those below it."""
    found: list[tuple[int, int]] = []
    for width in PLANES:
        low = sum(taken for taken, _ in found)
        if low + width <= bits:
            found.append((width, low))
    return found


def _low_rank(matrix: Floats) -> tuple[Floats, Floats]:
    """Two matrices [in, RANK] and [RANK, out] whose product is nearest to `matrix` [in, out]."""
    left, sizes, right = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    return left[:, :RANK] * sizes[:RANK], right[:RANK]


def most(bits: int) -> int:
    """The largest integer of so many bits, one of which is the sign."""
    return (1 << bits - 1) - 1


def in_bits(matrix: Floats, bits: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix [in, out] as integers, and what each of its columns was divided by [out]."""
    return _in_steps(matrix, np.abs(matrix).max(axis=0) / most(bits), bits)


def in_rows(table: Floats, bits: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A table [rows, columns] as integers, and what each of its rows was divided by [rows, 1]."""
    integers, scale = in_bits(table.T, bits)
    return integers.T, scale[:, None]


def as_change(matrix: Floats) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix's distance from another [in, out] as integers, the largest cut, and each column's divisor [out]."""
    spread = np.sqrt((matrix.astype(np.float64) ** 2).mean(axis=0))
    return _in_steps(matrix, CUT * spread / most(CHANGE_BITS), CHANGE_BITS)


def _in_steps(matrix: Floats, step: Floats, bits: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    scale = np.maximum(step, EPSILON).astype(np.float32)
    return np.clip(np.round(matrix / scale), -most(bits), most(bits)).astype(np.int8), scale


def _is_matrix(name: str, value: Floats) -> bool:
    return ".layer." in name and value.ndim == 2


def joined(weights: Weights) -> Weights:
    """Weights with each matrix as [in, out], and query, key and value as one, the query already scaled."""
    found = {name: value.T if _is_matrix(name, value) else value for name, value in weights.items()}
    for name in [name for name in weights if f"{QUERY}." in name]:
        parts = [found.pop(name.replace(QUERY, part)) for part in (QUERY, "key", "value")]
        found[name.replace(f".{QUERY}", "")] = np.concatenate([parts[0] / np.sqrt(HEAD_WIDTH), *parts[1:]], axis=-1)
    return {name: value.astype(np.float32) for name, value in found.items()}


def build(published: Weights, tuned: Weights, reranker: Weights) -> onnx.ModelProto:
    """The model. In: token ids [tokens], the text that each is of, 0 or 1 [tokens], how much of the tuning for vectors,
    0 to 1 [1], and whether two texts are read as a pair []. Out: the unit vector of the text [WIDTH], or the score of
    the pair [1]."""
    graph = Graph()
    words = _embedded(graph, published)
    published, tuned, own = joined(published), joined(tuned), joined(reranker)
    matrices: Matrices = {}
    for name in [name.removesuffix(".weight") for name, value in published.items() if _is_matrix(name, value)]:
        integers, scale = in_bits(published[f"{name}.weight"], MATRIX_BITS)
        matrices[name] = graph.unpacked(graph.packed(integers, MATRIX_BITS), MATRIX_BITS), graph.constant(scale)

    def vector() -> str:
        x = _layers(Encoding(graph, matrices, published, tuned), words)
        return graph.add("LpNormalization", graph.add("ReduceMean", x, graph.integers(0), keepdims=0), axis=0, p=2)

    def score() -> str:
        x = _layers(Reranking(graph, matrices, published, own), words)
        first = graph.add("Gather", x, graph.integers(0), axis=0)
        mean = graph.add("ReduceMean", x, graph.integers(0), keepdims=1)
        read = graph.add("Concat", first, mean, graph.constant(np.ones((1, 1), dtype=np.float32)), axis=1)
        return graph.add("MatMul", read, graph.constant(own[HEAD]))

    branches = {"then_branch": graph.branch("pair", score), "else_branch": graph.branch("text", vector)}
    found = graph.add("If", "pair", **branches)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "minilm",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"]),
                helper.make_tensor_value_info("kinds", TensorProto.INT64, ["tokens"]),
                helper.make_tensor_value_info("tuning", TensorProto.FLOAT, [1]),
                helper.make_tensor_value_info("pair", TensorProto.BOOL, []),
            ],
            [helper.make_tensor_value_info(found, TensorProto.FLOAT, [None])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


def _embedded(graph: Graph, published: Weights) -> str:
    """Words, their positions and the text that they are of; no tuning changes these tables: [tokens, WIDTH]."""
    integers, scale = in_rows(published["embeddings.word_embeddings.weight"], WORD_BITS)
    rows = [graph.add("Gather", plane, "ids") for plane in graph.packed(integers, WORD_BITS)]
    words = graph.add("Mul", graph.unpacked(rows, WORD_BITS), graph.add("Gather", graph.numbers(scale), "ids"))
    known = graph.numbers(published["embeddings.position_embeddings.weight"][:MOST_TOKENS])
    places = graph.add("Slice", known, graph.integers(0), graph.add("Shape", "ids"), graph.integers(0))
    kinds = graph.add("Gather", graph.constant(published["embeddings.token_type_embeddings.weight"]), "kinds")
    return graph.add("Add", words, graph.add("Add", places, kinds))


def _layers(part: Encoding | Reranking, words: str) -> str:
    """The transformer's layers: [tokens, WIDTH] as before."""
    x, graph = _norm(part, words, "embeddings"), part.graph
    for number in range(LAYERS):
        prefix = f"encoder.layer.{number}."
        attended = part.linear(_attention(part, x, f"{prefix}attention.self"), f"{prefix}attention.output.dense")
        x = _norm(part, graph.add("Add", attended, x), f"{prefix}attention.output")
        thought = graph.add("Gelu", part.linear(x, f"{prefix}intermediate.dense"))
        x = _norm(part, graph.add("Add", part.linear(thought, f"{prefix}output.dense"), x), f"{prefix}output")
    return x


def _norm(part: Encoding | Reranking, x: str, prefix: str) -> str:
    """Layer normalisation: [tokens, WIDTH] as before."""
    scale, bias = (part.vector(f"{prefix}.LayerNorm.{kind}") for kind in ("weight", "bias"))
    return part.graph.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)


def _attention(part: Encoding | Reranking, x: str, name: str) -> str:
    """What each token takes from the others, in all heads: [tokens, WIDTH]."""
    graph = part.graph
    split = graph.add("Reshape", part.linear(x, name), graph.integers(-1, 3, HEADS, HEAD_WIDTH))
    split = graph.add("Transpose", split, perm=[1, 2, 0, 3])  # [3, HEADS, tokens, HEAD_WIDTH]
    query, key, value = graph.add_many("Split", split, graph.integers(1, 1, 1), outputs=3, axis=0)
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    taken = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value)
    return graph.add("Reshape", graph.add("Transpose", taken, perm=[0, 2, 1, 3]), graph.integers(-1, WIDTH))


def write(source: Path, target: Path) -> None:
    """Write `model.onnx` and `model.json` into `target`, from the `model.safetensors` of the folders in `source`."""
    files = {name: source / name / "model.safetensors" for name in FOLDERS}
    published, tuned, reranker = map(load_file, files.values())
    kept = {name: published[name] for name in tuned}
    model = build(kept, tuned, reranker).SerializeToString(deterministic=True)
    card = {
        "sha256": hashlib.sha256(model).hexdigest(),
        **{name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()},
        "source": SOURCE,
        "license": LICENSE,
    }
    (target / "model.onnx").write_bytes(model)
    (target / "model.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), FOLDER)
