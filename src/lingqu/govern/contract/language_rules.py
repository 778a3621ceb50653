"""The rule about the language of texts (py3langid)."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.table import Built, Table, UnevaluatedError, as_text, listed

SHORTEST = 12
"""Bytes of letters below which nobody can tell the language: ``OK``, ``42 kg``."""


@cache
def _identifier() -> Any:
    return LanguageIdentifier.from_model_file(MODEL_FILE)


def language(rule: Rule, table: Table) -> Built:
    """A text fails whose likeliest language is not one of those named; short ones are passed."""
    text, wanted = as_text(rule.columns[0], table), set(listed(rule, "is"))
    unknown = wanted - set(_identifier().labels)
    if unknown:
        raise UnevaluatedError("contract.no_language", codes=", ".join(sorted(unknown)))

    def fails(cell: str | None) -> bool | None:
        if cell is None:
            return None
        letters = "".join(sign for sign in cell if sign.isalpha() or sign.isspace())
        if len(letters.encode()) < SHORTEST:
            return None
        return _identifier().classify(letters)[0] not in wanted

    def look(cells: pl.Series) -> pl.Series:
        return pl.Series(cells.name, [fails(cell) for cell in cells], pl.Boolean)

    rows = text.map_batches(look, pl.Boolean, is_elementwise=True)
    return Built(rows.count(), rows)
