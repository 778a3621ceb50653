"""The arms of an experiment, each held against the first one."""

from __future__ import annotations

from lingqu.core.nouns import Finding, Route
from lingqu.core.sequential import lower_end, mismatch
from lingqu.core.spec import Channel
from lingqu.flow.evidence import Period, Seen, canary_evidence, seen
from lingqu.store.home import Home


def compared(home: Home, channel: Channel, route: Route) -> list[Finding]:
    """Return the score of each arm, its difference from the first one, and the sample ratio.

    Args:
        home: The workspace.
        channel: The declaration.
        route: The present one; its backends are the arms.

    Source: Kohavi, Tang & Xu, "Trustworthy Online Controlled Experiments" (2020), ch. 17 and 21;
    intervals valid at all times: Johari et al. (2022), arXiv:1512.04922.
    """
    routing = channel.access.routing
    arms = [(b.release, b.arm) for b in route.backends if not b.when and b.arm != "shadow"]
    spans = [Period(route.changed, "", 0.0)]
    (found,) = seen(home, channel.name, channel.train.task, spans, arms)
    told = [_score(name, found[name]) for _, name in arms if found[name].scores]
    first = found[arms[0][1]]
    alpha = routing.alpha / 2 / max(1, len(arms) - 1)
    for _, name in arms[1:]:
        difference = _difference(name, first, found[name], routing.margin, alpha)
        told += [difference] if difference is not None else []
    counts = [found[name].units for _, name in arms]
    shares = [b.share for b in route.backends if (b.release, b.arm) in arms]
    chance = mismatch(counts, shares)
    verdict = "fail" if chance < 0.001 else "pass"
    told.append(
        Finding("promote", "promote.sample_ratio", chance, n=sum(counts), verdict=verdict)  # type: ignore[arg-type]
    )
    return told


def _score(name: str, seen: Seen) -> Finding:
    rows = len(seen.scores)
    return Finding("promote", "promote.score", sum(seen.scores) / rows, name, n=rows)


def _difference(name: str, a: Seen, b: Seen, effect: float, alpha: float) -> Finding | None:
    scale = 1.0 if all(score >= 0 for score in a.scores) else _mean_error(a)
    one = canary_evidence([(a, b)], effect * scale)
    other = canary_evidence([(b, a)], effect * scale)
    if one is None or other is None:
        return None
    far = 1.0 if scale == 1.0 else 1e3 * scale
    low, high = lower_end(one, alpha, -far, far), -lower_end(other, alpha, -far, far)
    value = sum(b.scores) / len(b.scores) - sum(a.scores) / len(a.scores)
    return Finding("promote", "promote.difference", value, name, low, high, len(b.scores))


def _mean_error(seen: Seen) -> float:
    return max(sum(abs(score) for score in seen.scores) / len(seen.scores), 1e-12)
