"""Probabilities from many traits: small networks, averaged, in which "none of these" is one of the outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import DECIMALS, Adam, Example, Floats, padded

MEMBERS = 8
"""Networks that differ in what they are drawn from: one alone depends on chance."""
HIDDEN = 16
STEPS = 400
RATE = 3e-3
DECAY = 1.0
DROPPED = 0.3
"""How many hidden units a step of learning does without, so that none relies on another."""
LEAST_SCALE = 0.05
KEPT_DECIMALS = 5


class Network(NamedTuple):
    """The weights of all members (first axis); traits are taken relative to `mean` and in units of `scale`.

    A candidate's logit is a sum over its traits, and over hidden units that see its traits and those of the whole;
    the logit of "none" is a sum over hidden units that see those of the whole.
    """

    mean: Floats
    scale: Floats
    direct: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    none_hidden: Floats
    none_bias: Floats
    none_out: Floats

    def probabilities(self, candidates: Floats, whole: Floats, vetoed: NDArray[np.bool_] | None = None) -> Floats:
        """For each candidate the probability, 0 to 1, that it is the right one; with "none" they add up to 1.

        One that is `vetoed` cannot be.
        """
        logits = np.column_stack([self.logits(candidates, whole), self._none(whole)])
        if vetoed is not None:
            logits[:, :-1][:, vetoed] = -np.inf
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances: Floats = np.round((odds / odds.sum(axis=1, keepdims=True)).mean(axis=0), DECIMALS)[:-1]
        return chances

    def logits(self, candidates: Floats, whole: Floats) -> Floats:
        """Each member's logit of each candidate [members, candidates]."""
        size = candidates.shape[1]
        seen = (np.hstack([candidates, np.tile(whole, (len(candidates), 1))]) - self.mean) / self.scale
        units = np.tanh(np.einsum("kf,mhf->mkh", seen, self.hidden) + self.hidden_bias[:, None])
        found: Floats = np.einsum("mkh,mh->mk", units, self.out) + self.direct @ seen[:, :size].T
        return found

    def _none(self, whole: Floats) -> Floats:
        own = (whole - self.mean[-len(whole) :]) / self.scale[-len(whole) :]
        units = np.tanh(self.none_hidden @ own + self.none_bias)
        found: Floats = (units * self.none_out).sum(axis=1)
        return found

    def without(self, place: int) -> Network:
        """The member that has not seen the example at `place` while it learned."""
        return Network(self.mean, self.scale, *(part[[place % MEMBERS]] for part in self[2:]))

    @classmethod
    def learned(cls, examples: Sequence[Example]) -> Network:
        """The members under which the right outcomes are most probable, by a fixed number of steps of Adam.

        Each member leaves out every MEMBERS-th example, another one each.
        """
        traits, whole, right = padded(examples)
        present = ~np.isnan(traits[:, :, 0])
        mean = np.append(np.nanmean(traits, axis=(0, 1)), whole.mean(axis=0))
        spread = np.append(np.nanstd(traits, axis=(0, 1)), whole.std(axis=0))
        scale = np.maximum(spread, LEAST_SCALE)
        both = np.concatenate([traits, np.repeat(whole[:, None], traits.shape[1], axis=1)], axis=2)
        seen = np.nan_to_num((both - mean) / scale)
        own = (whole - mean[traits.shape[2] :]) / scale[traits.shape[2] :]
        members = []
        for number in range(MEMBERS):
            shown = np.arange(len(examples)) % MEMBERS != number
            drawn = np.random.default_rng(number)
            members.append(_member(seen[shown], own[shown], present[shown], right[shown], drawn))
        return cls(mean, scale, *(np.stack(parts) for parts in zip(*members, strict=True)))


def _member(
    seen: Floats, own: Floats, present: NDArray[np.bool_], right: Floats, drawn: np.random.Generator
) -> list[Floats]:
    """One network's weights, in the order of Network's fields from `direct` on."""
    features, whole = seen.shape[2], own.shape[1]
    size = features - whole
    weights = [
        np.zeros(size),
        drawn.normal(size=(HIDDEN, features)) / features**0.5,
        np.zeros(HIDDEN),
        drawn.normal(size=HIDDEN) / HIDDEN**0.5,
        drawn.normal(size=(HIDDEN, whole)) / whole**0.5,
        np.zeros(HIDDEN),
        drawn.normal(size=HIDDEN) / HIDDEN**0.5,
    ]
    moments = [Adam(weight) for weight in weights]
    for _ in range(STEPS):
        direct, hidden, bias, out, none_hidden, none_bias, none_out = weights
        kept = (drawn.random((*present.shape, HIDDEN)) >= DROPPED) / (1 - DROPPED)
        units = np.tanh(seen @ hidden.T + bias)
        none_units = np.tanh(own @ none_hidden.T + none_bias)
        logits = np.where(present, seen[:, :, :size] @ direct + (units * kept) @ out, -1e9)
        logits = np.column_stack([logits, none_units @ none_out])
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        wanted = chances * right
        wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-12)
        error = (chances - wanted) / len(seen)
        back = error[:, :-1, None] * out * kept * (1 - units**2)
        none_back = error[:, -1:] * none_out * (1 - none_units**2)
        gradients = [
            np.einsum("nk,nkf->f", error[:, :-1], seen[:, :, :size]),
            np.tensordot(back, seen, axes=([0, 1], [0, 1])),
            back.sum(axis=(0, 1)),
            np.einsum("nk,nkh->h", error[:, :-1], units * kept),
            none_back.T @ own,
            none_back.sum(axis=0),
            error[:, -1] @ none_units,
        ]
        weights = [
            weight * (1 - RATE * DECAY) - RATE * adam.change(gradient)
            for weight, adam, gradient in zip(weights, moments, gradients, strict=True)
        ]
    return [np.round(weight, KEPT_DECIMALS) for weight in weights]
