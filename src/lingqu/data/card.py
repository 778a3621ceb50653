"""The card of a data version, in the form of the Hugging Face Hub: English, then Chinese.

It is filled from recorded facts only; what nobody recorded is printed as a gap.

Source: Gebru et al., "Datasheets for Datasets", 2018, arXiv:1803.09010 (which questions a card
answers); the metadata block follows the Hub's dataset card specification.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lingqu.core.facts import FACTS
from lingqu.core.i18n import Language, Phrase, text, worded
from lingqu.core.markdown import table
from lingqu.core.nouns import Finding, Json
from lingqu.core.schema import Schema
from lingqu.core.units import number_text

SHOWN = 40
"""Lines of one table of the card."""


@dataclass(frozen=True)
class DataCard:
    """What a card tells. Every field but the first four may be empty.

    Args:
        name: What the data is called.
        version: Id of the version.
        content: Digest of its content.
        kind: ``table``, ``media`` or ``files``.
        created: UTC time, ISO 8601.
        message: Why it was committed.
        rows: How many rows, or files of a folder.
        bytes: Size of the content.
        facts: What is declared of it, and where it was read.
        schema: Its columns, without the values of those that hold personal data.
        hidden: Columns that hold personal data.
        columns: Column → ``missing`` and ``distinct`` counts; of a folder: ending → files.
        parents: Ids of the versions it was made from.
        operators: What made it of them: ``{"name", "options", "code"}``.
        removed: Operator → rows that it took out.
        findings: What the checks of the run that made it saw.
        kept_until: Day until which it may be kept, or ``""``.
        sequence: How many versions came before it.
        types: Column → type of its values, as Polars writes it.
    """

    name: str
    version: str
    content: str
    kind: str
    created: str = ""
    message: Phrase | str = ""
    rows: int = 0
    bytes: int = 0
    facts: Mapping[str, Json] = field(default_factory=dict)
    schema: Schema = field(default_factory=lambda: Schema(()))
    hidden: frozenset[str] = frozenset()
    columns: Mapping[str, Json] = field(default_factory=dict)
    parents: Sequence[str] = ()
    operators: Sequence[Mapping[str, Json]] = ()
    removed: Mapping[str, int] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    kept_until: str = ""
    sequence: int = 0
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        return self.kind == "files"


def render(card: DataCard) -> str:
    """Return the card as Markdown with its YAML block.

    Example:
        >>> card = DataCard("loans", "ab" * 32, "cd" * 32, "table")
        >>> render(card).splitlines()[3]
        'pretty_name: "loans"'
    """
    head = [
        "---",
        'language: ["en", "zh"]',
        f"license: {_json(str(card.facts.get('license') or 'unknown').lower())}",
        f"pretty_name: {_json(card.name)}",
        f"size_categories: {_json([_size(card.rows)])}",
        "---",
        "",
    ]
    parts = ["\n".join(head), f"# {card.name}\n", _section(card, "en"), "---\n"]
    return "\n".join([*parts, f"# {card.name}（中文）\n", _section(card, "zh")])


def _size(rows: int) -> str:
    """Return the Hub's name of a number of rows."""
    steps = ("1K", "10K", "100K", "1M", "10M", "100M", "1B")
    for place, step in enumerate(steps):
        if rows < 10 ** (place + 3):
            return f"n<{step}" if place == 0 else f"{steps[place - 1]}<n<{step}"
    return "n>1B"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _section(card: DataCard, to: Language) -> str:
    def word(key: str, **facts: Json) -> str:
        return text(f"datacard.{key}", to, **facts)

    gap = word("gap")
    lines = [word("intro", name=card.name, version=card.version[:12]), ""]
    if card.message:
        lines += [f"> {' '.join(worded(card.message, to).split())}", ""]
    lines += [f"## {word('facts')}", "", f"- {word('source')}: {card.facts.get('source') or gap}"]
    lines += [f"- {word(f'fact_{name}')}: {card.facts.get(name) or gap}" for name in FACTS]
    if card.kept_until:
        lines.append(f"- {word('kept_until')}: {card.kept_until}")
    lines += ["", f"## {word('content')}", ""]
    lines += [f"- {word('files' if card.is_folder else 'rows')}: {card.rows}"]
    lines += [f"- {word('bytes')}: {card.bytes}", ""]
    lines += _endings(card, to) if card.is_folder else _columns(card, to)
    lines += [f"## {word('made')}", "", *_made(card, to)]
    lines += [f"## {word('judged')}", "", *_judged(card, to)]
    lines += [f"## {word('identity')}", "", f"- {word('version')}: `{card.version}`"]
    lines += [
        f"- {word('digest')}: `{card.content}`",
        f"- {word('created')}: {card.created or gap}",
    ]
    return "\n".join([*lines, ""])


def _columns(card: DataCard, to: Language) -> list[str]:
    head = [
        text(f"datacard.{k}", to)
        for k in ("column", "kind", "role", "values", "missing", "distinct")
    ]
    rows = []
    for column in card.schema:
        told = card.columns.get(column.name, {})
        values = ", ".join(column.levels[:8]) + (" …" if len(column.levels) > 8 else "")
        if not values and column.low is not None and column.high is not None:
            values = f"{number_text(column.low)} … {number_text(column.high)}"
        if column.name in card.hidden:
            values = text("datacard.personal", to)
        counts = [str(told.get(key, "")) for key in ("missing", "distinct")]
        rows.append([column.name, column.kind, column.role, values, *counts])
    return table(head, rows, SHOWN)


def _endings(card: DataCard, to: Language) -> list[str]:
    head = [text("datacard.ending", to), text("datacard.files", to)]
    return table(head, [[ending or "—", str(n)] for ending, n in card.columns.items()], SHOWN)


def _made(card: DataCard, to: Language) -> list[str]:
    lines = [f"- {text('datacard.parent', to)}: `{parent[:12]}`" for parent in card.parents]
    for operator in card.operators:
        options = f" `{_json(operator['options'])}`" if operator.get("options") else ""
        gone = card.removed.get(operator["name"], 0)
        out = f" ({text('datacard.removed', to, rows=gone)})" if gone else ""
        lines.append(f"- {text('datacard.operator', to)}: {operator['name']}{options}{out}")
    return [*(lines or [text("datacard.read_only", to)]), ""]


def _judged(card: DataCard, to: Language) -> list[str]:
    told = [
        f for f in card.findings if not f.argument and (f.value is not None or f.verdict != "note")
    ]
    if not told:
        return [text("datacard.not_judged", to), ""]
    head = [text(f"datacard.{k}", to) for k in ("measure", "value", "interval", "rows", "verdict")]
    rows = []
    for finding in told:
        value = "" if finding.value is None else f"{finding.value:.4g}"
        bounded = finding.low is not None and finding.high is not None
        interval = f"{finding.low:.4g} … {finding.high:.4g}" if bounded else ""
        verdict = text(f"datacard.{finding.verdict}", to)
        rows.append([finding.measure, value, interval, str(finding.n or ""), verdict])
    return table(head, rows, SHOWN)
