"""Pixels on a common scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.nouns import Json
from lingqu.core.schema import Column
from lingqu.govern.image.pictures import ImageStep, Pixels
from lingqu.release.media import pixels

_LEARNT = 5000
"""Pictures from which means and deviations are learnt."""
_REACH = 4.0
"""Standard deviations that count as the range of standardised pixels; what lies beyond is cut."""


@dataclass
class ImageNormalise(ImageStep):
    """Bring pixels to a common scale, at training and at prediction.

    Args:
        by: ``channel``: subtract the mean and divide by the standard deviation of each channel
            over the training pictures; ``picture``: the same with each picture's own;
            ``range``: from 0 to 1 by the range of the column.
        columns: Image columns; all when empty.

    Example:
        >>> from lingqu.core.nouns import Dataset
        >>> from lingqu.core.schema import Schema
        >>> pictures = pl.Series("p", [[[0, 255]]], dtype=pl.Array(pl.UInt8, (1, 2)))
        >>> schema = Schema((Column("p", "image", shape=(1, 2), low=0, high=255),))
        >>> step, data = ImageNormalise("range"), Dataset(pl.DataFrame([pictures]), schema)
        >>> step.fit(data)
        >>> step.apply(data).frame["p"].to_numpy()[0].tolist()
        [[0.0, 1.0]]

    Source: LeCun et al., Efficient BackProp, 1998, section 4.3.
    """

    name: ClassVar[str] = "image_normalise"
    main: ClassVar[str] = "by"

    by: Literal["channel", "picture", "range"] = "channel"

    def facts(self, series: pl.Series, column: Column) -> dict[str, Json]:
        shape = {"shape": list(column.shape)}
        if self.by == "range":
            low = 0.0 if column.low is None else float(column.low)
            high = 255.0 if column.high is None else float(column.high)
            return {**shape, "low": 0.0, "high": 1.0, "mean": [low], "scale": [high - low or 1.0]}
        mean, scale = [0.0], [1.0]
        if self.by == "channel":
            learnt = pixels(series.drop_nulls().head(_LEARNT), column.shape).astype(np.float64)
            layers = learnt.reshape(-1, learnt.shape[-1] if learnt.ndim == 4 else 1)
            if len(layers):
                mean = layers.mean(axis=0).round(6).tolist()
                scale = (
                    np.where(layers.std(axis=0) > 1e-9, layers.std(axis=0), 1.0).round(6).tolist()
                )
        return {**shape, "low": -_REACH, "high": _REACH, "mean": mean, "scale": scale}

    def told(self, facts: Mapping[str, Json]) -> Mapping[str, Json]:
        return {"operator": f"{self.name} {self.by}"}

    def change(self, pictures: Pixels, facts: Mapping[str, Json]) -> Pixels:
        if self.by == "picture":
            within = tuple(range(1, pictures.ndim))
            mean = pictures.mean(axis=within, keepdims=True)
            scale = pictures.std(axis=within, keepdims=True)
            out = (pictures - mean) / np.where(scale > 1e-6, scale, 1)
        else:
            mean, scale = (np.array(facts[name], dtype=np.float32) for name in ("mean", "scale"))
            out = (pictures - mean) / scale
        return np.asarray(np.clip(out, facts["low"], facts["high"]), dtype=np.float32)
