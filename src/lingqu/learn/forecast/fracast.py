"""Fracast: a small foundation model that forecasts series it was never fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from safetensors.numpy import load_file

from lingqu.core.nouns import Json
from lingqu.learn.forecast.one_series import OneSeries
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.fracast import packed

# The package itself is not imported: that would bring torch, and only its weights are read.
_PACKAGE = find_spec("fracast")
if _PACKAGE is None or not _PACKAGE.submodule_search_locations:
    raise ModuleNotFoundError("fracast", name="fracast")
WEIGHTS = Path(_PACKAGE.submodule_search_locations[0]) / "weights" / "model.safetensors"


@dataclass
class Fracast(OneSeries):
    """Forecast with 85,001 weights that were trained on other series; nothing is fitted.

    The network reads the tails that travel, at most 2,048 values of each. Its weights travel in
    the release (about half a megabyte) and are run by numpy: neither torch nor the package is
    needed to answer. A series costs some 30 ms, so it is tried where it is named.

    Example:
        >>> Fracast(horizon=24).name, WEIGHTS.name
        ('fracast', 'model.safetensors')

    Source: Fracast-0, Apache-2.0, 2026, github.com/ztxtech/fracast-0; after TinyCast,
        arXiv:2608.15767.
    """

    name: ClassVar[str] = "fracast"

    def part(self, reading: Reading, end: float) -> Mapping[str, Json]:
        """Return the part with the weights of the package."""
        return {"kind": "local", "method": "fracast", "weights": packed(load_file(WEIGHTS))}
