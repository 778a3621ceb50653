"""The monitor loop: windows of answered requests → live checks → findings → rules → actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import polars as pl

from lingqu.core import catalog
from lingqu.core.nouns import Action, Finding, Json, Subject
from lingqu.core.piece import Piece
from lingqu.core.spec import Channel
from lingqu.flow.audit import newest
from lingqu.flow.data_served import from_log, rules_on, trained_scores
from lingqu.flow.feedback import truth_of
from lingqu.flow.gate import fired
from lingqu.outlets.sight import log
from lingqu.release.release import Release
from lingqu.respond.act import act
from lingqu.respond.situation import Situation
from lingqu.store.home import Home


@dataclass(frozen=True)
class Window:
    """A closed window of the log of one channel and what was made of it.

    Args:
        id: ``<channel>/<first row>-<last row>`` in the order of the log.
        rows: Requests in it.
        release: The release that answered most of them.
        findings: What the live checks saw.
        actions: What was done.
    """

    id: str
    rows: int
    release: str
    findings: tuple[Finding, ...]
    actions: tuple[Action, ...]

    def to_json(self) -> dict[str, Json]:
        return asdict(self)


def watch(
    home: Home, channel: Channel, releases: Mapping[str, Release], *, partial: bool = False
) -> list[Window]:
    """Look at the windows that closed since last time, and respond.

    The place in the log is kept after each window together with its findings, so a watch that
    was killed takes up the window it was in.

    Args:
        home: The workspace.
        channel: The declaration, for window, checks and rules.
        releases: Opened releases by digest.
        partial: Also look at the rows after the last full window.

    Returns:
        The windows that were closed by this call, oldest first.
    """

    @cache
    def trained(release: str) -> Mapping[str, Json]:
        return trained_scores(home, release)

    folder = home.logs / channel.name
    place = _place(home, channel.name)
    rows = log.read(folder, after=place)
    size = channel.monitor.window
    ends = list(range(size, rows.height + 1, size))
    if partial and rows.height > (ends[-1] if ends else 0):
        ends.append(rows.height)
    windows, start = [], 0
    for end in ends:
        part = rows[start:end]
        windows.append(_close(home, channel, releases, part, place + start, trained))
        start = end
    return windows


def _place(home: Home, channel: str) -> int:
    events = newest(home, "watch.window", channel, 1)
    return int(events[-1].detail["last"]) if events else 0


def _close(
    home: Home,
    channel: Channel,
    releases: Mapping[str, Release],
    rows: pl.DataFrame,
    first: int,
    trained: Callable[[str], Mapping[str, Json]],
) -> Window:
    answered = rows["release"].drop_nulls()
    release = str(answered.mode().sort()[0]) if len(answered) else ""
    name = f"{channel.name}/{first}-{first + rows.height}"
    at = home.clock()
    rows_of = rows.filter(pl.col("release") == release)
    findings = _look(home, channel, releases[release], rows_of, trained, at)
    home.ledger.findings.add(channel.name, name, "live", at, findings)
    # The place moves on last: a watch killed in between answers the same window again, and
    # answering twice does less harm than not at all.
    actions = _respond(home, channel, findings, release)
    home.ledger.events.append(
        kind="watch.window",
        subject=channel.name,
        detail={
            "first": first,
            "last": first + rows.height,
            "release": release,
            "alarms": [f.subject for f in findings if f.verdict == "fail"],
        },
        at=at,
    )
    return Window(name, rows.height, release, tuple(findings), tuple(actions))


def _look(
    home: Home,
    channel: Channel,
    release: Release,
    rows: pl.DataFrame,
    trained: Callable[[str], Mapping[str, Json]],
    at: str,
) -> list[Finding]:
    """Run the live checks on a window, from signals and profiles only."""
    subject = Subject(
        "live",
        release.task,
        release.schema,
        reference=release.profile,
        facts={
            "window": log.profile(release.profile, rows),
            "coverage": release.manifest.coverage,
            **log.traffic(rows),
        },
        seed=channel.train.seed,
    )
    findings: list[Finding] = []
    for piece in _checks(channel):
        options: Any = piece.options
        if piece.name == "drift" and not options:
            options = {"alpha": channel.monitor.alpha}
        check = catalog.build("checks", piece.name, options)
        seen = subject
        if piece.name == "performance":
            back = truth_of(home, channel.name, release, rows)
            if back is not None:
                seen = replace(subject, test=back[0], predictions=back[1])
        if piece.name == "data":
            served = from_log(release, rows)
            facts = {"trained": trained(release.digest), "rules": rules_on(channel, served, at)}
            seen = replace(subject, test=served, facts=facts)
        findings.extend(check.look(seen))
    return findings


def _checks(channel: Channel) -> Sequence[Piece]:
    """Return the declared checks, and `data` where a rule reads it: else it would never fire."""
    declared = channel.monitor.checks
    asked = any(name.startswith("data.") for r in channel.respond for name, _ in r.when.measures)
    if asked and all(piece.name != "data" for piece in declared):
        return (Piece("data"), *declared)
    return declared


def _respond(
    home: Home, channel: Channel, findings: Sequence[Finding], release: str
) -> list[Action]:
    actions = []
    for rule, used in fired(channel.respond, findings):
        situation = Situation(
            home.ledger,
            channel.name,
            rule.when.text,
            used,
            "live",
            release,
            home.clock(),
            home.new_id,
        )
        action, _ = act(rule.do.name, rule.do.options, situation)
        actions.append(action)
    return actions
