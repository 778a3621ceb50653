"""The figures ``data.…``: what rules of gate, monitor and risk read of the data document."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lingqu.core import metrics
from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Finding, Json

Found = Sequence[Mapping[str, Any]]
SCORES = (
    "completeness", "validity", "uniqueness", "consistency", "timeliness", "diversity",
    "representativeness", "authenticity",
)  # fmt: skip
_NAMED = 5


def figures(found: Found, contract: Mapping[str, Any], labels: Mapping[str, Any]) -> list[Finding]:
    """Return one finding for each figure; what was not looked at is unknown, with the reason.

    Each is taken from what a check or an operator measured, and none is measured again.

    Args:
        found: What the checks saw, as `Finding.to_json` gives it.
        contract: The part ``contract`` of the document.
        labels: The part ``labels`` of the document.

    Example:
        >>> seen = Finding("quality", "quality.validity", 0.75, low=0.5, high=0.9, n=8)
        >>> told = {f.measure: f.value for f in figures([seen.to_json()], {}, {"looked": False})}
        >>> told["data.validity"], told["data.label_errors"]
        (0.75, None)
    """
    makers: dict[str, Callable[[], Finding]] = {
        "broken_rules": lambda: _broken_rules(contract),
        "residual_pii": lambda: _residual(found),
        "leakage": lambda: _leakage(found),
        "overlap": lambda: _overlap(found),
        "label_errors": lambda: _label_errors(labels),
    }
    return [*(_score(name, found) for name in SCORES), *(make() for make in makers.values())]


def row_of(finding: Finding) -> dict[str, Json]:
    """Return a figure as a row of the ``measures`` of a document, to the last digit.

    A rule such as ``data.completeness == 1`` must not hold because a number was cut.
    """
    return {name: getattr(finding, name) for name in _ROW} | dict(finding.evidence)


def read_figures(document: Mapping[str, Any]) -> list[Finding]:
    """Return the figures that a document holds."""
    return [
        Finding(
            **{name: row[name] for name in _ROW},
            evidence={name: row[name] for name in _TOLD if name in row},
        )
        for row in document.get("measures") or ()
        if row.get("check") == "data"
    ]


_ROW = ("check", "measure", "argument", "value", "low", "high", "n", "verdict", "severity")
_TOLD = ("of", "why", "why_zh")


def _figure(
    name: str,
    value: float,
    n: int = 0,
    low: float | None = None,
    high: float | None = None,
    of: Iterable[str] = (),
) -> Finding:
    """Return a figure; `of` names what it counts, or what it is the worst of."""
    named = list(of)[:_NAMED]
    evidence = {"of": named} if named else {}
    return Finding("data", f"data.{name}", value, "", low, high, n, evidence=evidence)


def _subject(finding: Mapping[str, Any]) -> str:
    argument = f"({finding['argument']})" if finding["argument"] else ""
    return f"{finding['measure']}{argument}"


def _unknown(name: str, words: Mapping[Language, str], n: int = 0) -> Finding:
    evidence = {"why": words["en"], "why_zh": words["zh"]}
    return Finding("data", f"data.{name}", None, n=n, verdict="unknown", evidence=evidence)


def _reason(finding: Mapping[str, Any]) -> dict[Language, str]:
    evidence = finding.get("evidence") or {}
    english = str(evidence.get("why") or "")
    return {"en": english, "zh": str(evidence.get("why_zh") or english)}


def _same(name: str, finding: Mapping[str, Any], of: Iterable[str] = ()) -> Finding:
    """Return a finding of a check under the name of a figure."""
    if finding["value"] is None:
        return _unknown(name, _reason(finding), finding["n"])
    return _figure(name, finding["value"], finding["n"], finding["low"], finding["high"], of)


def _score(name: str, found: Found) -> Finding:
    for finding in found:
        if finding["measure"] == f"quality.{name}":
            return _same(name, finding)
    return _unknown(name, both("figures.not_scored", score=name))


def _broken_rules(contract: Mapping[str, Any]) -> Finding:
    if not contract.get("count"):
        return _unknown("broken_rules", both("figures.no_contract"))
    failed, count = contract["failed"], contract["count"]
    bad = "fail" if failed else "unknown"
    names = [str(r["rule"]) for r in contract["rules"] if r["verdict"] == bad]
    if contract["unknown"] and not failed:
        facts = {"count": contract["unknown"], "rules": ", ".join(names[:_NAMED])}
        return _unknown("broken_rules", both("figures.rules_unknown", **facts), count)
    return _figure("broken_rules", float(failed), count, of=names)


def _residual(found: Found) -> Finding:
    """Return the share of the worst column; names inside sentences are a note and do not count."""
    looked = [f for f in found if f["check"] == "privacy"]
    if not looked:
        return _unknown("residual_pii", both("figures.no_privacy"))
    left = [f for f in looked if f["verdict"] == "fail"]
    if not left:
        return _figure("residual_pii", 0.0, max(f["n"] for f in looked))
    worst = max(left, key=lambda f: float(f["value"]))
    return _same("residual_pii", worst, [_subject(worst)])


def _leakage(found: Found) -> Finding:
    """Return in how many ways the answers leak: failed findings, of a column or of all."""
    looked = [f for f in found if f["check"] == "leakage"]
    failed = [_subject(f) for f in looked if f["verdict"] == "fail"]
    unknown = _open_question("leakage", looked)
    if unknown is not None and not failed:
        return unknown
    return _figure("leakage", float(len(failed)), len(looked), of=failed)


_OVERLAPS = ("leakage.exact", "leakage.near", "leakage.group")


def _overlap(found: Found) -> Finding:
    """Return the largest share of test rows that training rows repeat: equal, alike, or akin."""
    looked = [f for f in found if f["measure"] in _OVERLAPS]
    known = [f for f in looked if f["value"] is not None]
    worst = max(known, key=lambda f: float(f["value"]), default=None)
    unknown = _open_question("overlap", looked)
    if unknown is not None and not (worst and worst["value"]):
        return unknown
    largest = worst or looked[0]
    return _same("overlap", largest, [_subject(largest)] if largest["value"] else ())


def _open_question(name: str, looked: Found) -> Finding | None:
    """Return the figure as unknown where a way of leaking was not measured at all.

    That whole rows have no distance says nothing where the texts in them were compared.
    """
    if not looked:
        return _unknown(name, both("figures.no_leakage"))
    measured = {f["measure"] for f in looked if f["value"] is not None}
    for finding in looked:
        if finding["value"] is None and (finding["argument"] or finding["measure"] not in measured):
            what = f"`{_subject(finding)}`"
            reason = _reason(finding)
            english = both("figures.leakage_unknown", what=what, why=reason["en"])["en"]
            chinese = both("figures.leakage_unknown", what=what, why=reason["zh"])["zh"]
            return _unknown(name, {"en": english, "zh": chinese}, len(looked))
    return None


def _label_errors(labels: Mapping[str, Any]) -> Finding:
    """Return the share of the labels that a model and the neighbours doubt."""
    if not labels.get("looked"):
        reason = _reason({"evidence": labels})
        return _unknown("label_errors", reason if reason["en"] else both("figures.no_labels"))
    suspects, judged = int(labels["suspects"]), int(labels["judged"])
    if not judged:
        return _unknown("label_errors", both("figures.no_labels"))
    low, high = metrics.wilson(suspects, judged)
    return _figure("label_errors", suspects / judged, judged, low, high)
