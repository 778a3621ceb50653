"""Drift: does a live window still look like the rows that the release was judged on?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lingqu.check import two_sample
from lingqu.check.truth import unknown, why
from lingqu.core.nouns import Finding, Json, Subject
from lingqu.release.profile import count, signals

_PSI_BINS = 10


@dataclass(frozen=True)
class _Test:
    name: str
    column: str
    effect: float
    p: float
    floor: float
    n: int
    detail: Mapping[str, Json]


@dataclass
class Drift:
    """Compare a window with the profile of the release, from counts only.

    All tests of a window share one false-alarm budget (Holm), and a test alarms only if its
    effect also reaches a floor: with many rows everything is significant, and little matters.
    Tests: Kolmogorov-Smirnov, shift and spread of numbers, homogeneity of categories, missing,
    unseen and out-of-range shares, correlation of numbers, distribution of answers and confidences.

    Args:
        alpha: Largest chance of any false alarm in a window without drift.
        effect: Floor of Kolmogorov-Smirnov and of the share of rows that changed category.
        shift: Floor of the shift of a number, in standard deviations.
        rate: Floor of the change of a missing, unseen or out-of-range share.
        spread: Floor of the relative change of a standard deviation.
        correlation: Floor of the change of a correlation.
        min_rows: Smaller windows are not judged.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> from lingqu.release.profile import count, fit_profile
        >>> old = fit_profile(pl.DataFrame({"age": [float(i % 50) for i in range(1000)]}))
        >>> now = count(old, pl.DataFrame({"age": [float(i % 50) + 9 for i in range(500)]}))
        >>> subject = Subject("live", "regress", Schema(()), reference=old, facts={"window": now})
        >>> {f.subject: f.value for f in Drift().look(subject)}["drift.alarm"]
        1.0

    Source: Rabanser, Günnemann, Lipton, "Failing Loudly", NeurIPS 2019,
    arXiv:1810.11953 (univariate tests with a corrected level); Holm 1979; floors are our own.
    """

    name: ClassVar[str] = "drift"
    stages: ClassVar[frozenset[str]] = frozenset({"live"})

    alpha: float = 0.01
    effect: float = 0.03
    shift: float = 0.1
    rate: float = 0.02
    spread: float = 0.1
    correlation: float = 0.1
    min_rows: int = 50

    def look(self, subject: Subject) -> list[Finding]:
        reference = subject.reference
        if not reference:
            return self._unknown(why("check.no_profile"), 0)
        window = _window(subject, reference)
        if window is None:
            return self._unknown(why("check.no_requests"), 0)
        rows = int(window["rows"])
        if rows < self.min_rows:
            reason = why("check.too_few", rows=rows, least=self.min_rows)
            return self._unknown(reason, rows)
        tests = list(self._tests(reference, window))
        significant = two_sample.holm([test.p for test in tests], self.alpha)
        alarms = [t for t, s in zip(tests, significant, strict=True) if s and t.effect >= t.floor]
        quiet = [t for t, s in zip(tests, significant, strict=True) if s and t.effect < t.floor]
        return [
            self._alarm(tests, alarms, quiet, rows),
            self._share(alarms, reference, rows),
            *_stability(reference, window, rows),
            *(_finding(test, test in alarms, test in quiet) for test in tests),
        ]

    def _unknown(self, reason: dict[str, Json], rows: int) -> list[Finding]:
        measures = ("drift.alarm", "drift.share", "drift.psi")
        return [unknown(self.name, measure, reason, n=rows) for measure in measures]

    def _tests(self, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[_Test]:
        for name, part in old["columns"].items():
            yield from self._column(name, part, new["columns"][name])
        for name, part in old["outputs"].items():
            now = new["outputs"].get(name)
            if now is not None and sum(now["counts"]):
                yield from self._column(name, part, now)
        yield from self._correlation(old, new)

    def _column(
        self, name: str, old: Mapping[str, Json], new: Mapping[str, Json]
    ) -> Iterator[_Test]:
        before, now = np.asarray(old["counts"]), np.asarray(new["counts"])
        n, m = _rows(old), _rows(new)
        detail: dict[str, Json] = {"reference": before.tolist(), "window": now.tolist()}

        def test(kind: str, result: two_sample.Result, floor: float, **more: Json) -> _Test:
            return _Test(kind, name, result[0], result[1], floor, m, more)

        if old["kind"] == "number":
            detail["edges"] = old["edges"]
            result = two_sample.kolmogorov_smirnov(before, now)
            yield test("ks", result, self.effect, **detail)
            scores = np.asarray(old["scores"], dtype=np.float64)
            yield test("shift", two_sample.shift(before, now, scores), self.shift)
            yield test("scale", two_sample.scale(before, now, scores), self.spread)
            outside = int(now[0] + now[-1])
            if outside:
                result = two_sample.rates(int(before[0] + before[-1]), n, outside, m, greater=True)
                yield test("range", result, self.rate, low=old["min"], high=old["max"])
        else:
            detail["levels"] = old["levels"]
            # Rows beyond the known levels are rows too: a new level takes its share from others.
            first, second = (
                np.append(c, p["other"] + p["unseen"]) for c, p in ((before, old), (now, new))
            )
            result = two_sample.categories(first, second, int(before.min(initial=n)))
            yield test("category", result, self.effect, **detail)
            if new["unseen"]:
                # Levels seen once tell how often a new one is to be expected (Good, 1953).
                once = int((before == 1).sum())
                result = two_sample.rates(once, n, int(new["unseen"]), m, greater=True)
                yield test("unseen", result, self.rate)
        if old["nulls"] or new["nulls"]:
            effect, p = two_sample.rates(int(old["nulls"]), n, int(new["nulls"]), m)
            yield test("missing", (abs(effect), p), self.rate, share=new["nulls"] / max(m, 1))

    def _correlation(self, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[_Test]:
        names = old["cross"]["names"]
        if len(names) < 2 or not new["rows"]:
            return
        before, now = _correlations(old), _correlations(new)
        spread = np.asarray(old["cross"]["spread"])
        result, pair = two_sample.correlations(before, now, spread, old["rows"], new["rows"])
        i, j = (int(part[pair]) for part in np.triu_indices(len(names), k=1))
        detail = {
            "columns": [names[i], names[j]],
            "reference": round(float(before[pair]), 4),
            "window": round(float(now[pair]), 4),
        }
        yield _Test("correlation", "", *result, self.correlation, int(new["rows"]), detail)

    def _alarm(
        self, tests: list[_Test], alarms: list[_Test], quiet: list[_Test], rows: int
    ) -> Finding:
        return Finding(
            self.name,
            "drift.alarm",
            1.0 if alarms else 0.0,
            n=rows,
            verdict="fail" if alarms else "pass",
            severity="warn" if alarms else "info",
            evidence={
                "tests": len(tests),
                "alpha": self.alpha,
                "alarms": [_short(test) for test in sorted(alarms, key=lambda t: t.p)[:20]],
                "without_effect": [_short(test) for test in quiet[:20]],
            },
            advice="check.drift_seen" if alarms else "",
        )

    def _share(self, alarms: list[_Test], reference: Mapping[str, Json], rows: int) -> Finding:
        drifted = sorted({test.column for test in alarms} & set(reference["columns"]))
        share = len(drifted) / max(len(reference["columns"]), 1)
        return Finding(self.name, "drift.share", share, n=rows, evidence={"columns": drifted[:20]})


def _window(subject: Subject, reference: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Return the counted window: as the log kept it, else counted from rows at hand."""
    window: Mapping[str, Json] | None = subject.facts.get("window")
    if window or subject.test is None:
        return window or None
    seen = signals(subject.test.frame, subject.schema)
    return count(reference, seen, subject.predictions)


def _rows(part: Mapping[str, Json]) -> int:
    extra = part["other"] + part["unseen"] if part["kind"] == "category" else 0
    return int(sum(part["counts"]) + part["nulls"] + extra)


def _correlations(profile: Mapping[str, Json]) -> NDArray[np.float64]:
    names, rows = profile["cross"]["names"], profile["rows"]
    means, deviations = [], []
    for name in names:
        part = profile["columns"][name]
        counts, scores = np.asarray(part["counts"]), np.asarray(part["scores"], dtype=np.float64)
        mean = counts @ scores / rows
        means.append(mean)
        deviations.append(np.sqrt(max(counts @ scores**2 / rows - mean**2, 0.0)))
    first, second = np.triu_indices(len(names), k=1)
    mean, deviation = np.asarray(means), np.asarray(deviations)
    products: NDArray[Any] = np.asarray(profile["cross"]["products"], dtype=np.float64)
    covariance = products / rows - mean[first] * mean[second]
    scale = deviation[first] * deviation[second]
    found: NDArray[np.float64] = np.divide(
        covariance, scale, out=np.zeros(len(products)), where=scale > 0
    )
    return found


def _stability(old: Mapping[str, Json], new: Mapping[str, Json], rows: int) -> Iterator[Finding]:
    """Yield the population stability index of each column, and the largest."""
    largest, where = 0.0, ""
    for name, part in old["columns"].items():
        value = _psi(part, new["columns"][name])
        yield Finding("drift", "drift.psi", value, name, n=rows)
        if value > largest:
            largest, where = value, name
    yield Finding("drift", "drift.psi", largest, n=rows, evidence={"column": where})


def _psi(old: Mapping[str, Json], new: Mapping[str, Json]) -> float:
    before, now = np.asarray(old["counts"]), np.asarray(new["counts"])
    bins = int(max(2, min(_PSI_BINS, _rows(new) // 20)))
    if old["kind"] == "number":
        before, now = two_sample.coarser(before, now, bins)
    else:  # levels are kept by falling frequency: the rarest are pooled
        before, now = (
            np.append(c[: bins - 1], c[bins - 1 :].sum() + p["other"] + p["unseen"])
            for c, p in ((before, old), (now, new))
        )
    if old["nulls"] or new["nulls"]:
        before, now = np.append(before, old["nulls"]), np.append(now, new["nulls"])
    return two_sample.population_stability(before, now)


def _finding(test: _Test, alarm: bool, quiet: bool) -> Finding:
    return Finding(
        "drift",
        f"drift.{test.name}",
        test.effect,
        test.column,
        n=test.n,
        verdict="fail" if alarm else "note" if quiet else "pass",
        severity="warn" if alarm else "info",
        evidence={**test.detail, "p": test.p, "floor": test.floor},
        advice="check.drift_seen" if alarm else "",
    )


def _short(test: _Test) -> dict[str, Json]:
    return {
        "test": test.name,
        "column": test.column,
        "effect": round(test.effect, 4),
        "p": test.p,
        "n": test.n,
    }
