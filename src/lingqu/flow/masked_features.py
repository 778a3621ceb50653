"""Columns that a model could learn from and that are hidden from it: told before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lingqu.core.catalog import build
from lingqu.core.i18n import Language, text
from lingqu.core.nouns import Dataset
from lingqu.govern.privacy.scan import scan

Masked = tuple[str, str, Mapping[Language, str]]
"""Column, strategy, and what becomes of it, in both languages."""


def masked_features(dataset: Dataset, pieces: Sequence[tuple[str, Any]]) -> list[Masked]:
    """Return the features that `mask` hides, and how much of each a model can still read.

    Args:
        dataset: The typed rows; where `mask` names no column, those are told in which personal
            data is recognised.
        pieces: The operators as (name, options).

    Raises:
        SpecError: The target is to be hidden, or a column that is not there.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> rows = Dataset(pl.DataFrame({"tel": ["13912345678"]}), Schema((Column("tel", "text"),)))
        >>> [row[:2] for row in masked_features(rows, [("mask", {"columns": ["tel"]})])]
        [('tel', 'mask')]
    """
    found: list[Masked] = []
    features = {column.name for column in dataset.schema.features}
    for name, options in pieces:
        if name != "mask":
            continue
        operator = build("operators", "mask", options)
        operator.refuse(dataset.schema)
        columns = operator.columns
        if not columns:
            seen = scan(dataset.frame, dataset.schema)
            columns = [finding.argument for finding in seen if finding.verdict == "fail"]
        for column in columns:
            if column in features:
                strategy = str(operator.treat.get(column, operator.strategy))
                found.append((column, strategy, _why(column, strategy)))
    return found


def _why(column: str, strategy: str) -> Mapping[Language, str]:
    effect = f"privacy.effect_{strategy}"
    languages: tuple[Language, ...] = ("en", "zh")
    return {
        to: text("privacy.masked_feature", to, column=column, effect=text(effect, to))
        for to in languages
    }
