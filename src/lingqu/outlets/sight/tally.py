"""What processes counted, added up, and shown: the page for Prometheus, quantiles, rates.

A state is what `lingqu.outlets.sight.counters.Counters.state` returns, plain JSON: each process of
an outlet writes its own, whoever shows them adds them up. Latencies lie in the buckets of Renard's
series R10, so a quantile is at most an eighth away from the true one, whatever the number of
requests, and two histograms add up to one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lingqu.core.nouns import Json

_R10 = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
ENDS_MS = tuple(round(step * 10.0**power, 6) for power in range(-2, 5) for step in _R10)
"""Upper ends of the buckets of the histogram: 10 µs to 80 s."""
SHOWN_MS = (0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1000.0, 5000.0)
"""Those of them that the page for Prometheus tells."""
GAUGES: Mapping[str, tuple[str, str, str]] = {
    "waiting": ("lingqu_waiting", "gauge", "Requests that wait for a run."),
    "logged": ("lingqu_log_written_total", "counter", "Rows logged."),
    "dropped": ("lingqu_log_dropped_total", "counter", "Rows that could not be logged."),
}
State = Mapping[str, Any]


def merged(states: Iterable[State]) -> list[dict[str, Json]]:
    """Add up the states of processes: one state a channel, in order of names.

    Example:
        >>> from lingqu.outlets.sight.counters import Counters
        >>> one, two = Counters("churn", since=5.0), Counters("churn", since=3.0)
        >>> one.add("ab", "champion", 200, 1, 0.5)
        >>> two.add("ab", "champion", 503, 1, 0.5)
        >>> (both,) = merged([one.state(waiting=1), two.state(waiting=2)])
        >>> both["series"][0]["statuses"], both["gauges"], both["since"], both["processes"]
        ({'200': 1, '503': 1}, {'waiting': 3}, 3.0, 2)
    """
    found: dict[str, dict[str, Json]] = {}
    for state in states:
        name = str(state["channel"])
        into = found.setdefault(
            name,
            {"channel": name, "since": state["since"], "processes": 0, "gauges": {}, "keys": {},
             "series": []},
        )  # fmt: skip
        into["since"] = min(into["since"], state["since"])
        into["processes"] += state["processes"]
        _add(into["gauges"], state["gauges"])
        _add(into["keys"], state["keys"])
        for series in state["series"]:
            _add_series(into["series"], series)
    for state in found.values():
        state["series"].sort(key=lambda s: (s["release"], s["arm"]))
    return [found[name] for name in sorted(found)]


def _add(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, count in more.items():
        into[name] = into.get(name, 0) + count


def _add_series(into: list[dict[str, Json]], more: Mapping[str, Any]) -> None:
    same = [s for s in into if (s["release"], s["arm"]) == (more["release"], more["arm"])]
    if not same:
        copied = {**more, "statuses": dict(more["statuses"]), "buckets": dict(more["buckets"])}
        into.append(copied)
        return
    (one,) = same
    for name in ("statuses", "buckets"):
        _add(one[name], more[name])
    for name in ("rows", "ms"):
        one[name] += more[name]


def since(now: State, before: State | None) -> dict[str, Json]:
    """Return what was counted between two looks at one channel; gauges are those of now.

    A series that counts less than before has begun anew, and counts from nothing.
    """
    told = {(s["release"], s["arm"]): s for s in (before or {}).get("series", ())}
    series = []
    for one in now["series"]:
        old = told.get((one["release"], one["arm"]))
        if old is None or requests(old) > requests(one):
            series.append(one)
            continue
        series.append(
            {
                **one,
                "statuses": _less(one["statuses"], old["statuses"]),
                "buckets": _less(one["buckets"], old["buckets"]),
                "rows": one["rows"] - old["rows"],
                "ms": one["ms"] - old["ms"],
            }
        )
    return {**now, "series": series}


def _less(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    left = {name: count - before.get(name, 0) for name, count in now.items()}
    return {name: count for name, count in left.items() if count > 0}


def requests(series: Mapping[str, Any], least: int = 0, below: int = 1000) -> int:
    """Return how many requests ended with a status in a range.

    Example:
        >>> requests({"statuses": {"200": 5, "422": 1, "503": 2}}, 500)
        2
    """
    statuses: Mapping[str, int] = series["statuses"]
    return sum(count for status, count in statuses.items() if least <= int(status) < below)


def summary(states: Iterable[State]) -> dict[str, int]:
    """Return requests, those that failed by our fault, answered rows, and rows of the log.

    Example:
        >>> from lingqu.outlets.sight.counters import Counters
        >>> counters = Counters("churn", since=1.0)
        >>> counters.add("ab", "champion", 200, 3, 0.5)
        >>> summary([counters.state(logged=3, dropped=0)])
        {'requests': 1, 'errors': 0, 'rows': 3, 'logged': 3, 'dropped': 0}
    """
    channels = merged(states)
    series = [one for state in channels for one in state["series"]]
    logged, dropped = (
        sum(int(state["gauges"].get(name, 0)) for state in channels)
        for name in ("logged", "dropped")
    )
    return {
        "requests": sum(requests(one) for one in series),
        "errors": sum(requests(one, 500) for one in series),
        "rows": sum(one["rows"] for one in series),
        "logged": logged,
        "dropped": dropped,
    }


def joined_buckets(series: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the histogram of several series."""
    found: dict[str, int] = {}
    for one in series:
        _add(found, one["buckets"])
    return found


def quantile(buckets: Mapping[str, int], share: float) -> float | None:
    """Return a quantile of latencies in milliseconds; None where nothing was answered.

    Within a bucket requests are taken to be spread evenly.

    Args:
        buckets: Number of a bucket → requests.
        share: 0.5 for the median.

    Example:
        >>> quantile({"20": 10}, 0.5), quantile({}, 0.5)
        (0.9, None)
    """
    total = sum(buckets.values())
    if not total:
        return None
    wanted, seen = share * total, 0
    for place, count in sorted((int(place), count) for place, count in buckets.items()):
        if seen + count >= wanted:
            low = ENDS_MS[place - 1] if place else 0.0
            high = ENDS_MS[min(place, len(ENDS_MS) - 1)]
            return round(low + (high - low) * max(0.0, wanted - seen) / count, 6)
        seen += count
    return ENDS_MS[-1]


def page(states: Iterable[State]) -> str:
    """Return the page in the Prometheus text form, of all channels and processes together."""
    channels = merged(states)
    lines = [
        *_head("lingqu_requests_total", "counter", "Requests by release, arm and status."),
        *(line for state in channels for line in _requests(state)),
        *_head("lingqu_key_requests_total", "counter", "Requests by id of the key."),
        *(
            f"lingqu_key_requests_total{_labels(channel=state['channel'], key=key)} {count}"
            for state in channels
            for key, count in sorted(state["keys"].items())
        ),
        *_head("lingqu_rows_total", "counter", "Rows answered."),
        *(
            f"lingqu_rows_total{_of(state, one)} {one['rows']}"
            for state in channels
            for one in state["series"]
        ),
        *_head("lingqu_latency_milliseconds", "histogram", "Last byte in to first byte out."),
        *(line for state in channels for one in state["series"] for line in _histogram(state, one)),
        *_gauges(channels),
    ]
    return "\n".join(lines) + "\n"


def _requests(state: State) -> Iterator[str]:
    for one in state["series"]:
        for status, count in sorted(one["statuses"].items()):
            yield f"lingqu_requests_total{_of(state, one, status=status)} {count}"


def _histogram(state: State, one: Mapping[str, Any]) -> Iterator[str]:
    name = "lingqu_latency_milliseconds"
    ends = [bisect_right(ENDS_MS, end) for end in SHOWN_MS]
    counts = {int(place): count for place, count in one["buckets"].items()}
    for end, last in zip(SHOWN_MS, ends, strict=True):
        seen = sum(count for place, count in counts.items() if place < last)
        yield f"{name}_bucket{_of(state, one, le=str(end))} {seen}"
    total = sum(counts.values())
    yield f"{name}_bucket{_of(state, one, le='+Inf')} {total}"
    yield f"{name}_sum{_of(state, one)} {one['ms']:.6f}"
    yield f"{name}_count{_of(state, one)} {total}"


def _gauges(channels: Sequence[State]) -> Iterator[str]:
    yield from _head("lingqu_processes", "gauge", "Processes that answer.")
    for state in channels:
        yield f"lingqu_processes{_labels(channel=state['channel'])} {state['processes']}"
    for kept, (name, kind, told) in GAUGES.items():
        having = [state for state in channels if kept in state["gauges"]]
        if having:
            yield from _head(name, kind, told)
        for state in having:
            yield f"{name}{_labels(channel=state['channel'])} {state['gauges'][kept]}"


def _of(state: State, one: Mapping[str, Any], **more: str) -> str:
    return _labels(channel=state["channel"], release=one["release"], arm=one["arm"], **more)


def _labels(**values: str) -> str:
    told = ",".join(f'{name}="{_escaped(str(value))}"' for name, value in values.items())
    return f"{{{told}}}"


def _head(name: str, kind: str, told: str) -> list[str]:
    return [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
