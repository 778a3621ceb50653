"""The release gate: requirements are rules, judged on findings; unknown blocks like a failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lingqu.core.nouns import Finding, Json, Verdict
from lingqu.core.rules import Rule
from lingqu.core.sections import Response


@dataclass(frozen=True)
class Requirement:
    """One requirement and how it fared."""

    text: str
    verdict: Verdict
    seen: tuple[str, ...]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "text": self.text,
            "verdict": self.verdict,
            "seen": list(self.seen),
            "missing": list(self.missing),
        }


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
    return text


def judge(require: Sequence[Rule], findings: Iterable[Finding]) -> Decision:
    """Judge findings by the requirements of a channel.

    Args:
        require: Rules that must all hold, for every finding they match.
        findings: What the checks saw.

    Returns:
        The decision; a measure that no check delivered makes its requirement unknown.
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
            )
        )
    blocking = tuple(
        f for f in findings if f.severity == "block" and f.verdict in ("fail", "unknown")
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
