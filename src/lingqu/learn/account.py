"""Why the winner won: the figures of it, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lingqu.core.i18n import Language, Phrase, both, each, joined
from lingqu.core.metrics import greater_is_better, loss
from lingqu.core.nouns import Json
from lingqu.learn.beside import Judge
from lingqu.learn.ensemble import average
from lingqu.learn.lane import Lane
from lingqu.learn.standings import Standings

Note = Mapping[Language, str]
SURE = 2.0
"""Standard errors from which a difference is more than chance."""


def account(judge: Judge, lanes: Mapping[str, Lane]) -> dict[str, Json]:
    """Return the figures that say why the winner won.

    Args:
        judge: Of the finished race and the released model.
        lanes: Its candidates.

    Returns:
        ``metric``, ``score`` and ``error`` (of the released members before calibration, greater
        is better), ``rows``, ``folds``, ``members``; ``runner_up`` (``name``, ``gap``,
        ``gap_error``, ``rows``, folds ``won``, ``lost``, ``of``); ``best_member`` with what
        averaging adds to it; ``baseline`` (``score``); ``barred`` (``name``,
        ``why``, ``why_zh``);
        ``tried``, ``failed`` and ``untried`` (counts). What there is nothing to say of is None.
    """
    standings, level = judge.standings, judge.level
    winner = judge.winner
    score = -standings.loss(standings.blend(winner, level), level)
    values = list(lanes.values())
    return {
        "metric": standings.metric,
        "score": _finite(score),
        "error": judge.error(winner, level),
        "rows": len(standings.rows(level)),
        "folds": level,
        "members": dict(winner),
        "runner_up": _runner_up(judge, lanes),
        "best_member": _best_member(judge) if len(winner) > 1 else None,
        "baseline": _baseline(judge, lanes),
        "barred": [{"name": lane.name, **_why(lane)} for lane in values if lane.barred],
        "tried": sum(lane.depth > 0 and lane.entry.algorithm != "constant" for lane in values),
        "failed": sum(lane.broken and not lane.depth for lane in values),
        "untried": sum(not lane.fits and not lane.broken for lane in values),
    }


def _why(lane: Lane) -> dict[str, Json]:
    """Return which limits a candidate breaks, as it is stored."""
    said = each(lane.barred)
    return {"why": said["en"], "why_zh": said["zh"]}


def _either(told: Mapping[str, Json]) -> Phrase:
    return Phrase(
        "core.either", {"english": told["why"], "chinese": told.get("why_zh") or told["why"]}
    )


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _runner_up(judge: Judge, lanes: Mapping[str, Lane]) -> dict[str, Json] | None:
    """Return the best learner that is not in the released model, beside it."""
    rivals = [
        lane
        for lane in lanes.values()
        if lane.depth
        and not lane.barred
        and lane.name not in judge.winner
        and lane.entry.algorithm != "constant"
    ]
    if not rivals:
        return None
    # One that was judged on fewer rows is the runner-up only where there is no other.
    deepest = max(min(lane.depth, judge.level) for lane in rivals)
    rivals = [lane for lane in rivals if min(lane.depth, judge.level) == deepest]
    found = [(judge.beside({lane.name: 1.0}, lane.depth), lane) for lane in rivals]
    known = [(one.gap, lane.name, one, lane) for one, lane in found if one.gap is not None]
    if not known:
        return None
    gap, name, one, lane = max(known, key=lambda entry: (entry[0], entry[1]))
    won, lost, folds = _folds(judge.standings, judge.winner, lane, judge.level)
    return {
        "name": name, "gap": gap, "gap_error": one.gap_error, "rows": one.rows, "won": won,
        "lost": lost, "of": folds,
    }  # fmt: skip


def _folds(
    standings: Standings, winner: Mapping[str, float], rival: Lane, level: int
) -> tuple[int, int, int]:
    """Count the folds in which the winner was better, and worse, than a rival."""
    won = lost = 0
    depth = min(rival.depth, level)
    for fold in range(depth):
        truth = standings.y[standings.folds.pairs[fold][1]]
        said = [standings.lanes[name].fits[fold].predictions for name in winner]
        theirs = rival.fits[fold].predictions
        parts = [one for one in said if one is not None]
        if theirs is None or len(parts) < len(said):
            continue
        ours = average(parts, list(winner.values()))
        a, b = (loss(standings.metric, truth, one) for one in (ours, theirs))
        won, lost = won + (a < b), lost + (a > b)
    return won, lost, depth


def _best_member(judge: Judge) -> dict[str, Json] | None:
    """Return the best member of an ensemble, and what the others add to it."""
    beside = {name: judge.beside({name: 1.0}, judge.level) for name in judge.winner}
    known = {name: one for name, one in beside.items() if one.gap is not None}
    if not known:
        return None
    name = max(known, key=lambda member: (known[member].gap or 0.0, member))
    gap = known[name].gap
    return {"name": name, "gain": -(gap or 0.0), "gain_error": known[name].gap_error}


def _baseline(judge: Judge, lanes: Mapping[str, Lane]) -> dict[str, Json] | None:
    for lane in lanes.values():
        if lane.entry.algorithm == "constant" and lane.depth:
            level = min(lane.depth, judge.level)
            said = judge.standings.answers(lane.name, level)
            score = _finite(-judge.standings.loss(said, level))
            return None if score is None else {"name": lane.name, "score": score}
    return None


def in_words(told: Mapping[str, Any]) -> list[Note]:
    """Return an account as a paragraph, sentence by sentence, in both languages.

    Args:
        told: From `account`.
    """
    metric = str(told["metric"])
    up = greater_is_better(metric)
    notes = [_chosen(told, metric, up)]
    rival, member = told["runner_up"], told["best_member"]
    if member is not None:
        key = "added" if _sure(member["gain"], member["gain_error"]) else "added_little"
        notes.append(both(f"why.{key}", name=member["name"], metric=metric,
                          **_size(member["gain"], member["gain_error"])))  # fmt: skip
    if rival is not None:
        notes.append(_beaten(rival, metric))
    base = told["baseline"]
    if base is not None and base["name"] not in told["members"]:
        notes.append(both("why.baseline", metric=metric, score=_read(base["score"], up)))
    if told["barred"]:
        named = [
            Phrase("why.barred_one", {"name": one["name"], "why": _either(one)})
            for one in told["barred"]
        ]
        notes.append(both("why.barred", names=joined(named)))
    if told["untried"]:
        notes.append(both("why.untried", count=told["untried"]))
    if told["tried"] > 2:
        notes.append(both("why.picked", count=told["tried"]))
    return notes


def _chosen(told: Mapping[str, Any], metric: str, up: bool) -> Note:
    shares = sorted(told["members"].items(), key=lambda item: (-item[1], item[0]))
    names = ", ".join(f"{name} ({share:.0%})" for name, share in shares)
    facts = {"metric": metric, "score": _read(told["score"], up), "rows": told["rows"],
             "error": doubt(told["error"])}  # fmt: skip
    key = "average" if len(shares) > 1 else "single"
    if len(shares) == 1:
        names = shares[0][0]
    return both(f"why.{key}", names=names, **facts)


def _beaten(rival: Mapping[str, Any], metric: str) -> Note:
    gap, error = -rival["gap"], rival["gap_error"]
    facts = {"name": rival["name"], "metric": metric, "rows": rival["rows"], **_size(gap, error)}
    if rival["of"] > 1:
        folds = both("why.folds", won=rival["won"], lost=rival["lost"], of=rival["of"])
    else:
        folds = {"en": "", "zh": ""}
    if gap < 0:
        key = "behind"
    elif gap == 0:
        key = "equal"
    else:
        key = "sure" if _sure(gap, error) else "close"
    words = both(f"why.{key}", **facts)
    return {"en": words["en"] + folds["en"], "zh": words["zh"] + folds["zh"]}


def _sure(gap: float, error: float | None) -> bool:
    return error is not None and gap > SURE * error


def _size(gap: float, error: float | None) -> dict[str, str]:
    return {"gap": beside(abs(gap), error), "error": doubt(error)}


def _read(score: float | None, up: bool) -> str:
    return figure(score if up or score is None else -score)


def beside(value: float, error: float | None) -> str:
    """Return a number with no digit behind those of its standard error.

    Example:
        >>> beside(0.03048, 0.0052), beside(12.345, 3.4), beside(0.02, None)
        ('0.0305', '12.3', '0.02')
    """
    if not error or not np.isfinite(error):
        return figure(value)
    _, _, decimals = doubt(error).partition(".")
    return f"{value:.{len(decimals)}f}"


def doubt(error: float | None) -> str:
    """Return a standard error with the two digits that mean something.

    Example:
        >>> doubt(0.010567), doubt(None)
        ('0.011', '?')
    """
    return "?" if error is None else figure(float(f"{error:.2g}"))


def figure(value: float | None) -> str:
    """Return a number with as many digits as mean something.

    Example:
        >>> figure(0.98214), figure(0.0), figure(0.000512), figure(1234.5), figure(None)
        ('0.9821', '0', '0.00051', '1234', '?')
    """
    if value is None:
        return "?"
    size = abs(value)
    if size >= 1000:
        return f"{value:.0f}"
    return f"{value:.4g}" if size >= 0.01 else f"{value:.2g}"
