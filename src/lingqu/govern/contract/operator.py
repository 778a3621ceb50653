"""The contract as an operator: judge the rules, report; mark or stop only when told to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.errors import DataError, SpecError
from lingqu.core.i18n import Language, language, text
from lingqu.core.nouns import Dataset, Finding, Json
from lingqu.core.schema import KINDS, Kind
from lingqu.govern.contract.build import build
from lingqu.govern.contract.draft import draft
from lingqu.govern.contract.evaluate import Result, evaluate
from lingqu.govern.contract.file import read_contract
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.rules import parse
from lingqu.govern.contract.table import Table, UnevaluatedError
from lingqu.govern.marks import keeping, mark
from lingqu.govern.step import Step

LANGUAGES: tuple[Language, Language] = ("en", "zh")


@dataclass
class Contract(Step):
    """Judge the promises about the data in one pass over the table.

    Why: data are promised by one team and used by another. Rules are data, all counts come from
    one select, and a rule that could not be evaluated is ``unknown`` and blocks like a failure.

    Args:
        rules: ``{rule: {column, …}, severity: block|warn, mostly: 0.99, id: …}``, or the path of a
            YAML file of such rules, relative to the channel file; drafted from the schema when
            empty. See `lingqu.govern.contract.forms.FORMS` for every rule.
        on_fail: ``report`` (default), ``mark`` the rows that fail a blocking rule, or ``stop``.
        as_of: ISO time that counts as now, for `no_future` and `fresh`.

    Example:
        >>> from lingqu.core.schema import Column, Schema
        >>> step = Contract([{"range": {"column": "age", "min": 0, "max": 120}}])
        >>> data = Dataset(pl.DataFrame({"age": [30, 430]}), Schema((Column("age", "number"),)))
        >>> step.fit(data)
        >>> [f.value for f in contract_findings(step.apply(data) and step.report())]
        [1.0]

    Source: Own; constraint checks as in Schelter et al., VLDB 2018,
        doi:10.14778/3229863.3229867, compiled to one Polars select.
    """

    name: ClassVar[str] = "contract"
    main: ClassVar[str] = "rules"
    kinds: ClassVar[frozenset[Kind]] = frozenset(KINDS)

    rules: list[Any] | str = field(default_factory=list)
    on_fail: Literal["report", "mark", "stop"] = "report"
    as_of: str = ""
    folder: str = field(default="", init=False, repr=False)
    """Where relative paths start: of a file of rules, and of the files that rules name."""

    def __post_init__(self) -> None:
        if not isinstance(self.rules, str):
            parse(self.rules)
        self._now()

    def _now(self) -> datetime | None:
        if not self.as_of:
            return None
        try:
            found = datetime.fromisoformat(self.as_of)
        except ValueError as error:
            raise SpecError(
                "govern.bad_limit",
                operator=self.name,
                option="as_of",
                expected="an ISO time, such as 2026-01-31T08:00",
                received=self.as_of,
            ) from error
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        if isinstance(self.rules, str) and self.rules:
            rules = read_contract(Path(self.folder, self.rules))
        else:
            rules = parse(self.rules) if self.rules else draft(dataset.schema)
        return {"rules": [rule.to_json() for rule in rules], "drafted": not self.rules}

    def transform(self, dataset: Dataset) -> Dataset:
        if self.on_fail == "report":
            return dataset
        rules = self._rules()
        if self.on_fail == "stop":
            self._stop(self.judge(dataset), len(dataset))
            return dataset
        failing = np.zeros(dataset.frame.height, dtype=bool)
        frame = dataset.frame
        for rule, result in zip(rules, self._evaluated(frame), strict=True):
            if rule.severity != "block" or result.verdict != "fail":
                continue
            rows = self._failing(frame, rule)
            if rows is not None:
                fresh = rows & ~failing
                failing |= rows
                said = [text("contract.marked", to, rule=rule.id) for to in LANGUAGES]
                frame = mark(frame, fresh, said[0], said[1])
        return replace(dataset, frame=frame) if failing.any() else dataset

    def _rules(self) -> list[Rule]:
        return parse(self.state.get("rules", []))

    def _evaluated(self, frame: pl.DataFrame) -> list[Result]:
        return evaluate(frame, self._rules(), self._now(), Path(self.folder))

    def _failing(self, frame: pl.DataFrame, rule: Rule) -> Any:
        """Return which rows fail a rule, or None for rules about the table and unknown ones."""
        try:
            ready = build(rule, Table.of(frame, self._now(), Path(self.folder)))
        except UnevaluatedError:
            return None
        if ready.rows is None:
            return None
        failing = frame.select(pl.repeat(True, pl.len()) & ready.rows.fill_null(False))
        return failing.to_series().to_numpy()

    def judge(self, dataset: Dataset) -> list[Result]:
        """Return the results of all rules on the rows that are not marked yet."""
        frame, numbers = dataset.frame, keeping(dataset.frame)
        if numbers.all():
            return self._evaluated(frame)
        places = np.flatnonzero(numbers)
        results = self._evaluated(frame.filter(pl.Series(numbers)))
        return [
            replace(
                result,
                samples=tuple({**s, "row": int(places[s["row"]])} for s in result.samples),
            )
            for result in results
        ]

    def _stop(self, results: list[Result], rows: int) -> None:
        for result in results:
            if result.severity == "block" and result.verdict != "pass":
                raise DataError(
                    "govern.contract_broken",
                    rule=result.rule,
                    what=(result.why_zh if language() == "zh" else result.why)
                    or f"({result.kind})",
                    failures=result.failures,
                    rows=rows,
                    samples=", ".join(f"{s['row']} ({s['value']!r})" for s in result.samples[:5])
                    or repr(result.observed),
                )

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        results = self.judge(before)
        marked = int(keeping(before.frame).sum() - keeping(after.frame).sum())
        return {
            "drafted": self.state.get("drafted", False),
            "rules": [result.to_json() for result in results],
            "failed": sum(result.verdict == "fail" for result in results),
            "unknown": sum(result.verdict == "unknown" for result in results),
            "blocked": sum(r.severity == "block" and r.verdict != "pass" for r in results),
            "changed": marked,
        }


def without_samples(report: Mapping[str, Json], hidden: Iterable[str]) -> dict[str, Json]:
    """Return a report of `Contract` that shows no value of these columns, only row numbers.

    The contract judges rows as they were read, before anything is masked.
    """
    bare = set(hidden)
    rules = [
        {**row, "samples": [{**sample, "value": "***"} for sample in row["samples"]]}
        if bare & set(row["columns"])
        else row
        for row in report["rules"]
    ]
    return {**report, "rules": rules}


def contract_findings(report: Mapping[str, Json]) -> list[Finding]:
    """Return one finding per rule from what `Contract.report` returned.

    The value is the number of failing rows; an unknown rule has none and blocks like a failure.
    """
    findings = []
    for row in report.get("rules", []):
        unknown = row["verdict"] == "unknown"
        advice = ""
        if row["verdict"] != "pass":
            advice = "govern.advice_contract_unknown" if unknown else "govern.advice_contract"
        findings.append(
            Finding(
                check="contract",
                measure="contract.failures",
                value=None if unknown else float(row["failures"]),
                argument=row["rule"],
                low=None if row["low"] is None else row["low"] * row["n"],
                high=None if row["high"] is None else row["high"] * row["n"],
                n=row["n"],
                verdict=row["verdict"],
                severity=row["severity"],
                evidence={
                    "rate": row["rate"],
                    "observed": row["observed"],
                    "samples": row["samples"],
                    **({"why": row["why"], "why_zh": row["why_zh"]} if unknown else {}),
                },
                advice=advice,
            )
        )
    return findings
