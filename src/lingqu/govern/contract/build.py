"""From a rule to an expression: which rows fail it, or which single value the table shows."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

from lingqu.core.catalog import EXTRAS
from lingqu.govern.contract.distribution_rules import DISTRIBUTION_RULES
from lingqu.govern.contract.link_rules import LINK_RULES
from lingqu.govern.contract.pair_rules import PAIR_RULES
from lingqu.govern.contract.row_rules import ROW_RULES, Builder
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.series_rules import SERIES_RULES
from lingqu.govern.contract.table import Built, Table, UnevaluatedError
from lingqu.govern.contract.table_rules import TABLE_RULES
from lingqu.govern.contract.text_rules import TEXT_RULES


def _later(path: str) -> Builder:
    """Return a builder whose file, and the library it needs, is imported when it is used."""
    module, _, name = path.partition(":")

    def build_later(rule: Rule, table: Table) -> Built:
        try:
            builder: Builder = getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            extra = EXTRAS.get(package, "all")
            raise UnevaluatedError("contract.no_package", package=package, extra=extra) from error
        return builder(rule, table)

    return build_later


_ROOM = "lingqu.govern.contract"
BUILDERS: dict[str, Builder] = {
    **ROW_RULES,
    **TEXT_RULES,
    **PAIR_RULES,
    **SERIES_RULES,
    **LINK_RULES,
    **TABLE_RULES,
    **DISTRIBUTION_RULES,
    "image_size": _later(f"{_ROOM}.media_rules:image_size"),
    "audio_rate": _later(f"{_ROOM}.audio_rules:audio_rate"),
    "duration": _later(f"{_ROOM}.audio_rules:duration"),
    "language": _later(f"{_ROOM}.language_rules:language"),
}
"""Kind of rule → its builder."""


def build(rule: Rule, table: Table) -> Built:
    """Return the rule ready for this table.

    Raises:
        UnevaluatedError: A column is absent or of a type the rule cannot judge, or another file
            that it names cannot be read.
    """
    for column in rule.columns:
        if rule.kind != "columns":
            table.dtype(column)
    built = BUILDERS[rule.kind](rule, table)
    return built if built.reads or rule.kind == "columns" else replace(built, reads=rule.columns)
