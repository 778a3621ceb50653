"""A picture for each row: drawn by the graph of a net from the row's own number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.core.predictions import Replies
from lingqu.core.schema import SEED
from lingqu.release.made.conditions import Conditions
from lingqu.release.made.levels import to_bytes
from lingqu.release.made.noise import normal
from lingqu.release.made.png import address, png
from lingqu.release.replies import Run

_TOGETHER = 64
"""Pictures that are painted at a time: bounds memory."""


class MadePicture:
    """Answers each row with a picture, as the address of a PNG file, and tells its seed and label.

    The graph takes ``noise`` (B, Z) float32 and ``labels`` (B,) int64, and gives ``pictures``
    (B, C, H, W) float32, of which −1 is the darkest level and 1 the brightest. What lies between is
    brought to the nearest of the levels that the data have: a test that sees half levels knows at
    once what was made.
    """

    def __init__(self, block: Mapping[str, Any]) -> None:
        self.columns: tuple[str, ...] = tuple(block["columns"])
        self._target: Mapping[str, Any] | None = block["target"]
        self._noise = int(block["noise"])
        self._levels = int(block["levels"])

    def reply(self, frame: pl.DataFrame, run: Run) -> Replies:
        asked = Conditions.of(frame, self._target)
        labels = np.array([self.labels.index(cell) for cell in asked.asked], dtype=np.int64)
        noise = normal(asked.seeds, self._noise).astype(np.float32)
        said = [address(png(one)) for one in self._painted(noise, labels, run)]
        beside: dict[str, list[Any]] = {SEED: asked.seeds.tolist()}
        if self._target is not None:
            beside[self._target["name"]] = list(asked.asked)
        return Replies(tuple(said), None, beside)

    def between(
        self, seeds: tuple[int, int], label: int, steps: int, run: Run
    ) -> list[NDArray[np.uint8]]:
        """Return pictures on the way from one seed to another, both ends with them.

        The way goes along a sphere: noise of many numbers lies at one distance from 0, and on a
        straight way it would not.

        Args:
            seeds: Of the two ends.
            label: Place of the label of all.
            steps: How many pictures, 2 or more.
            run: Asks the graph.

        Source: Shoemake, 1985, doi:10.1145/325334.325242; White, 2016, arXiv:1609.04468.
        """
        one, two = normal(np.array(seeds, np.int64), self._noise)
        lengths = np.linalg.norm(one), np.linalg.norm(two)
        angle = np.arccos(np.clip(one @ two / (lengths[0] * lengths[1]), -1, 1))
        at = np.linspace(0, 1, steps)[:, None]
        noise = (np.sin((1 - at) * angle) * one + np.sin(at * angle) * two) / np.sin(angle)
        labels = np.full(steps, label, np.int64)
        return self._painted(noise.astype(np.float32), labels, run)

    @property
    def labels(self) -> list[Any]:
        """The labels that can be asked for, in order; None alone where there are none."""
        return [None] if self._target is None else list(self._target["levels"])

    def _painted(
        self, noise: NDArray[np.float32], labels: NDArray[np.int64], run: Run
    ) -> list[NDArray[np.uint8]]:
        """Return pictures in bytes, (H, W) or (H, W, C) each."""
        found = []
        for start in range(0, len(labels), _TOGETHER):
            some = slice(start, start + _TOGETHER)
            made = painted(noise[some], labels[some], run)
            found += [to_bytes(each, self._levels) for each in made]
        return found


def painted(noise: NDArray[np.float32], labels: NDArray[np.int64], run: Run) -> NDArray[np.float32]:
    """Return the pictures of a graph, (B, C, H, W).

    A single row is asked for twice: a runtime adds up a matrix of one row in another order, and a
    pixel between two levels might then fall to the other side.
    """
    if len(labels) == 1:
        return painted(noise.repeat(2, axis=0), labels.repeat(2), run)[:1]
    found: NDArray[np.float32] = run(["pictures"], {"noise": noise, "labels": labels})[0]
    return found
