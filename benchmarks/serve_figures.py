"""What `serve.py` measured → figures with their targets."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any

from figures import Figure
from serve_peers import PEERS

Found = Mapping[str, Mapping[str, Any]]
CPU_US, START_S, RSS_MB = 110.0, 1.0, 150.0
TEXTS_RATIO, OF_LIMIT = 1.6, 0.9
GROWTH = 0.02
"""Share by which memory may grow in a soak and still count as flat."""


def _of(found: Found, part: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the peers of a part that were measured, with what was found."""
    pairs = [(name.split(" ")[1], told) for name, told in found.items()
             if name.startswith(f"{part} ")]  # fmt: skip
    return [(name, told) for name, told in pairs if "problem" not in told]


def broken(found: Found) -> list[Figure]:
    """A peer that did not start is a line of its own."""
    return [
        Figure(f"{name}: was not measured", math.nan, None, "a peer that answers", False)
        for name, told in found.items() if "problem" in told
    ]  # fmt: skip


def _best(found: Found, part: str, more: str, callers: str) -> list[tuple[str, str, Any]]:
    """Return each peer with what it was faster with, one or `more`, and both sides of that pair."""
    several = dict(_of(found, f"{part}-{more}"))
    best = []
    for name, told in _of(found, part):
        pairs = {f"1 {more[:-1]}": told, f"a {more[:-1]} a core": several.get(name, told)}
        way = max(pairs, key=lambda each: pairs[each]["peer"][callers]["per_s"])
        best.append((name, way, pairs[way]))
    return best


def mlp(found: Found) -> list[Figure]:
    """Digits: rate and p99 beside each peer, with as many workers as it is faster with."""
    figures = []
    for callers in ("16", "64"):
        for name, way, told in _best(found, "mlp", "workers", callers):
            peer = PEERS[name]
            mine, theirs = told["ours"][callers], told["peer"][callers]
            at, least = f"digits c{callers}", peer.ratio * theirs["per_s"]
            rate = mine["per_s"] / theirs["per_s"]
            good = rate >= peer.ratio and not mine["failed"]
            wanted = f">= {peer.ratio:g}x ({rate:.1f}x)" if least else f"told ({rate:.1f}x)"
            sides = mine["per_s"], theirs["per_s"]
            title = f"{peer.title}, {way}"
            figures.append(Figure(f"{at}: requests/s, {title}", *sides, wanted, good))
            lower, wanted = mine["p99_ms"] < theirs["p99_ms"] or not least, "< peer"
            sides, wanted = (mine["p99_ms"], theirs["p99_ms"]), wanted if least else "told"
            figures.append(Figure(f"{at}: p99 ms, {title}", *sides, wanted, lower))
    return figures


def cost(found: Found) -> list[Figure]:
    """CPU time of a request: ours in all runs, and that of the peer that needs least."""
    pairs = _of(found, "mlp")
    if not pairs:
        return []
    mine = statistics.median(told["ours"]["16"]["cpu_us"] for _, told in pairs)
    figures = [Figure("digits c16: CPU µs a request, every process", mine, None,
                      f"<= {CPU_US:g}", mine <= CPU_US)]  # fmt: skip
    for name, told in pairs:
        theirs = told["peer"]["16"]["cpu_us"]
        figures.append(Figure(f"digits c16: CPU µs a request, {PEERS[name].title}",
                              told["ours"]["16"]["cpu_us"], theirs, "told", True))  # fmt: skip
    return figures


def minilm(found: Found) -> list[Figure]:
    """MiniLM beside each peer with its batches on, and the threads that it is faster with."""
    figures = []
    for name, way, told in _best(found, "minilm", "threads", "16"):
        mine, theirs = (told[side]["16"]["per_s"] for side in ("ours", "peer"))
        rate = mine / theirs
        good = rate >= TEXTS_RATIO and not told["ours"]["16"]["failed"]
        figures.append(Figure(f"MiniLM c16: requests/s, {PEERS[name].title}, {way}", mine, theirs,
                              f">= {TEXTS_RATIO:g}x ({rate:.2f}x)", good))  # fmt: skip
    return figures


def limit(found: Found) -> list[Figure]:
    """MiniLM beside ONNX Runtime in process, in whichever way is faster."""
    told = found.get("limit")
    if told is None:
        return []
    mine, best = told["ours"]["per_s"], max(told["alone"].values())
    share = mine / best
    return [Figure("MiniLM c16: rows/s, ONNX Runtime in process, all cores", mine, best,
                   f">= {OF_LIMIT:g}x ({share:.2f}x)", share >= OF_LIMIT)]  # fmt: skip


def start(found: Found) -> list[Figure]:
    """Start and memory beside those of the quickest and the smallest peer of this run."""
    told = found.get("start")
    if told is None:
        return []
    peers = [each for _, each in _of(found, "mlp")]
    quickest = min((each["start_s"]["peer"] for each in peers), default=None)
    largest, all_mb = (
        min((each["peer"]["16"][name] for each in peers), default=None)
        for name in ("largest_mb", "pss_mb")
    )
    seconds, mine = told["start_s"], told["ours"]
    memory, count = mine["largest_mb"], mine["processes"]
    return [
        Figure("start, golden rows answered, s (peer: quickest)", seconds, quickest,
               f"<= {START_S:g}", seconds <= START_S),
        Figure("resident memory under load, largest process, MB (peer: smallest)", memory, largest,
               f"<= {RSS_MB:g}", memory <= RSS_MB),
        Figure(f"memory of all {count:g} processes, shared pages once, MB (peer: smallest)",
               mine["pss_mb"], all_mb, "told", True),
    ]  # fmt: skip


def swap(found: Found) -> list[Figure]:
    told = found.get("swap")
    if told is None:
        return []
    good = told["failed"] == 0 and told["releases"] == 2
    return [Figure(f"{told['swaps']} hot swaps: failed of {told['requests']:,} requests",
                   told["failed"], None, "0", good)]  # fmt: skip


def soak(found: Found) -> list[Figure]:
    told = found.get("soak")
    if told is None:
        return []
    growth = told["late_mb"] / told["early_mb"] - 1
    share, title = told["per_s"] / told["full_per_s"], f"soak of {told['seconds']} s"
    return [
        Figure(f"{title}: failed of {told['requests']:,} at {share:.2f} of full load",
               told["failed"], None, "0", told["failed"] == 0),
        Figure(f"{title}: memory grew from {told['early_mb']:.1f} MB by, %", 100 * growth, None,
               f"<= {100 * GROWTH:g}", growth <= GROWTH),
    ]  # fmt: skip


FIGURES: tuple[Callable[[Found], list[Figure]], ...] = (
    broken,
    mlp,
    cost,
    minilm,
    limit,
    start,
    swap,
    soak,
)


def notes_of(found: Found) -> list[str]:
    """Return what belongs beside the figures: failures of peers, swaps, dates and commits."""
    notes = ["ours: with `processes: 0`: for digits one process a core and the one that forks, "
             "for MiniLM one process",
             "ours: key, quota, ledger, prediction log and counters on; peers: none of these",
             "MiniLM: 16–20 pieces a text, cut into pieces by every server itself"]  # fmt: skip
    for part in ("mlp", "mlp-workers", "minilm", "minilm-threads"):
        for name, told in _of(found, part):
            for callers, runs in told["peer"].items():
                if runs["failed"]:
                    notes.append(f"{part} c{callers}: {PEERS[name].title} failed "
                                 f"{runs['failed']:g} requests")  # fmt: skip
    if "limit" in found:
        ways = ", ".join(f"{way} {rate:.0f}" for way, rate in found["limit"]["alone"].items())
        notes.append(
            f"ONNX Runtime in process, rows/s: {ways} (batches of 16; apart: one of 8 a core)"
        )
    if "swap" in found:
        told = found["swap"]
        notes.append(f"slowest swap taken over {told['swap_s']:.2f} s after the route was set; "
                     f"slowest reply {told['max_ms']:.0f} ms")  # fmt: skip
    for name, told in found.items():
        said = told.get("problem") or f"load {told['load']:.1f}, {told['took_s']:.0f} s"
        notes.append(f"{name}: {told['at']}, commit {told['commit']}, {said}")
    return notes
