"""Rules: ``measure(argument) op value [unit]``, joined by ``and``, ``or`` and parentheses.

A rule is data: it is parsed by hand (`core/rule_parser.py`) and never evaluated as code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from lingqu.core.conditions import Condition, Each
from lingqu.core.nouns import Finding
from lingqu.core.rule_parser import Parser


@dataclass(frozen=True)
class Judgement:
    """How a rule fared on findings.

    Args:
        verdict: ``pass`` when the condition holds, ``fail`` when it does not, ``unknown`` when
            what was measured does not settle it.
        used: The findings that the rule looked at, in the order given.
        missing: ``measure`` or ``measure(argument)`` that had no finding or no value.
    """

    verdict: Literal["pass", "fail", "unknown"]
    used: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A parsed rule. Two rules are equal when they mean the same, however they are written.

    Args:
        condition: What must hold.
        text: The rule as written.

    Example:
        >>> rule = parse("roc_auc >= 0.80 and fairness.gap(sex) <= 5%")
        >>> str(rule), rule.measures
        ('roc_auc >= 0.8 and fairness.gap(sex) <= 0.05', (('roc_auc', ''), ('fairness.gap', 'sex')))
        >>> rule.judge([Finding("metrics", "roc_auc", 0.7)]).verdict
        'fail'
    """

    condition: Condition
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return str(self.condition)

    @property
    def measures(self) -> tuple[tuple[str, str], ...]:
        """Every (measure, argument) it needs, once each, in the order written."""
        pairs = ((part.measure, part.argument) for part in self.condition.comparisons())
        return tuple(dict.fromkeys(pairs))

    def judge(self, findings: Iterable[Finding], each: Each = "all") -> Judgement:
        """Judge findings.

        Args:
            findings: What the checks saw; those of other measures are ignored.
            each: Where a comparison matches several findings (one per column, group or
                class): ``all`` must satisfy it (a gate's requirement, so that the worst
                decides), or ``any`` of them (a response, so that the first alarm fires).
        """
        findings = tuple(findings)
        used: dict[int, None] = {}
        missing: dict[str, None] = {}
        place = {id(finding): number for number, finding in enumerate(findings)}
        for part in self.condition.comparisons():
            found = part.matching(findings)
            used.update({place[id(finding)]: None for finding in found})
            if not found:
                missing[part.subject] = None
            for finding in found:
                if finding.value is None or finding.value != finding.value:
                    missing[finding.subject] = None
        holds = self.condition.holds(findings, each)
        return Judgement(
            "unknown" if holds is None else "pass" if holds else "fail",
            tuple(findings[number] for number in sorted(used)),
            tuple(missing),
        )


def parse(text: str) -> Rule:
    """Parse a rule.

    Numbers may carry ``%`` (5 % is 0.05) or, for a measure whose name ends in a unit
    (``latency.p99_ms``, ``fit_s``, ``size_mb``), a unit of that kind, which is converted.

    Raises:
        SpecError: Not a rule; gives the column and what was expected there.

    Example:
        >>> str(parse("latency.p99_ms <= 0.2 s or (a > 1 and b(性别) == 0)"))
        'latency.p99_ms <= 200 or a > 1 and b(性别) == 0'
    """
    return Rule(Parser(text).condition(), text.strip())
