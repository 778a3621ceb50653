"""What a report and `Release.plots` show of a model at work, as plain data.

Pictures are at most 96 pixels wide and stand in the document once, however often they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from lingqu.check.see.chosen import WORST, Judged, confused, looked_at
from lingqu.check.see.embedding import embedding
from lingqu.check.see.occlusion import on_patches, on_words
from lingqu.check.see.picture import picture
from lingqu.check.truth import truth
from lingqu.core.errors import LingquError
from lingqu.core.nouns import Dataset, Json, Model, Subject
from lingqu.core.schema import Column, present
from lingqu.release.media import pixels

TASKS = frozenset({"classify", "regress"})
TEXTS, PICTURES = 6, 4
"""Rows whose words, or whose blocks of a picture, are hidden: a few hundred answers in all."""
_MEAN_OF = 32
"""Pictures whose mean stands for what is hidden."""
_LETTERS = 200
"""Characters of a text that are shown where it only says which row it is."""


def seen(model: Model, subject: Subject, kept: Dataset) -> dict[str, Json]:
    """Return what can be looked at: a map, what answers rest on, the surest mistakes.

    Args:
        model: The model that is judged.
        subject: Its rows and answers at the gate.
        kept: The test rows as sent, with what privacy hides hidden: their texts are shown.

    Returns:
        ``map``; of rows with a picture or a text also ``rows`` (by number: truth, answer,
        picture, text), ``worst`` and ``confused`` that name rows, ``words`` and ``patches``.
        Nothing for tasks whose answers are no classes or values of single rows.
    """
    test, said = subject.test, subject.predictions
    if subject.task not in TASKS or test is None or said is None or subject.train is None:
        return {}
    target = test.schema.target
    if target is None or target.name not in test.frame.columns:
        return {}
    known = truth(test.frame.get_column(target.name), said.classes).astype(np.float64)
    judged = Judged(said, known)
    found: dict[str, Json] = {
        "map": embedding(model, subject.train, test.frame, judged.told, subject.seed),
        "classes": list(said.classes),
    }
    image, text = _first(test, "image"), _first(kept, "text")
    if image is None and text is None:
        return found if found["map"] else {}
    worst = _each_once(judged.worst, kept.frame, text if image is None else None)
    found |= {"worst": worst[:WORST], "confused": confused(judged, worst)}
    if text is not None and subject.answer is not None:
        rows = looked_at(judged, worst, TEXTS)
        found["words"] = list(_words(kept.frame, text, subject.answer, rows))
    if image is not None:
        rows = looked_at(judged, worst, PICTURES)
        found["patches"] = _patches(test.frame, image, subject.predict, rows)
    return found | {"rows": _rows(found, judged, test.frame, image, kept.frame, text)}


def _first(dataset: Dataset, kind: str) -> Column | None:
    """Return the first column of a kind that can be shown: of pictures, one without gaps."""
    features = [c for c in present(dataset.schema.features, dataset.frame) if c.kind == kind]
    if kind == "image":
        whole = [c for c in features if not dataset.frame.get_column(c.name).null_count()]
        features = [c for c in whole if c.shape]
    return next(iter(features), None)


def _each_once(worst: Sequence[int], frame: pl.DataFrame, text: Column | None) -> list[int]:
    """Return the rows without those whose text has come before: it would be shown twice."""
    if text is None:
        return list(worst)
    written = frame.get_column(text.name).cast(pl.String).str.replace_all(r"\W", "").to_list()
    first: dict[Any, int] = {}
    return [row for row in worst if first.setdefault(written[row], row) == row]


def _words(
    frame: pl.DataFrame, column: Column, answer: Callable[..., Any], rows: Sequence[int]
) -> list[dict[str, Json]]:
    told = []
    for row in rows:
        try:
            parts = on_words(frame[row], column.name, answer)
        except LingquError:  # a text without this word may be one that the preparation refuses
            continue
        if parts:
            told.append({"row": row, "column": column.name, "parts": [list(p) for p in parts]})
    return told


def _patches(
    frame: pl.DataFrame, column: Column, answer: Callable[..., Any], rows: Sequence[int]
) -> list[dict[str, Json]]:
    some = frame.get_column(column.name).gather_every(-(-frame.height // _MEAN_OF))
    plain = pixels(some, column.shape).mean(axis=0)
    told = []
    for row in rows:
        shown = pixels(frame.get_column(column.name)[row : row + 1], column.shape)[0]
        grid = on_patches(frame[row], column.name, shown, plain, answer)
        told.append({"row": row, "column": column.name, "grid": grid})
    return told


def _rows(
    found: Mapping[str, Json], judged: Judged, test: pl.DataFrame, image: Column | None,
    kept: pl.DataFrame, text: Column | None,
) -> dict[str, Json]:  # fmt: skip
    """Return every row that is named, by its number."""
    named = [*found["worst"], *(row for pair in found["confused"] for row in pair["rows"])]
    named += [one["row"] for part in ("words", "patches") for one in found.get(part, ())]
    told: dict[str, Json] = {}
    for row in sorted(set(named)):
        true, said = judged.told(row)
        one: dict[str, Json] = {"truth": true, "said": said, "sure": judged.sure(row)}
        if judged.said.classes:
            one["right"] = not judged.wrong[row]
        if image is not None:
            shown = pixels(test.get_column(image.name)[row : row + 1], image.shape)[0]
            one["picture"] = picture(shown, image)
        if text is not None:
            written = kept.get_column(text.name)[row]
            one["text"] = None if written is None else str(written)[:_LETTERS]
        told[str(row)] = one
    return told
