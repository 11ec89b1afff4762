"""Makes `model.onnx` and `model.json`: `python -m knowledge.encoder.build FOLDER`, as `tune` and `rerank` left it.

The model is the published all-MiniLM-L6-v2, and beside it, in a few columns a matrix, what two kinds of tuning changed:
how much of each is added is an input, so that one file encodes the library's texts, encodes any other texts, and weighs
pairs of a question and an answer.

The graph is written node by node, so that nobody's model code is needed. Embeddings are kept as bytes with a scale a
row, the other matrices as integers of 7 bits with a scale a column, and activations become bytes with a scale a token.
Seven bits, because sums of products of full bytes overflow on processors without VNNI; so all get the same integers.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from knowledge.encoder import FOLDER, MOST_TOKENS, WIDTH

LAYERS, HEADS = 6, 12
HEAD_WIDTH = WIDTH // HEADS
BYTE, SEVEN_BITS, ZERO_POINT = 127, 63, 128
EPSILON = 1e-12
OPSET, IR_VERSION = 20, 10
RANK = 24
"""The columns that hold what one tuning changes in a matrix; with more, the file would be larger than 25 MB."""
SOURCE = "all-MiniLM-L6-v2, and what tuning on the library's phrasings changed"
TUNINGS = ("tuned", "reranker")
"""In the order of the model's input `tuning`."""
HEAD = "head.weight"
"""Of the reranker, [2 WIDTH + 1]: what the first token, the mean of all and one count for."""
LICENSE = "Apache-2.0"

Floats = NDArray[np.floating[Any]]
Weights = dict[str, NDArray[np.float32]]


class Parameter(NamedTuple):
    """A parameter as published, and what each tuning changed in it."""

    published: Floats
    changes: list[Floats]


Parameters = dict[str, Parameter]


class Graph:
    """Collects nodes and constants under generated names; a value is known by the name of the node's output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._wanted = ""

    def constant(self, value: ArrayLike) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, dtype=np.int64))

    def add(self, operator: str, *inputs: str, **attributes: float | list[int]) -> str:
        """A node with one output."""
        [name] = self.add_many(operator, *inputs, outputs=1, **attributes)
        return name

    def add_many(self, operator: str, *inputs: str, outputs: int, **attributes: float | list[int]) -> list[str]:
        """A node with several outputs."""
        names = [f"n{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names

    def tuned(self, parameter: Parameter) -> str:
        """A vector with as much of its changes as wanted."""
        kept = self.constant(np.stack(parameter.changes).astype(np.float16))
        change = self.add("MatMul", "tuning", self.add("Cast", kept, to=TensorProto.FLOAT))
        return self.add("Add", self.constant(parameter.published.astype(np.float32)), change)

    def linear(self, x: str, weight: Parameter, bias: Parameter) -> str:
        """x [tokens, in] by weight [out, in] plus bias [out]: [tokens, out]."""
        product = self.add("Add", self.product(x, weight.published), self.tuned(bias))
        factors = [_low_rank(change.T) for change in weight.changes]
        into, into_scale = in_bytes(np.concatenate([factor for factor, _ in factors], axis=1).T)
        out, out_scale = in_bytes(np.concatenate([factor for _, factor in factors]))
        narrow = self.add("MatMul", x, self.whole(into.T))
        scaled = self.add("Mul", narrow, self.add("Mul", self.wanted(), self.constant((into_scale * out_scale).T)))
        return self.add("Add", product, self.add("MatMul", scaled, self.whole(out)))

    def wanted(self) -> str:
        """How much of each column that holds a change is wanted [columns of all tunings]."""
        if not self._wanted:
            columns = self.constant(np.repeat(np.eye(len(TUNINGS), dtype=np.float32), RANK, axis=1))
            self._wanted = self.add("MatMul", "tuning", columns)
        return self._wanted

    def whole(self, matrix: NDArray[np.int8]) -> str:
        """A matrix kept in bytes."""
        return self.add("Cast", self.constant(matrix), to=TensorProto.FLOAT)

    def product(self, x: str, weight: Floats) -> str:
        """x [tokens, in] by weight [out, in], in integers: [tokens, out]."""
        columns, scale = in_seven_bits(weight.T)
        largest = self.add("ReduceMax", self.add("Abs", x), self.integers(1), keepdims=1)
        x_scale = self.add("Div", largest, self.constant(np.float32(BYTE)))
        rounded = self.add("Round", self.add("Div", x, x_scale))
        shifted = self.add("Add", rounded, self.constant(np.float32(ZERO_POINT)))
        product = self.add(
            "MatMulInteger",
            self.add("Cast", shifted, to=TensorProto.UINT8),
            self.constant(columns),
            self.constant(np.uint8(ZERO_POINT)),
        )
        product = self.add("Mul", self.add("Cast", product, to=TensorProto.FLOAT), x_scale)
        return self.add("Mul", product, self.constant(scale))

    def norm(self, x: str, parameters: Parameters, prefix: str) -> str:
        """Layer normalisation: [tokens, WIDTH] as before."""
        scale, bias = (self.tuned(parameters[f"{prefix}.LayerNorm.{name}"]) for name in ("weight", "bias"))
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)


def _low_rank(matrix: Floats) -> tuple[Floats, Floats]:
    """Two matrices [in, RANK] and [RANK, out] whose product is nearest to `matrix` [in, out]."""
    left, sizes, right = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    return left[:, :RANK] * sizes[:RANK], right[:RANK]


def in_bytes(table: Floats) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A table [rows, columns] as integers, and what each of its rows was divided by [rows, 1]."""
    scale = np.abs(table).max(axis=1, keepdims=True) / BYTE
    return np.round(table / np.maximum(scale, EPSILON)).astype(np.int8), scale.astype(np.float32)


def in_seven_bits(matrix: Floats) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix [in, out] as integers, and what each of its columns was divided by [out]."""
    scale = np.maximum(np.abs(matrix).max(axis=0), EPSILON) / SEVEN_BITS
    integers = np.clip(np.round(matrix / scale), -SEVEN_BITS, SEVEN_BITS).astype(np.int8)
    return integers, scale.astype(np.float32)


def build(published: Weights, tunings: Sequence[Weights]) -> onnx.ModelProto:
    """The model. In: token ids [tokens], the text that each is of, 0 or 1 [tokens], how much of each tuning, 0 to 1
    [tunings]. Out: the unit vector of the text [WIDTH], and the score of the pair of texts []."""
    graph = Graph()
    parameters = {
        name: Parameter(value, [weights[name] - value for weights in tunings]) for name, value in published.items()
    }
    x = _embedded(graph, parameters)
    for number in range(LAYERS):
        x = _layer(graph, parameters, x, f"encoder.layer.{number}.")
    mean = graph.add("ReduceMean", x, graph.integers(0), keepdims=0)
    graph.add("LpNormalization", mean, axis=0, p=2)
    graph.nodes[-1].output[0] = "vector"
    first = graph.add("Gather", x, graph.constant(np.int64(0)), axis=0)
    read = graph.add("Concat", first, mean, graph.constant(np.ones(1, dtype=np.float32)), axis=0)
    graph.add("MatMul", read, graph.constant(tunings[-1][HEAD].astype(np.float32)))
    graph.nodes[-1].output[0] = "score"
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "minilm",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"]),
                helper.make_tensor_value_info("kinds", TensorProto.INT64, ["tokens"]),
                helper.make_tensor_value_info("tuning", TensorProto.FLOAT, [len(tunings)]),
            ],
            [
                helper.make_tensor_value_info("vector", TensorProto.FLOAT, [WIDTH]),
                helper.make_tensor_value_info("score", TensorProto.FLOAT, []),
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


def _embedded(graph: Graph, parameters: Parameters) -> str:
    """Words, their positions and the text that they are of; no tuning changes these tables: [tokens, WIDTH]."""
    rows, scale = in_bytes(parameters["embeddings.word_embeddings.weight"].published)
    words = graph.add(
        "Mul",
        graph.add("Cast", graph.add("Gather", graph.constant(rows), "ids"), to=TensorProto.FLOAT),
        graph.add("Gather", graph.constant(scale), "ids"),
    )
    known = graph.constant(parameters["embeddings.position_embeddings.weight"].published[:MOST_TOKENS])
    places = graph.add("Slice", known, graph.integers(0), graph.add("Shape", "ids"), graph.integers(0))
    kinds = graph.add(
        "Gather", graph.constant(parameters["embeddings.token_type_embeddings.weight"].published), "kinds"
    )
    summed = graph.add("Add", words, graph.add("Add", places, kinds))
    return graph.norm(summed, parameters, "embeddings")


def _layer(graph: Graph, parameters: Parameters, x: str, prefix: str) -> str:
    """One layer of the transformer: [tokens, WIDTH] as before."""

    def linear(x: str, name: str) -> str:
        return graph.linear(x, parameters[f"{prefix}{name}.weight"], parameters[f"{prefix}{name}.bias"])

    attended = linear(_attention(graph, parameters, x, prefix + "attention.self."), "attention.output.dense")
    x = graph.norm(graph.add("Add", attended, x), parameters, prefix + "attention.output")
    thought = linear(graph.add("Gelu", linear(x, "intermediate.dense")), "output.dense")
    return graph.norm(graph.add("Add", thought, x), parameters, prefix + "output")


def _attention(graph: Graph, parameters: Parameters, x: str, prefix: str) -> str:
    """What each token takes from the others, in all heads: [tokens, WIDTH]."""

    def joined(kind: str) -> Parameter:
        query, key, value = (parameters[f"{prefix}{name}.{kind}"] for name in ("query", "key", "value"))
        published, *changes = (
            np.concatenate([part / np.sqrt(HEAD_WIDTH), other, another])
            for part, other, another in zip(*([p.published, *p.changes] for p in (query, key, value)), strict=True)
        )
        return Parameter(published, changes)

    split = graph.add(
        "Reshape", graph.linear(x, joined("weight"), joined("bias")), graph.integers(-1, 3, HEADS, HEAD_WIDTH)
    )
    split = graph.add("Transpose", split, perm=[1, 2, 0, 3])  # [3, HEADS, tokens, HEAD_WIDTH]
    query, key, value = graph.add_many("Split", split, graph.integers(1, 1, 1), outputs=3, axis=0)
    scores = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    taken = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value)
    return graph.add("Reshape", graph.add("Transpose", taken, perm=[0, 2, 1, 3]), graph.integers(-1, WIDTH))


def write(source: Path, target: Path) -> None:
    """Write `model.onnx` and `model.json` into `target`, from the `model.safetensors` of the folders in `source`."""
    files = {name: source / name / "model.safetensors" for name in ("published", *TUNINGS)}
    published, *tunings = map(load_file, files.values())
    model = build({name: published[name] for name in tunings[0]}, tunings).SerializeToString(deterministic=True)
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
