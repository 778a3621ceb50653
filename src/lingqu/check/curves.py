"""Curves: what each column adds to the answer, where a model is nothing but such a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lingqu.check.effects import counts_of, histogram
from lingqu.core.nouns import Json, Model
from lingqu.core.schema import Column, Schema, present

Floats = NDArray[np.float64]
CURVES, TABLES = 9, 4
"""Curves of one column and tables of two that are told, the weightiest first."""
CHARTS, CLASSES = 18, 6
"""Curves that are told of a model with more than two classes, and classes of one column."""
_STEPS = 400
"""Steps of a curve that are told; more cannot be seen."""
Shape = Mapping[str, Any]


def curves(model: Model, frame: pl.DataFrame, schema: Schema) -> dict[str, Json]:
    """Return the terms of a model that is a sum of terms, as they are: nothing is sampled.

    Such a model (an EBM, or a linear model of plain columns) says itself what each column does.
    Of several fits, answers are averaged, and the mean curve is told with how far single fits lie
    from it.

    Args:
        model: Its members tell their terms in the note ``shapes``, all of them or none.
        frame: Rows that say where data are.
        schema: Of its columns.

    Returns:
        ``of`` (the class to whose log-odds is added, ``""`` for a value), ``fits`` (members),
        ``curves`` (per column ``column``, ``of`` (a class, where there are more than two: what is
        added to its log chance beside the mean of all), ``weight``, ``side``, ``adds``, ``spread``,
        ``missing``, ``edges``, ``counts``), ``tables`` (per pair ``columns``, ``weight``,
        ``sides``, ``adds``) and ``left`` (terms that are not told); nothing for other models.

    Source: Lou, Caruana, Gehrke and Hooker, "Accurate intelligible models with pairwise
        interactions", KDD 2013, doi:10.1145/2487575.2487579.
    """
    told = [(member.weight, member.notes.get("shapes") or []) for member in model.members]
    if not all(shapes for _, shapes in told) or len({m.algorithm for m in model.members}) > 1:
        return {}
    unit = 1.0 / (model.temperature)  # calibration divides the log-odds
    merged = [_merged(term, told, unit) for term in _terms(told)]
    merged.sort(key=lambda term: -term["weight"])
    single = [term for term in merged if len(term["columns"]) == 1]
    pairs = [term for term in merged if len(term["columns"]) == 2]
    seen = {column.name: column for column in present(schema, frame)}
    shown = _shown(single)
    return {
        "of": model.classes[1] if len(model.classes) == 2 else "",
        "fits": len(told),
        "curves": [_curve(term, seen, frame) for term in shown],
        "tables": [_table(term, seen) for term in pairs[:TABLES]],
        "left": len(single) - len(shown) + len(pairs[TABLES:]),
    }


def _shown(single: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the curves that are told: of several classes, the weightiest of each column."""
    columns = list(dict.fromkeys(term["columns"][0] for term in single))
    each = [[term for term in single if term["columns"] == [name]] for name in columns]
    most = max((len(those) for those in each), default=0)
    if most < 2:
        return list(single[:CURVES])
    return [
        term for those in each[: max(2, CHARTS // min(most, CLASSES))] for term in those[:CLASSES]
    ]


def _terms(told: Sequence[tuple[float, Sequence[Shape]]]) -> list[tuple[tuple[str, ...], str]]:
    """Return the columns and the class of every term that a member tells, each term once."""
    return list(dict.fromkeys(_term(shape) for _, shapes in told for shape in shapes))


def _term(shape: Shape) -> tuple[tuple[str, ...], str]:
    return tuple(shape["columns"]), str(shape.get("of", ""))


def _merged(
    term: tuple[tuple[str, ...], str], told: Sequence[tuple[float, Sequence[Shape]]], unit: float
) -> dict[str, Any]:
    """Return the mean of a term over members, each step of each member being one of it."""
    columns, of = term
    found = [(w, s) for w, shapes in told for s in shapes if _term(s) == term]
    # A table is told in the steps of one member: with all of theirs it would not be read.
    shown = found if len(columns) == 1 else found[:1]
    sides = [_side([shape["sides"][axis] for _, shape in shown]) for axis in range(len(columns))]
    share = np.array([weight for weight, _ in found]) / sum(weight for weight, _ in told)
    adds = np.stack([_at(shape, sides, "adds") for _, shape in found]) * unit
    own = np.stack([_at(shape, sides, "spread") for _, shape in found]) * unit
    mean = np.tensordot(share, adds, 1)
    # A member that does not tell the term adds nothing there.
    apart = np.tensordot(share, (adds - mean) ** 2 + own**2, 1) + (1 - share.sum()) * mean**2
    missing = [shape.get("missing", 0.0) for _, shape in found]
    return {
        "columns": list(columns),
        "of": of,
        "weight": float(share @ [shape["weight"] for _, shape in found]) * unit,
        "sides": sides,
        "adds": mean,
        "spread": np.sqrt(apart),
        "missing": float(share @ missing) * unit,
    }


def _side(sides: Sequence[Shape]) -> dict[str, Any]:
    """Return the steps of all members along one column."""
    if "levels" in sides[0]:
        levels = [level for side in sides for level in side.get("levels", ())]
        return {"levels": list(dict.fromkeys(levels))}
    if "at" in sides[0]:
        return {"at": sorted({value for side in sides for value in side["at"]})}
    starts = sorted({start for side in sides for start in side["from"][1:]})
    return {"from": [None, *starts[:: 1 + len(starts) // _STEPS]]}


def _at(shape: Shape, sides: Sequence[Shape], name: str) -> Floats:
    """Return an entry of a term at steps that may be finer than its own."""
    values = np.asarray(shape[name], dtype=np.float64)
    for axis, (own, wanted) in enumerate(zip(shape["sides"], sides, strict=True)):
        if "levels" in wanted:
            place = {level: at for at, level in enumerate(own["levels"])}
            steps = [place.get(level, -1) for level in wanted["levels"]]
            room = np.append(values, np.zeros_like(np.take(values, [0], axis)), axis)
            values = np.take(room, steps, axis)  # a level that it never saw adds nothing
            continue
        if "at" in wanted:  # of one column: a line
            values = np.asarray(np.interp(wanted["at"], own["at"], values))
            continue
        starts = np.array([-np.inf, *own["from"][1:]])
        places = [-np.inf, *wanted["from"][1:]]
        values = np.take(values, np.searchsorted(starts, places, side="right") - 1, axis)
    return values


def _curve(term: Shape, seen: Mapping[str, Column], frame: pl.DataFrame) -> dict[str, Json]:
    """Return a term of one column with where the rows are."""
    name, side = term["columns"][0], term["sides"][0]
    column, adds, spread = seen.get(name), term["adds"], term["spread"]
    counted: dict[str, Json] = {"edges": [], "counts": []}
    lacks = column is not None and frame[name].null_count() > 0
    if column is not None and column.kind == "boolean":
        side, adds, spread = _yes_no(column, side, adds, spread)
    if column is not None and "levels" in side:
        levels = counts_of(frame[name])
        words = levels[name].cast(pl.String)
        if column.kind == "boolean":
            words = words.replace(["false", "true"], _names(column))
        rows = dict(zip(words, levels["lingqu.n"], strict=True))
        counted["counts"] = [rows.get(level, 0) for level in side["levels"]]
    elif column is not None and column.kind == "number":
        counted = histogram(frame[name])
    return {
        "column": name,
        "of": term["of"],
        "weight": _short(term["weight"]),
        "side": side,
        "adds": [_short(value) for value in adds],
        "spread": [_short(value) for value in spread] if spread.any() else None,
        "missing": _short(term["missing"]) if lacks else None,
        **counted,
    }


def _yes_no(
    column: Column, side: Shape, adds: Floats, spread: Floats
) -> tuple[Shape, Floats, Floats]:
    """Return the two steps of a boolean under their names."""
    names = _names(column)
    if "at" in side:
        told = [np.interp([0.0, 1.0], side["at"], part) for part in (adds, spread)]
        return {"levels": names}, told[0], told[1]
    if "levels" in side:
        at = np.arange(len(side["levels"]))
        known = [int(float(level)) for level in side["levels"]]
    else:
        known = [0, 1]
        starts = np.array([-np.inf, *side["from"][1:]])
        at = np.searchsorted(starts, known, side="right") - 1
    return {"levels": [names[value] for value in known]}, adds[at], spread[at]


def _names(column: Column) -> list[str]:
    """Return what no and yes are called in the data."""
    return list(column.levels) if len(column.levels) == 2 else ["false", "true"]


def _table(term: Shape, seen: Mapping[str, Column]) -> dict[str, Json]:
    sides = list(term["sides"])
    for axis, name in enumerate(term["columns"]):
        if name in seen and seen[name].kind == "boolean" and len(sides[axis]["from"]) == 2:
            sides[axis] = {"levels": _names(seen[name])}
    return {
        "columns": term["columns"],
        "weight": _short(term["weight"]),
        "sides": sides,
        "adds": [[_short(value) for value in row] for row in term["adds"]],
    }


def _short(value: float) -> float:
    return float(f"{float(value):.4g}")
