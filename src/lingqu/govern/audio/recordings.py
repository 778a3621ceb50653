"""What operators on recordings share: an audio column in, an audio column out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Kind
from lingqu.govern.step import SAMPLES, Step, chosen, swap
from lingqu.release.sound import Sound, decode, each


@dataclass
class AudioStep(Step):
    """The half that operators on audio columns share; recordings come out as lossless WAV."""

    travels: ClassVar[bool] = True
    kinds: ClassVar[frozenset[Kind]] = frozenset({"audio"})

    columns: tuple[str, ...] = field(default=(), kw_only=True)

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        found = chosen(self.name, dataset.schema, self.columns, self.kinds)
        return {"columns": [column.name for column in found]}

    def change(self, sound: Sound) -> Sound:
        """Return the changed recording."""
        raise NotImplementedError

    def transform(self, dataset: Dataset) -> Dataset:
        names = [name for name in self.state.get("columns", []) if name in dataset.schema]
        if not names:
            return dataset
        series = [each(dataset.frame.get_column(name), self.change) for name in names]
        frame = swap(dataset.frame, series)
        return Dataset(frame, dataset.schema, dataset.name, "", dataset.facts)

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        names = [name for name in self.state.get("columns", []) if name in before.schema]
        told = {
            name: [
                {"row": row, "before": facts(old), "after": facts(new)}
                for row, (old, new) in enumerate(
                    zip(
                        before.frame.get_column(name).head(SAMPLES),
                        after.frame.get_column(name).head(SAMPLES),
                        strict=True,
                    )
                )
                if old is not None
            ]
            for name in names
        }
        return {"samples": told, "changed": before.frame.height if names else 0}


def facts(cell: Any) -> Mapping[str, Json]:
    """Return rate, channels, length and level of a recording, for people to compare."""
    sound = decode(cell)
    return {
        "rate": sound.rate,
        "channels": sound.samples.shape[1],
        "seconds": round(sound.seconds, 3),
        "level_db": round(level_db(sound.samples), 1),
    }


def level_db(samples: np.ndarray[Any, Any]) -> float:
    """Return the root mean square level against full scale, in dB; −120 for silence.

    Example:
        >>> round(level_db(np.full(4, 0.5)), 1)
        -6.0
    """
    power = float(np.mean(np.square(samples, dtype=np.float64))) if samples.size else 0.0
    return max(-120.0, 10 * float(np.log10(max(power, 1e-12))))
