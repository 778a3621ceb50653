"""What to collect next: findings of later stages come back to the data.

Rows that every learner misses, slices that are answered worse than the rest, classes and slices
with too few rows, groups that are under their declared share, and columns that have drifted in use
become a list of what to collect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import ceil
from typing import Any

import polars as pl

from lingqu.core.i18n import both
from lingqu.core.nouns import Dataset, Json
from lingqu.core.schema import Column
from lingqu.data import versions
from lingqu.flow.decisions import row_ids, row_key
from lingqu.flow.last_run import doubted, newest_run, places_read, stage_results
from lingqu.flow.shown import shown_row
from lingqu.release.prepare import hidden_columns
from lingqu.store.home import Home

FEWEST = 30
"""Rows of a class or slice below which nothing can be said of it with any certainty."""
LEVELS = 12
"""Columns with more levels are no slices that somebody could go and collect."""
MOST = 20
"""Items of one reason, and sample rows of one item."""
_SHARE = 0.1
"""Part of the largest class that a class should have."""


def wanted(home: Home, channel: str) -> list[dict[str, Json]]:
    """Return what should be collected for a channel, the most pressing first.

    Returns:
        Items ``{"reason", "what", "what_zh", "have", "wanted", "rows"}``: why, what to look for,
        how many rows there are, how many more are wanted (None where one cannot say), and sample
        rows ``{"id", "values", "image"}``.

    Raises:
        StoreError: The channel was never walked to the end.
    """
    run = newest_run(home, channel, "train")
    results = stage_results(home, run, ("data", "govern", "train"))
    train = versions.load(results["govern"]["train"]["blob"], home.blobs)
    hidden = hidden_columns(results["govern"]["operators"])
    items: list[dict[str, Json]] = []
    items += _missed(home, results, hidden)
    items += _failing(results.get("check", {}).get("findings", ()))
    items += _under_share(results["govern"]["findings"])
    items += islice(_few(train, hidden), MOST)
    items += _drifted(home, channel)
    return items


def _item(
    reason: str, have: int, more: int | None, samples: Sequence[Json] = (), /, **facts: Any
) -> dict[str, Json]:
    words = both(f"loop.{reason}", **facts)
    return {
        "reason": reason,
        "what": words["en"],
        "what_zh": words["zh"],
        "have": have,
        "wanted": more,
        "rows": list(samples),
    }


def _missed(
    home: Home, results: Mapping[str, Mapping[str, Json]], hidden: set[str]
) -> list[dict[str, Json]]:
    """Return one item per pair of true and told class; one of all in a regression.

    Rows are shown and named as they were read. One whose label is doubted is left out: whether it
    is a rare case or a mistake is for a person to say first.
    """
    missed = results["train"].get("missed", ())
    read = versions.load(results["data"]["train"]["blob"], home.blobs)
    target = read.schema.target
    if target is None or not missed:
        return []
    places = places_read(home, results["govern"], len(read))
    suspects = {int(row["row"]) for row in doubted(results["govern"])}
    labels = read.frame.get_column(target.name)
    pairs: dict[tuple[str, str], list[int]] = {}
    for row in missed:
        place = int(places[row["row"]])
        if place not in suspects:
            number = isinstance(row["said"], float) and target.kind == "number"
            key = ("", "") if number else (str(labels[place]), str(row["said"]))
            pairs.setdefault(key, []).append(place)
    shown, key_of = read.schema.without(hidden), row_key(home)
    items = []
    for (true, said), rows in sorted(pairs.items(), key=lambda pair: -len(pair[1]))[:MOST]:
        frame = read.frame[rows[:MOST]]
        ids = row_ids(frame, read.schema, key_of)
        samples = [
            {"id": name, **shown_row(shown, values, named=True)}
            for name, values in zip(ids, frame.iter_rows(named=True), strict=True)
        ]
        reason = "missed" if said else "missed_values"
        facts = {"true": true, "said": said, "rows": len(rows), "by": missed[0]["by"]}
        items.append(_item(reason, len(rows), 10 * len(rows), samples, **facts))
    return items


def _failing(findings: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Return the slices of the test rows that are answered worse than the rest, worst first.

    How many more rows it would take cannot be said: nobody knows whether they are rare or hard.
    """
    shares = any(f["evidence"].get("unit") == "share" for f in findings)
    items = []
    for finding in findings:
        if finding["measure"] == "slices.gap":
            seen = finding["evidence"]
            reason = "failing" if shares else "failing_values"
            facts = {"slice": finding["argument"], "loss": seen["loss"], "rest": seen["rest"]}
            items.append(_item(reason, finding["n"], None, **facts))
    return items[:MOST]


def _under_share(findings: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Return the groups that are under the share that the channel declares."""
    items = []
    for finding in findings:
        groups = finding["evidence"].get("groups", {})
        if finding["measure"] != "quality.representativeness":
            continue
        for column, levels in groups.items():
            total = sum(level["rows"] for level in levels.values())
            for level, seen in levels.items():
                share = seen["declared"]
                if seen["observed"] < 0.9 * share < 0.9:
                    # Adding only rows of this group: (have + more) / (total + more) = share.
                    more = ceil((share * total - seen["rows"]) / (1 - share))
                    facts = {"column": column, "level": level, "declared": share,
                             "observed": seen["observed"]}  # fmt: skip
                    items.append(_item("under_share", seen["rows"], more, **facts))
    return sorted(items, key=lambda item: -item["wanted"])[:MOST]


def _few(train: Dataset, hidden: set[str]) -> Iterator[dict[str, Json]]:
    """Yield classes with few rows, then slices of one column and a class with few rows."""
    target = train.schema.target
    if target is None or target.kind not in ("category", "boolean"):
        return
    classes = dict(_counted(train.frame, target))
    least = max(FEWEST, ceil(_SHARE * max(classes.values(), default=0)))
    for level in target.levels or sorted(classes):
        have = classes.get(level, 0)
        if have < least:
            yield _item("few_of_class", have, least - have, column=target.name, level=level)
    sliced = [
        column
        for column in train.schema
        if column.role in ("feature", "protected")
        and column.kind in ("category", "boolean")
        and column.name not in hidden
        and 2 <= len(column.levels or ("", "")) <= LEVELS
    ]
    found = [slice_ for column in sliced for slice_ in _slices(train.frame, column, target)]
    for have, column, level, label in sorted(found):
        facts = {"column": column, "level": level, "target": target.name, "label": label}
        yield _item("few_of_slice", have, FEWEST - have, **facts)


def _counted(frame: pl.DataFrame, column: Column) -> list[tuple[str, int]]:
    words = frame.get_column(column.name).cast(pl.String).drop_nulls()
    return list(words.value_counts(name="lingqu.n").sort(column.name).iter_rows())


def _slices(frame: pl.DataFrame, column: Column, target: Column) -> list[tuple[int, str, str, str]]:
    """Return (rows, column, level, label) of the slices with too few rows, also with none."""
    both_ = frame.select(
        pl.col(column.name).cast(pl.String).alias("level"),
        pl.col(target.name).cast(pl.String).alias("label"),
    ).drop_nulls()
    if both_["level"].n_unique() > LEVELS:
        return []
    counts = {(a, b): n for a, b, n in both_.group_by("level", "label").len().iter_rows()}
    return [
        (counts.get((level, label), 0), column.name, level, label)
        for level in both_["level"].unique().sort()
        for label in both_["label"].unique().sort()
        if counts.get((level, label), 0) < FEWEST
    ]


def _drifted(home: Home, channel: str) -> list[dict[str, Json]]:
    """Return the columns whose live rows no longer look like the training rows."""
    seen: dict[str, Mapping[str, Json]] = {}
    for record in home.ledger.findings.records(channel=channel):
        finding = record.finding
        if record.stage != "live":
            continue
        if finding.verdict == "fail" and finding.argument and finding.measure.startswith("drift."):
            seen[finding.argument] = finding.to_json()
    return [
        _item("drifted", 0, None, column=column, measure=finding["measure"],
              value=finding["value"], rows=finding["n"])
        for column, finding in islice(sorted(seen.items()), MOST)
    ]  # fmt: skip
