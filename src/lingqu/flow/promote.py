"""Promotion: from the shadow over a growing canary to everything, on evidence at each step.

A step of the canary is allowed once the loss that is still possible, times the share that the
step gives away, is within the margin: at 5 % of the calls a release may turn out much worse
before that costs the channel more than the margin; at 100 % it must be proven no worse by the
margin itself. The lower end of what is possible holds at all times together
(`core/sequential.py`), so looking often promotes nothing wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lingqu.core.errors import OutletError
from lingqu.core.i18n import Message, Phrase, keepable
from lingqu.core.nouns import Backend, Finding, Route
from lingqu.core.route_section import RouteSection
from lingqu.core.sequential import lower_end, mismatch
from lingqu.core.spec import Channel
from lingqu.flow.compare_arms import compared
from lingqu.flow.evidence import (
    Against,
    Seen,
    arm_findings,
    canary_evidence,
    periods,
    seen,
)
from lingqu.flow.pairs import Pairs, pairs_of
from lingqu.flow.routing import champion_of, change, switch
from lingqu.outlets.routing.rails import breach
from lingqu.store.home import Home

MISMATCH = 0.001
"""Chance below which the ratio of callers is not what the route says."""
_LEAST_UNITS = 5
"""Callers that the smaller arm should have before their ratio is looked at."""
_FAR = 1e3
"""Differences of values are looked for within so many mean errors."""
Verdict = Literal["none", "wait", "step", "promote", "back", "compare"]
_LEVEL = {"off": 0, "shadow": 1, "canary": 2, "full": 3}


@dataclass(frozen=True)
class Promotion:
    """Where a release stands on its way into use.

    Args:
        channel: Name of the channel.
        stage: ``shadow``, ``canary``, ``experiment``, or ``none``.
        verdict: ``wait``, ``step`` to the next share, ``promote`` to everything, ``back``,
            ``compare`` in an experiment, or ``none`` where nothing is under way.
        why: In words.
        champion: Digest of who answers.
        challenger: Digest of who is on its way.
        share: Part of the calls that it has.
        next: Part that the verdict would give it.
        findings: The evidence.
        done: Whether the verdict was carried out.
        person: Whether only a person may do so.
    """

    channel: str
    stage: Literal["none", "shadow", "canary", "experiment"]
    verdict: Verdict
    why: Message
    champion: str = ""
    challenger: str = ""
    share: float = 0.0
    next: float = 0.0
    findings: tuple[Finding, ...] = ()
    done: bool = False
    person: bool = False


def look(home: Home, channel: Channel) -> Promotion:
    """Return what the evidence allows for the release that is on its way.

    Raises:
        OutletError: The channel is not deployed.

    Source: Johari et al., "Always valid inference", Operations Research 70 (2022),
    arXiv:1512.04922; steps bounded by the harm they can do: own.
    """
    route = home.ledger.routes.get(channel.name)
    if route is None:
        raise OutletError("respond.no_route", channel=channel.name)
    by_arm = {b.arm: b for b in route.backends}
    if "canary" in by_arm:
        return _canary(home, channel, route, by_arm["canary"])
    if "shadow" in by_arm:
        return _shadow(home, channel, route, by_arm["shadow"])
    if len(route.backends) > 1:
        return _experiment(home, channel, route)
    return Promotion(
        channel.name, "none", "none", Phrase("route.nothing_to_promote"), champion_of(route)
    )


def step(home: Home, channel: Channel, by: str = "") -> Promotion:
    """Look, and do what the evidence allows, as far as `access.route.auto` or a person lets it.

    Args:
        home: The workspace.
        channel: The declaration.
        by: Who lets it; ``""`` where nobody does.
    """
    found = look(home, channel)
    if found.verdict not in ("step", "promote", "back"):
        return found
    level = _LEVEL[channel.access.routing.auto]
    needed = 3 if found.verdict == "promote" else 2 if found.verdict == "step" else 1
    if level < needed and not by:
        return replace(found, person=True)
    reason, who = keepable(found.why), by or "promote"
    if found.verdict == "back":
        now = home.ledger.routes.get(channel.name)
        assert now is not None
        kept = tuple(b for b in now.backends if b.release != found.challenger)
        alone = (Backend(found.champion, 1.0),) if found.stage == "canary" else kept
        change(home, replace(now, backends=alone), reason, who)
    else:
        share = None if found.next >= 1.0 else found.next
        switch(home, channel.name, found.challenger, canary=share, reason=reason, by=who)
    return replace(found, done=True)


def _shadow(home: Home, channel: Channel, route: Route, shadow: Backend) -> Promotion:
    routing, task = channel.access.routing, channel.train.task
    champion = champion_of(route)
    pairs = pairs_of(home, channel.name, task, champion, shadow.release)
    first = routing.steps[0] if routing.steps else 1.0
    known = Promotion(
        channel.name, "shadow", "wait", Phrase("route.no_pairs"), champion, shadow.release,
        findings=pairs.findings(),
    )  # fmt: skip
    if not pairs.rows:
        return known
    scale = _scale(task, [-gain for gain in pairs.gains])
    margin = routing.margin * scale
    against = pairs.against(task, margin)
    if against is None:
        return replace(known, why=Phrase("route.no_labels_shadow", {"rows": pairs.rows}))
    finding = _difference(against, _mirrored(pairs, task, margin), routing, scale, len(pairs.gains))
    known = replace(known, findings=(finding, *known.findings))
    verdict, why = _judged(finding, margin, margin)
    if verdict == "step":
        known = replace(known, next=first)
        verdict = "step" if first < 1.0 else "promote"
    return replace(known, verdict=verdict, why=why)


def _canary(home: Home, channel: Channel, route: Route, canary: Backend) -> Promotion:
    routing, task = channel.access.routing, channel.train.task
    champion = champion_of(route)
    history = home.ledger.routes.history(channel.name)
    spans = periods(history, canary.release, "canary")
    arms = ((champion, "champion"), (canary.release, "canary"))
    found = [
        (one["champion"], one["canary"]) for one in seen(home, channel.name, task, spans, arms)
    ]
    known = Promotion(
        channel.name, "canary", "wait", Phrase("route.no_calls"), champion, canary.release,
        canary.share, findings=arm_findings(found),
    )  # fmt: skip
    if not found:
        return known
    step = next((s for s in routing.steps if s > canary.share + 1e-9), 1.0)
    known = replace(known, next=step)
    held = _held(known, *found[-1], canary, routing.least)
    if held is not None:
        return held
    scale = _scale(task, [-score for one, _ in found for score in one.scores])
    margin = routing.margin * scale
    against = canary_evidence(found, margin)
    if against is None:
        return replace(known, why=Phrase("route.no_labels"))
    turned = canary_evidence([(two, one) for one, two in found], margin)
    assert turned is not None
    labelled = sum(len(two.scores) for _, two in found)
    finding = _difference(against, turned, routing, scale, labelled)
    verdict, said = _judged(finding, margin / step, margin)
    if verdict == "step" and step >= 1.0:
        verdict = "promote"
    return replace(known, verdict=verdict, why=said, findings=(finding, *known.findings))


def _held(known: Promotion, a: Seen, b: Seen, canary: Backend, least: int) -> Promotion | None:
    """Return what stops a canary before its labels are looked at, or None."""
    broken = breach(a.arm, b.arm)
    if broken is not None:
        facts = {"seen": f"{broken.seen:.1%}", "allowed": f"{broken.allowed:.1%}"}
        why = Phrase(f"route.rail_{broken.rail}", {**facts, "requests": broken.requests})
        return replace(known, verdict="back", why=why)
    if canary.when:
        return replace(known, why=Phrase("route.by_rule", {"when": canary.when}))
    if _ratio(a, b, canary) < MISMATCH:
        return replace(known, why=Phrase("route.mismatch", {"first": a.units, "second": b.units}))
    if b.arm.requests < least:
        few = {"requests": b.arm.requests, "least": least}
        return replace(known, why=Phrase("route.few_calls", few))
    return None


def _experiment(home: Home, channel: Channel, route: Route) -> Promotion:
    findings = compared(home, channel, route)
    best = [f for f in findings if f.low is not None and f.low > 0]
    why = Phrase("route.differs" if best else "route.no_difference")
    return Promotion(
        channel.name, "experiment", "compare", why, route.backends[0].release,
        findings=tuple(findings),
    )  # fmt: skip


def _judged(finding: Finding, allowed: float, margin: float) -> tuple[Verdict, Message]:
    """Return what the interval of a difference allows.

    Args:
        finding: It.
        allowed: Loss that is still bearable at the next share.
        margin: Loss that counts as one.
    """
    assert finding.low is not None and finding.high is not None
    facts = {"low": f"{finding.low:+.4g}", "high": f"{finding.high:+.4g}"}
    if finding.high < -margin:
        return "back", Phrase("route.worse", {**facts, "margin": f"{margin:.4g}"})
    if finding.low >= -allowed:
        return "step", Phrase("route.no_worse", {**facts, "allowed": f"{allowed:.4g}"})
    return "wait", Phrase("route.not_yet", {**facts, "allowed": f"{allowed:.4g}"})


def _difference(
    against: Against, turned: Against, routing: RouteSection, scale: float, rows: int
) -> Finding:
    far = 1.0 if scale == 1.0 else _FAR * scale
    low = lower_end(against, routing.alpha, -far, far)
    high = -lower_end(turned, routing.alpha, -far, far)
    return Finding("promote", "promote.difference", (low + high) / 2, "", low, high, rows)


def _mirrored(pairs: Pairs, task: str, effect: float) -> Against:
    turned = replace(pairs, gains=[-gain for gain in pairs.gains]).against(task, effect)
    assert turned is not None
    return turned


def _scale(task: str, errors: Sequence[float]) -> float:
    """Return what a margin is a part of: of answers, or of the mean error of the champion."""
    if task != "regress" and task != "forecast":
        return 1.0
    known = [abs(error) for error in errors]
    return max(sum(known) / len(known), 1e-12) if known else 1.0


def _ratio(a: Seen, b: Seen, canary: Backend) -> float:
    least = min(canary.share, 1.0 - canary.share) * (a.units + b.units)
    if least < _LEAST_UNITS:
        return 1.0
    return mismatch([a.units, b.units], [1.0 - canary.share, canary.share])
