"""The contract as an operator: judge the rules, report; mark or stop only when told to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl

from lingqu.core.errors import DataError
from lingqu.core.i18n import Language, language, text
from lingqu.core.nouns import Dataset, Finding, Json
from lingqu.core.numbering import told_row
from lingqu.core.schema import KINDS, Kind
from lingqu.govern.contract.build import build
from lingqu.govern.contract.draft import draft
from lingqu.govern.contract.evaluate import Result, evaluate
from lingqu.govern.contract.file import read_contract
from lingqu.govern.contract.rule import Rule
from lingqu.govern.contract.rules import parse
from lingqu.govern.contract.series_rules import SERIES_RULES
from lingqu.govern.contract.table import Table, UnevaluatedError, names
from lingqu.govern.marks import keeping, mark
from lingqu.govern.step import Step, bad_option

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
        as_of: ISO time that counts as now, for `no_future` and `fresh`; the time of the run
            when empty.

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

    def __post_init__(self) -> None:
        if not isinstance(self.rules, str):
            parse(self.rules)
        self._now()

    def _now(self) -> datetime | None:
        now = self.as_of or self.around.now
        if not now:
            return None
        try:
            found = datetime.fromisoformat(now)
        except ValueError as error:
            wanted = "an ISO time, such as 2026-01-31T08:00"
            raise bad_option(self, "as_of", wanted, now) from error
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found

    def learn(self, dataset: Dataset) -> dict[str, Json]:
        if isinstance(self.rules, str) and self.rules:
            rules = read_contract(Path(self.around.folder, self.rules))
        else:
            rules = parse(self.rules) if self.rules else draft(dataset.schema)
        return {"rules": [rule.to_json() for rule in rules], "drafted": not self.rules}

    def transform(self, dataset: Dataset) -> Dataset:
        if self.on_fail == "report":
            return dataset
        rules = self._rules()
        if self.on_fail == "stop":
            self.stop(self.judge(dataset), len(dataset))
            return dataset
        failing = np.zeros(dataset.frame.height, dtype=bool)
        frame = dataset.frame
        for rule, result in zip(rules, self.evaluated(frame), strict=True):
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

    def evaluated(self, frame: pl.DataFrame | pl.LazyFrame) -> list[Result]:
        """Return the results of all rules on all rows; a lazy frame is streamed.

        Training rows are a shuffled part of what was read: a rule about the order of rows, or the
        steps between them, is judged on all rows as they were read. Its samples name those.
        """
        rules, order = self._rules(), self.around.order
        late = [rule for rule in rules if order is not None and rule.kind in SERIES_RULES]
        early = [rule for rule in rules if rule not in late]
        results = dict(zip(map(id, early), self._results(frame, early), strict=True))
        if order is not None and late:
            read = order.columns(_reads(late))
            results |= dict(zip(map(id, late), self._results(read, late), strict=True))
        return [results[id(rule)] for rule in rules]

    def _results(self, frame: pl.DataFrame | pl.LazyFrame, rules: list[Rule]) -> list[Result]:
        return evaluate(frame, rules, self._now(), self.around.folder)

    def _failing(self, frame: pl.DataFrame, rule: Rule) -> Any:
        """Return which rows fail a rule, or None for rules about the table and unknown ones."""
        order = self.around.order
        if order is None or rule.kind not in SERIES_RULES:
            return self._breaking(frame, rule)
        failing = self._breaking(order.columns(_reads([rule])), rule)
        return None if failing is None else failing[order.train]

    def _breaking(self, frame: pl.DataFrame, rule: Rule) -> Any:
        try:
            ready = build(rule, Table.of(frame, self._now(), self.around.folder))
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
            return self.evaluated(frame)
        places = np.flatnonzero(numbers)
        results = self.evaluated(frame.filter(pl.Series(numbers)))
        return [
            result
            if self.around.order is not None and result.kind in SERIES_RULES
            else replace(
                result,
                samples=tuple({**s, "row": int(places[s["row"]])} for s in result.samples),
            )
            for result in results
        ]

    def stop(self, results: list[Result], rows: int) -> None:
        """Refuse rows of which a blocking rule does not hold.

        Raises:
            DataError: Names the rule, with samples.
        """
        for result in results:
            if result.severity == "block" and result.verdict != "pass":
                raise DataError(
                    "govern.contract_broken",
                    rule=result.rule,
                    what=(result.why_zh if language() == "zh" else result.why)
                    or f"({result.kind})",
                    failures=result.failures,
                    rows=rows,
                    samples=", ".join(
                        f"{told_row(s['row'])} ({s['value']!r})" for s in result.samples[:5]
                    )
                    or repr(result.observed),
                )

    def describe(self, before: Dataset, after: Dataset) -> dict[str, Json]:
        marked = int(keeping(before.frame).sum() - keeping(after.frame).sum())
        return self.told(self.judge(before), marked)

    def told(self, results: list[Result], marked: int = 0) -> dict[str, Json]:
        """Return the results as a report holds them."""
        return {
            "drafted": self.state.get("drafted", False),
            "rules": [result.to_json() for result in results],
            "failed": sum(result.verdict == "fail" for result in results),
            "unknown": sum(result.verdict == "unknown" for result in results),
            "blocked": sum(r.severity == "block" and r.verdict != "pass" for r in results),
            "changed": marked,
        }


def _reads(rules: Iterable[Rule]) -> list[str]:
    """Return the columns that rules about the order of rows read."""
    named = [(*rule.columns, *names(rule.options.get("group"))) for rule in rules]
    return list(dict.fromkeys(name for some in named for name in some))


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
