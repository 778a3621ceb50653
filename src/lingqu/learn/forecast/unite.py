"""The members of a choice as one model: the same tails, one block of numbers, and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lingqu.core import digest
from lingqu.core.nouns import Json, Member, Model
from lingqu.learn.forecast.graph import moved, with_interval
from lingqu.learn.forecast.intervals import Widths
from lingqu.learn.forecast.reading import Reading
from lingqu.release.series.block import FIRST, block_of, encoding_of
from lingqu.release.series.parts import width


def united(
    members: Sequence[Member],
    reading: Reading,
    ends: Widths | None,
    levels: Sequence[float] = (),
    sums: Mapping[str, Json] | None = None,
) -> Model:
    """Return members of several fits as one model that forecasts from the end of all rows.

    What was fitted stays as it is; the tails are those of all training rows, also for members
    that were fitted up to an earlier origin. A part that several members read is computed once,
    and members that then are the same become one.

    Args:
        members: Of the chosen ensemble; their weights sum to 1.
        reading: All training rows.
        ends: Width of the interval; None for values alone, as where sums have their own.
        levels: The quantiles that are told beside.
        sums: How the series and their sums fit together, as `Coherence.to_json` says it.
    """
    parts: list[Mapping[str, Json]] = []
    place: dict[str, int] = {}
    columns: list[list[int]] = []
    at = FIRST
    for member in members:
        own = list(range(FIRST))
        for part in member.encoding["blocks"][0]["parts"]:
            key = digest.of_json(part)
            if key not in place:
                place[key] = at
                parts.append(part)
                at += width(part)
            own += range(place[key], place[key] + width(part))
        columns.append(own)
    block = block_of(
        reading.book, parts, time=reading.time, groups=reading.groups, target=reading.target,
        horizon=reading.horizon, length=reading.length,
    )  # fmt: skip
    if len(levels):
        block["quantiles"] = list(levels)
    if sums is not None:
        block["sums"] = dict(sums)
    encoding = encoding_of(block)
    joined: dict[str, Member] = {}
    for member, own in zip(members, columns, strict=True):
        data = moved(member.graph, own, at)
        if ends is not None:
            told = ends.below.tolist(), ends.above.tolist(), ends.quantiles.tolist()
            data = with_interval(data, *told, reading.floor)
        key = digest.of_bytes(data)
        weight = member.weight + (joined[key].weight if key in joined else 0.0)
        joined[key] = replace(member, weight=weight, encoding=encoding, graph=data)
    return Model("forecast", (), tuple(joined.values()))
