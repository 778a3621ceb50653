"""The model card of a release, in the form of the Hugging Face Hub: English, then Chinese.

It is filled from recorded facts only; what nobody recorded is printed as a gap.

Source: Mitchell et al., "Model Cards for Model Reporting", 2019, arXiv:1810.03993; the metadata
block follows the Hub's model card specification.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lingqu.core.facts import FACTS as DECLARED
from lingqu.core.i18n import Language, text
from lingqu.core.markdown import table
from lingqu.core.nouns import Finding, Json
from lingqu.core.schema import Column, Schema
from lingqu.release.card_order import SHOWN, ordered, shortened

LICENSES = frozenset({
    "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0",
    "cc-by-nc-4.0", "gpl-3.0", "agpl-3.0", "lgpl-3.0", "openrail", "odbl", "unlicense", "unknown",
})  # fmt: skip
"""Names that the Hub knows; any other is ``other`` with its name beside it."""
FACTS = ("name", "source", *DECLARED)


@dataclass(frozen=True)
class Card:
    """What a card tells. Every field but the name may be missing.

    Args:
        name: Name of the channel.
        task: Its task.
        digest: Digest of the release.
        created: UTC time, ISO 8601.
        channel: Digest of the channel file.
        data: Digest of the data.
        schema: Columns as callers send them.
        classes: Class names.
        members: Rows ``{"name", "algorithm", "weight"}``, and ``"notes"`` where one was imported.
        preparation: Names of the travelling operators.
        metrics: Headline metrics on test rows, by name.
        findings: What the gate saw.
        facts: Declared facts of the data, and ``model_license``.
        lineage: What came from what. A true ``other_attempt``, here or in `facts`, says that the
            test rows chose between two attempts.
    """

    name: str
    task: str
    digest: str
    created: str
    channel: str
    data: str
    schema: Schema
    classes: tuple[str, ...] = ()
    members: Sequence[Mapping[str, Json]] = ()
    preparation: Sequence[str] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    facts: Mapping[str, Json] = field(default_factory=dict)
    lineage: Mapping[str, Json] = field(default_factory=dict)

    @property
    def chosen_on_test(self) -> bool:
        """Whether the test rows were used to choose between two attempts."""
        return any(bool(told.get("other_attempt")) for told in (self.lineage, self.facts))


def render(card: Card) -> str:
    """Return the card as Markdown with its YAML block.

    Example:
        >>> card = Card("churn", "classify", "ab" * 32, "2026-01-01", "c", "d", Schema(()))
        >>> render(card).splitlines()[:3]
        ['---', 'language: ["en", "zh"]', 'license: "unknown"']
    """
    parts = [_metadata(card), f"# {card.name}\n", _section(card, "en")]
    return "\n".join([*parts, "---\n", f"# {card.name}（中文）\n", _section(card, "zh")])


def pipeline_tag(schema: Schema, task: str) -> str:
    """Return the Hub's name of a task on these columns."""
    kinds = {column.kind for column in schema.features}
    subject = {"image": "image", "text": "text"}.get(next(iter(kinds)), "") if kinds else ""
    if task == "regress":
        return "tabular-regression"
    if task == "forecast":
        return "time-series-forecasting"
    return f"{subject}-classification" if len(kinds) == 1 and subject else "tabular-classification"


def _metadata(card: Card) -> str:
    """Return the YAML block; JSON values are YAML, so no name can break out of its place."""
    declared = str(card.facts.get("model_license") or "unknown").lower()
    known = declared in LICENSES
    tag = pipeline_tag(card.schema, card.task)
    lines = ["---", 'language: ["en", "zh"]', f"license: {_json(declared if known else 'other')}"]
    if not known:
        lines.append(f"license_name: {_json(declared)}")
    lines += [
        'library_name: "lingqu"',
        f"pipeline_tag: {_json(tag)}",
        f"tags: {_json(['lingqu', 'onnx', card.task])}",
    ]
    if card.metrics:
        results = [{
            "task": {"type": tag, "name": card.task},
            "dataset": {"name": str(card.facts.get("name") or card.name), "type": card.name},
            "metrics": [
                {"type": name, "name": name, "value": value}
                for name, value in sorted(card.metrics.items())
            ],
        }]  # fmt: skip
        lines += ["metrics: " + _json(sorted(card.metrics)), "model-index:"]
        lines += [f"- name: {_json(card.name)}", f"  results: {_json(results)}"]
    return "\n".join([*lines, "---", ""])


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _section(card: Card, to: Language) -> str:
    def word(key: str, **facts: Json) -> str:
        return text(f"card.{key}", to, **facts)

    gap = word("gap")
    short = {
        "channel": f"`{card.channel[:12]}`" if card.channel else gap,
        "data": f"`{card.data[:12]}`" if card.data else gap,
    }
    lines = [word("intro", name=card.name, task=card.task, **short), ""]
    lines += [f"## {word('use')}", "", "```python", "import lingqu", "",
              'release = lingqu.Release.open("path/to/this/folder")',
              "release.predict(frame)  # pandas, Polars, Arrow", "```", ""]  # fmt: skip
    sent = card.schema.inputs if card.schema.basket else card.schema.features
    rows = [[column.name, column.kind, _values(column) or gap] for column in sent]
    lines += [f"## {word('inputs')}", "", *table([word(k) for k in COLUMNS], rows, SHOWN)]
    if card.classes:
        lines += [f"{word('classes')}: {_listed(card.classes)}", ""]
    lines += [f"## {word('data')}", ""]
    lines += [f"- {word(f'fact_{f}')}: {card.facts.get(f) or gap}" for f in FACTS]
    members = [[m["name"], m["algorithm"], f"{m['weight']:.3g}"] for m in card.members]
    lines += ["", f"## {word('model')}", "", *table([word(k) for k in MEMBERS], members, SHOWN)]
    for member in card.members:
        notes = member.get("notes") or {}
        if "sha256" in notes:
            came = {name: notes[name] for name in ("format", "file", "sha256")}
            lines += [word("imported", name=member["name"], **came), ""]
    lines += [f"{word('preparation')}: {', '.join(card.preparation) or word('none')}", ""]
    lines += [f"## {word('evaluation')}", "", *_evaluation(card, to)]
    lines += [f"## {word('limits')}", "", *_limits(card, to)]
    lines += [f"## {word('origin')}", "", f"- {word('digest')}: `{card.digest}`"]
    return "\n".join([*lines, f"- {word('created')}: {card.created or gap}", ""])


COLUMNS = ("column", "kind", "values")
MEMBERS = ("member", "algorithm", "weight")


def _values(column: Column) -> str:
    if column.levels:
        return _listed(column.levels)
    if column.shape:
        return " × ".join(str(part) for part in column.shape)
    if column.low is not None and column.high is not None:
        return f"{column.low:g} … {column.high:g}"
    return ""


def _listed(names: Sequence[str]) -> str:
    more = f" … ({len(names)})" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more


def _evaluation(card: Card, to: Language) -> list[str]:
    told = ordered(f for f in card.findings if f.value is not None or f.verdict == "unknown")
    measured = shortened(told)
    rules = [f for f in card.findings if f.check == "contract"]
    lines = [text("card.chosen_on_test", to), ""] if card.chosen_on_test else []
    lines += _promised(card, to)
    if not measured and not rules:
        return [*lines, text("card.no_evaluation", to), ""]
    if measured:
        head = [text(f"card.{k}", to) for k in ("measure", "value", "interval", "rows", "verdict")]
        lines += table(head, [_measured(f, to) for f in measured], SHOWN)
    if len(told) > len(measured):
        lines += [text("card.left_out", to, count=len(told) - len(measured)), ""]
    if rules:
        held = sum(f.verdict == "pass" for f in rules)
        lines += [text("card.contract", to, held=held, count=len(rules)), ""]
    return lines


def _promised(card: Card, to: Language) -> list[str]:
    """Return what intervals or sets were stated to hold, and what they held."""
    for f in card.findings:
        wanted = f.evidence.get("wanted") if f.measure == "coverage" and not f.argument else None
        if wanted is not None and f.value is not None:
            facts = {"wanted": wanted, "seen": f.value, "low": f.low, "high": f.high, "rows": f.n}
            return [text("card.coverage", to, **facts), ""]
    return []


def _measured(finding: Finding, to: Language) -> list[str]:
    value = "" if finding.value is None else f"{finding.value:.4g}"
    bounds = finding.low is not None and finding.high is not None
    interval = f"{finding.low:.4g} … {finding.high:.4g}" if bounds else ""
    verdict = text(f"card.{finding.verdict}", to)
    return [finding.subject, value, interval, str(finding.n or ""), verdict]


def _limits(card: Card, to: Language) -> list[str]:
    broken = [f for f in card.findings if f.check == "contract"]
    failed = [f for f in [*ordered(card.findings), *broken] if f.verdict in ("fail", "unknown")]
    if not failed:
        return [text("card.no_limits" if card.findings else "card.gap", to), ""]
    lines = []
    for finding in failed[:SHOWN]:
        verdict = text(f"card.{finding.verdict}", to)
        value = "" if finding.value is None else f" ({finding.value:.4g})"
        reason = _reason(finding, to)
        lines.append(f"- `{finding.subject}`{value}: {verdict}{f': {reason}' if reason else ''}")
    if len(failed) > SHOWN:
        lines += ["", text("card.left_out", to, count=len(failed) - SHOWN)]
    return [*lines, ""]


def _reason(finding: Finding, to: Language) -> str:
    english = finding.evidence.get("why", "")
    return str(finding.evidence.get("why_zh", english) if to == "zh" else english)
