"""How candidates learnt: loss and score by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from lingqu.release.plots.paper import ACCENT, paper, say

_LOSSES = (("train_loss", "--"), ("valid_loss", "-"))


def curves(told: Sequence[Mapping[str, Any]]) -> Figure | None:
    """Return the loss of each candidate in the upper row, its score beneath; None without any.

    Example:
        >>> steps = [{"epoch": 1, "valid_loss": 2.0}, {"epoch": 2, "valid_loss": 1.0}]
        >>> figure = curves([{"name": "mlp", "curve": steps}])
        >>> figure.axes[0].get_title(), figure.axes[0].lines[0].get_ydata().tolist()
        ('mlp', [2.0, 1.0])
    """
    shown = [(str(one["name"]), _series(one["curve"])) for one in told]
    shown = [(name, series) for name, series in shown if series]
    if not shown:
        return None
    scores = any("valid_score" in series for _, series in shown)
    tall = 2 if scores else 1
    figure = paper(3.6 * len(shown), 2.8 * tall)
    grid = figure.subplots(tall, len(shown), squeeze=False, sharex="col")
    for column, (name, series) in enumerate(shown):
        upper = grid[0][column]
        upper.set_title(name)
        upper.set_ylabel(say("see.loss"))
        for key, style in _LOSSES:
            if key in series:
                upper.plot(*series[key], style, color=ACCENT, label=say(f"see.{key}"))
        if upper.lines:
            upper.legend(frameon=False)
        if scores and "valid_score" in series:
            grid[1][column].plot(*series["valid_score"], color=ACCENT)
            grid[1][column].set_ylabel(say("see.score"))
        grid[-1][column].set_xlabel(say("see.epoch"))
    return figure


def _series(curve: Sequence[Mapping[str, Any]]) -> dict[str, tuple[list[float], list[float]]]:
    """Return epochs and values of what was recorded more than once."""
    found = {}
    for key in ("train_loss", "valid_loss", "valid_score"):
        told = [p for p in curve if p.get("epoch") is not None and p.get(key) is not None]
        if len(told) > 1:
            found[key] = [float(p["epoch"]) for p in told], [float(p[key]) for p in told]
    return found
