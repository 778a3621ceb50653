"""The rule about the language of texts, told as the operator `detect_language` tells it."""

from __future__ import annotations

import polars as pl

from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, UnevaluatedError, as_text, listed
from lingqu.govern.text.detect_language import known, language_of

SHORTEST = 12
"""Bytes of letters below which nobody can tell the language: ``OK``, ``42 kg``."""


def language(rule: Rule, table: Table) -> Built:
    """A text fails whose likeliest language is not one of those named; short ones are passed."""
    text, wanted = as_text(rule.columns[0], table), listed(rule, "is")
    unknown = set(wanted) - known()
    if unknown:
        raise UnevaluatedError("contract.no_language", codes=", ".join(sorted(unknown)))
    told_apart = tuple(dict.fromkeys((*wanted, "zh", "en")))

    def fails(cell: str | None) -> bool | None:
        if cell is None:
            return None
        letters = "".join(sign for sign in cell if sign.isalpha() or sign.isspace())
        if len(letters.encode()) < SHORTEST:
            return None
        return language_of(letters, told_apart) not in wanted

    def look(cells: pl.Series) -> pl.Series:
        return pl.Series(cells.name, [fails(cell) for cell in cells], pl.Boolean)

    rows = text.map_batches(look, pl.Boolean, is_elementwise=True)
    return Built(rows.count(), rows)
