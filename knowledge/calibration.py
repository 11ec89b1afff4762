"""Probabilities from plain traits: a multinomial logistic model in which "none of these" is one of the outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Example = tuple[Floats, Floats, NDArray[np.intp]]
"""Traits of the candidates (a row each), traits of the whole, and the rows that are right; none of them if empty."""

STEPS = 400
RATE = 0.05
PENALTY = 1e-3
DECIMALS = 4


class Adam:
    """The moments of a parameter's gradient, which tell how far each step moves it, in units of the rate."""

    def __init__(self, parameter: Floats) -> None:
        self._step = 0
        self._mean, self._square = np.zeros_like(parameter), np.zeros_like(parameter)

    def change(self, gradient: Floats) -> Floats:
        """What to take from the parameter, shaped like it, in the next step."""
        self._step += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.999 * self._square + 0.001 * gradient**2
        mean, square = self._mean / (1 - 0.9**self._step), self._square / (1 - 0.999**self._step)
        change: Floats = mean / (np.sqrt(square) + 1e-8)
        return change


class Calibration(NamedTuple):
    """Weights of the traits of a candidate, and of the traits that speak for none of them."""

    weights: Floats
    none_weights: Floats

    def probabilities(self, candidates: Floats, whole: Floats) -> Floats:
        """For each candidate the probability, 0 to 1, that it is the right one; with "none" they add up to 1."""
        logits = np.append(candidates @ self.weights, whole @ self.none_weights)
        odds = np.exp(logits - logits.max())
        chances: Floats = np.round(odds / odds.sum(), DECIMALS)[:-1]
        return chances

    @classmethod
    def learned(cls, examples: Sequence[Example]) -> Calibration:
        """The weights under which the right outcomes are most probable, by a fixed number of steps of Adam."""
        traits, whole, right = padded(examples)
        scale = np.maximum(np.nanstd(traits.reshape(-1, traits.shape[2]), axis=0), 0.05)
        whole_scale = np.maximum(whole.std(axis=0), 0.05)
        present = np.concatenate([~np.isnan(traits[:, :, 0]), np.ones((len(examples), 1), dtype=bool)], axis=1)
        inputs, whole_inputs = np.nan_to_num(traits) / scale, whole / whole_scale
        size = inputs.shape[2]
        parameters = np.zeros(size + whole.shape[1])
        adam = Adam(parameters)
        for _ in range(STEPS):
            logits = np.concatenate([inputs @ parameters[:size], (whole_inputs @ parameters[size:])[:, None]], axis=1)
            logits[~present] = -1e9
            chances = np.exp(logits - logits.max(axis=1, keepdims=True))
            chances /= chances.sum(axis=1, keepdims=True)
            wanted = chances * right
            wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
            error = (chances - wanted) / len(examples)
            gradient = (
                np.append(np.einsum("bk,bkf->f", error[:, :-1], inputs), error[:, -1] @ whole_inputs)
                + PENALTY * parameters
            )
            parameters -= RATE * adam.change(gradient)
        return cls(parameters[:size] / scale, parameters[size:] / whole_scale)


def padded(examples: Sequence[Example]) -> tuple[Floats, Floats, Floats]:
    """Examples as arrays: traits with NaN where a candidate is missing, traits of the whole, right outcomes as ones."""
    rows = max(len(candidates) for candidates, _, _ in examples)
    traits = np.full((len(examples), rows, examples[0][0].shape[1]), np.nan)
    right = np.zeros((len(examples), rows + 1))
    for number, (candidates, _, places) in enumerate(examples):
        traits[number, : len(candidates)] = candidates
        right[number, places if len(places) else rows] = 1
    return traits, np.array([whole for _, whole, _ in examples]), right
