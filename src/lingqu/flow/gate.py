"""The release gate: requirements are rules, judged on findings; unknown blocks like a failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lingqu.core.i18n import Language
from lingqu.core.nouns import Finding, Json, Verdict
from lingqu.core.rules import Rule
from lingqu.core.sections import Response


@dataclass(frozen=True)
class Requirement:
    """One requirement and how it fared.

    Args:
        text: The rule as written.
        verdict: How it fared.
        seen: Measures and their values.
        missing: Measures that were not delivered, or have no value.
        reasons: Why they have none, in both languages.
    """

    text: str
    verdict: Verdict
    seen: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[Mapping[Language, str], ...] = ()

    def to_json(self) -> dict[str, Json]:
        told: dict[str, Json] = {
            "text": self.text,
            "verdict": self.verdict,
            "seen": list(self.seen),
            "missing": list(self.missing),
        }
        if self.reasons:
            told["reasons"] = [dict(reason) for reason in self.reasons]
        return told


@dataclass(frozen=True)
class Decision:
    """What the gate said. `passed` only if every requirement passed and nothing blocks."""

    requirements: tuple[Requirement, ...]
    blocking: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        return not self.blocking and all(r.verdict == "pass" for r in self.requirements)

    def to_json(self) -> dict[str, Json]:
        return {
            "passed": self.passed,
            "requirements": [requirement.to_json() for requirement in self.requirements],
            "blocking": [finding.subject for finding in self.blocking],
        }


def _seen(finding: Finding) -> str:
    if finding.value is None:
        return f"{finding.subject} = unknown"
    text = f"{finding.subject} = {finding.value:.4g}"
    if finding.low is not None and finding.high is not None:
        text += f" [{finding.low:.4g}, {finding.high:.4g}]"
    of = finding.evidence.get("of") if finding.check == "data" else None
    return f"{text}: {', '.join(of)}" if of else text


def _reasons(findings: Iterable[Finding]) -> Iterator[Mapping[Language, str]]:
    for finding in findings:
        english = finding.evidence.get("why")
        if finding.value is None and english:
            yield {"en": str(english), "zh": str(finding.evidence.get("why_zh") or english)}


def judge(require: Sequence[Rule], findings: Iterable[Finding]) -> Decision:
    """Judge findings by the requirements of a channel.

    Args:
        require: Rules that must all hold, for every finding they match.
        findings: What the checks saw.

    Returns:
        The decision; a measure that no check delivered makes its requirement unknown. A finding
        that blocks by itself does not where a requirement names its measure: the requirement
        decides, and stands in the record.
    """
    findings = tuple(findings)
    requirements = []
    for rule in require:
        judgement = rule.judge(findings, each="all")
        requirements.append(
            Requirement(
                rule.text,
                judgement.verdict,
                tuple(_seen(finding) for finding in judgement.used),
                judgement.missing,
                tuple(_reasons(judgement.used)) if judgement.verdict == "unknown" else (),
            )
        )
    named = {measure for rule in require for measure in rule.measures}
    blocking = tuple(
        f
        for f in findings
        if f.severity == "block"
        and f.verdict in ("fail", "unknown")
        and not named & {(f.measure, f.argument), (f.measure, "")}
    )
    return Decision(tuple(requirements), blocking)


def fired(
    rules: Iterable[Response], findings: Sequence[Finding]
) -> list[tuple[Response, tuple[Finding, ...]]]:
    """Return the respond rules whose condition holds for at least one finding."""
    hits = []
    for rule in rules:
        judgement = rule.when.judge(findings, each="any")
        if judgement.verdict == "pass":
            hits.append((rule, judgement.used))
    return hits
