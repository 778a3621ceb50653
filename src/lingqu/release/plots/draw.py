"""All figures of a release, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matplotlib.figure import Figure

from lingqu.core.nouns import Finding
from lingqu.release.plots.curves import curves
from lingqu.release.plots.made import grids
from lingqu.release.plots.mistakes import confused, worst
from lingqu.release.plots.paper import readable
from lingqu.release.plots.rests import patches, words
from lingqu.release.plots.rows import confusion, rows


def draw(seen: Mapping[str, Any], findings: Iterable[Finding]) -> dict[str, Figure]:
    """Return the figures that there are numbers for.

    Args:
        seen: Content of ``seen.json``.
        findings: Of the gate; one of them carries the confusion matrix.

    Example:
        >>> points = [[0.0, 0.0, "a", "a"], [1.0, 0.0, "b", "a"]]
        >>> seen = {"classes": ["a", "b"], "map": {"points": points, "shares": [1.0, 0.0]}}
        >>> list(draw(seen, []))
        ['map']
    """
    shown = seen.get("rows", {})
    matrix: Mapping[str, Any] = next(
        (f.evidence for f in findings if f.check == "metrics" and f.evidence.get("confusion")), {}
    )
    with readable():
        found = {
            "curves": curves(seen.get("curves", ())),
            "map": rows(seen.get("map", {}), seen.get("classes", ())),
            "confusion": confusion(matrix.get("confusion", ()), matrix.get("classes", ())),
            "confused": confused(seen.get("confused", ()), shown),
            "worst": worst(seen.get("worst", ()), shown),
            "words": words(seen.get("words", ()), shown),
            "patches": patches(seen.get("patches", ()), shown),
            "made": grids(seen.get("made", ())),
        }
    return {name: figure for name, figure in found.items() if figure is not None}
