"""A small foundation model of series, run by numpy: its weights travel, its package does not.

The network reads the last 2,048 values of a series, scaled to 0 … 1, and says quantiles of the
next 48. One causal convolution is applied at ten dilations, each told its scale; periods that
stand out in the spectrum are told as phases.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from lingqu.core.nouns import Json

Floats = NDArray[np.float64]
Table = NDArray[np.float32]
CONTEXT, BLOCK = 2048, 48
"""Values that are read, and steps that are said at once."""
FEWEST = 8
"""Values of a series below which nothing is said of it but its last one."""
_STAGES, _SEED, _BINS, _PERIODS, _MEDIAN = 10, 128, 16, 4, 4
_FUTURE_STAGES = 6
_SIGNIFICANT = 0.05


def packed(weights: Mapping[str, Table]) -> dict[str, Json]:
    """Return weights as JSON: shape and base64 of float32 by name."""
    return {
        name: [list(w.shape), base64.b64encode(w.astype("<f4").tobytes()).decode()]
        for name, w in sorted(weights.items())
    }


@lru_cache(maxsize=2)
def _unpacked(items: tuple[tuple[str, tuple[int, ...], str], ...]) -> Mapping[str, Table]:
    return {
        name: np.frombuffer(base64.b64decode(text), dtype="<f4").reshape(shape)
        for name, shape, text in items
    }


def unpacked(row: Mapping[str, Json]) -> Mapping[str, Table]:
    """Return the weights that `packed` wrote."""
    return _unpacked(tuple((name, tuple(shape), text) for name, (shape, text) in row.items()))


def said(values: Floats, weights: Mapping[str, Table], horizon: int) -> Floats:
    """Return the medians of the next values, (O, horizon).

    Args:
        values: (O, L), NaN before a series began.
        weights: By name.
        horizon: Steps ahead; beyond 48 the medians are read as if they had come.

    Source: Fracast-0 (Apache-2.0), 2026, github.com/ztxtech/fracast-0; its period detector after
        TinyCast, arXiv:2608.15767. This is our own writing of the published network.
    """
    out = np.empty((len(values), horizon))
    for row, series in enumerate(values):
        known = series[np.isfinite(series)]
        if len(known) < FEWEST:
            out[row] = known[-1] if len(known) else 0.0
            continue
        done = 0
        while done < horizon:
            block = _block(known[-CONTEXT:], weights)
            take = min(BLOCK, horizon - done)
            out[row, done : done + take] = block[:take]
            known, done = np.concatenate([known, block]), done + take
    return out


def _block(known: Floats, w: Mapping[str, Table]) -> Floats:
    """Return the medians of the next 48 values of one series."""
    low = float(known.min())
    span = max(float(known.max()) - low, 1e-5)
    v, mask = np.zeros(CONTEXT, np.float32), np.zeros(CONTEXT, np.float32)
    v[CONTEXT - len(known) :], mask[CONTEXT - len(known) :] = (known - low) / span, 1.0
    periods = _found_periods(v, mask)
    hidden = _encoded(v, mask, periods, w)  # (L, D)
    ahead = np.arange(CONTEXT, CONTEXT + BLOCK)
    recent = _recency(ahead)  # (H, 5)
    summary = np.concatenate([hidden.mean(0), hidden[-1]])
    x = np.concatenate([recent, np.tile(summary, (BLOCK, 1))], axis=1)
    x = _linear(x, w, "head.summary_proj") + w["head.queries"]
    x = _norm(x + _gated(x, w, "head.decoder_ffns.0"), w["head.decoder_norms.0.weight"])
    for index in range(2):
        name = f"head.fc_blocks.{index}"
        x = _norm(x + _depthwise(x, w, name, 2**index), w[f"{name}.norm.weight"])
    fill = _folded(v, mask, ahead, int(periods[0]))
    z = _linear(np.column_stack([fill, recent]).astype(np.float32), w, "head.future_conv.in_proj")
    z = np.concatenate([hidden[-_SEED:], z])
    for stage in range(_FUTURE_STAGES):
        z = _mixed(z, w, "head.future_conv.block", 2**stage)
    x = x + _linear(z[-BLOCK:], w, "head.future_conv.out_proj")
    median = _linear(x, w, "head.out_proj")[:, _MEDIAN]
    return np.asarray(median.astype(np.float64) * span + low)


def _encoded(v: Table, mask: Table, periods: Floats, w: Mapping[str, Table]) -> Table:
    places = np.arange(CONTEXT)
    x = np.column_stack([v, mask, _recency(places)]).astype(np.float32)
    x = _linear(x, w, "core.in_proj")
    turn = 2 * np.pi * places[:, None] / np.maximum(periods, 1)
    waves = np.stack([np.sin(turn), np.cos(turn)], axis=-1) * (periods > 0)[None, :, None]
    x = x + _linear(waves.reshape(CONTEXT, -1).astype(np.float32), w, "core.periodic.proj")
    for stage in range(_STAGES):
        gain, shift = np.split(_linear(_scale(stage, w), w, "core.scale.to_gb"), 2)
        x = _mixed(x * (1 + gain) + shift, w, "core.block", 2**stage)
    return _norm(x, w["core.norm.weight"])


def _scale(stage: int, w: Mapping[str, Table]) -> Table:
    """Return sine and cosine of the scale of a stage, at falling frequencies."""
    count = w["core.scale.to_gb.weight"].shape[1] // 2
    angle = stage / 2.0 ** np.arange(count) * np.pi
    return np.concatenate([np.sin(angle), np.cos(angle)]).astype(np.float32)


def _mixed(x: Table, w: Mapping[str, Table], name: str, dilation: int) -> Table:
    """One block: a causal convolution at a dilation, then a gated layer, each with a norm."""
    turned = _linear(_depthwise(x, w, name, dilation), w, f"{name}.pw")
    x = _norm(x + turned, w[f"{name}.norm1.weight"])
    return _norm(x + _gated(x, w, f"{name}.ffn"), w[f"{name}.norm2.weight"])


def _depthwise(x: Table, w: Mapping[str, Table], name: str, dilation: int) -> Table:
    kernel = w[f"{name}.dw_weight"][:, 0]  # (D, k)
    out = np.tile(w[f"{name}.dw_bias"], (len(x), 1))
    for tap in range(kernel.shape[1]):
        back = (kernel.shape[1] - 1 - tap) * dilation
        if back < len(x):
            out[back:] += x[: len(x) - back] * kernel[:, tap]
    return out


def _gated(x: Table, w: Mapping[str, Table], name: str) -> Table:
    gate, value = np.split(_linear(x, w, f"{name}.up"), 2, axis=-1)
    return _linear(gate / (1 + np.exp(-gate)) * value, w, f"{name}.down")


def _linear(x: Table, w: Mapping[str, Table], name: str) -> Table:
    found: Table = x @ w[f"{name}.weight"].T + w[f"{name}.bias"]
    return found


def _norm(x: Table, weight: Table) -> Table:
    size = np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + np.finfo(np.float32).eps)
    return np.asarray(x / size * weight, dtype=np.float32)


def _recency(places: NDArray[np.int64]) -> Floats:
    """Return how far places lie from now, (N, 5): as it is, its logarithm, and three decays."""
    far = (places - (CONTEXT - 1)) / CONTEXT
    size = np.abs(far)
    decays = [np.exp(-rate * size) for rate in (0.5, 2.0, 8.0)]
    return np.column_stack([far, np.sign(far) * np.log1p(size) / log(2), *decays])


def _found_periods(v: Table, mask: Table) -> Floats:
    """Return up to four periods that stand out in the spectrum, the strongest first; 0 for none."""
    seen = mask > 0
    filled = np.where(seen, v, v[seen].mean()).astype(np.float64)
    power = np.abs(np.fft.rfft(filled - filled.mean())) ** 2
    power = power[1:] / max(float(power[1:].sum()), 1e-12)
    bins = len(power)
    peak = np.zeros(bins, dtype=bool)
    peak[1:-1] = (power[1:-1] > power[:-2]) & (power[1:-1] > power[2:])
    peak[: CONTEXT // (CONTEXT // 2) - 1] = False
    peak &= power >= log(bins / _SIGNIFICANT) / bins
    order = np.argsort(-np.where(peak, power, -np.inf), kind="stable")[:_PERIODS]
    return np.where(peak[order], np.rint(CONTEXT / (order + 1.0)), 0.0)


def _folded(v: Table, mask: Table, ahead: NDArray[np.int64], period: int) -> Floats:
    """Return the mean of the values at the same phase of a period."""
    period = max(period, 1)

    def phase(places: NDArray[np.int64]) -> NDArray[np.int64]:
        share = (places % period) / period * _BINS
        return np.minimum(share.astype(np.int64), _BINS - 1)

    slot = phase(np.arange(CONTEXT))
    count = np.bincount(slot, mask, _BINS)
    total = np.bincount(slot, v * mask, _BINS)
    mean = np.where(count > 0, total / np.maximum(count, 1), float((v * mask).sum() / mask.sum()))
    return np.asarray(mean[phase(ahead)])
