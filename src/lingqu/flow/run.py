"""One walk of a channel: data → governance → algorithm → judgement → release → gate → report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from lingqu.core import catalog
from lingqu.core.errors import LingquError
from lingqu.core.metrics import greater_is_better
from lingqu.core.nouns import Action, Finding, Json, ReleaseState, Run
from lingqu.core.ports import Engine, Source
from lingqu.core.spec import Channel
from lingqu.flow.check_stage import check_stage
from lingqu.flow.data_figures import read_figures
from lingqu.flow.data_stage import Parts, data_stage, declared_operators, load_parts, source_of
from lingqu.flow.document import document
from lingqu.flow.gate import Decision, fired, judge
from lingqu.flow.govern_stage import govern_stage
from lingqu.flow.judged import DOCUMENT, judge_run, of_this, write_page
from lingqu.flow.lineage import tell_lineage
from lingqu.flow.release_stage import release_stage
from lingqu.flow.row_numbers import families_of
from lingqu.flow.train_stage import load_model, train_stage
from lingqu.flow.validate import validate
from lingqu.flow.walk import Tell, Walk, hear_nothing, hear_nothing_at_all
from lingqu.flow.workers import Workers, workers_for
from lingqu.report.html import render
from lingqu.respond.act import act
from lingqu.respond.situation import Situation
from lingqu.store.home import Home


@dataclass(frozen=True)
class Attempt:
    """Governed rows, a model, what was seen of both, and what the gate says.

    Rules `read` the findings of the checks and the figures of the data document.
    """

    pieces: tuple[tuple[str, Any], ...]
    governed: Mapping[str, Json]
    trained: Mapping[str, Json]
    checked: Mapping[str, Json]
    findings: tuple[Finding, ...]
    decision: Decision
    read: tuple[Finding, ...]
    judged: str
    document: Mapping[str, Json]


@dataclass
class Rows:
    """Rows of a stage result, loaded at most once and only when a stage needs them."""

    walk: Walk
    result: Mapping[str, Json]
    parts: Parts | None = field(default=None)

    def load(self) -> Parts:
        if self.parts is None:
            self.parts = load_parts(self.walk, self.result)
        return self.parts


def run(
    home: Home,
    channel: Channel,
    *,
    frame: Any = None,
    tell: Tell = hear_nothing,
    run_id: str = "",
    workers: Workers | None = None,
) -> tuple[Run, str]:
    """Walk a channel.

    Args:
        home: The workspace.
        channel: The declaration.
        frame: In-memory data in place of the declared source, or None.
        tell: Hears progress.
        run_id: Id of the run; a new one when empty.
        workers: Workers that were started already; closed at the end.

    Returns:
        The finished run, and the path of its report in the blobs.

    Raises:
        LingquError: What stopped the walk; the stages that were finished are kept.
    """
    workers = workers or workers_for(home, channel)
    try:
        return _recorded(home, channel, frame, tell, run_id, workers)
    finally:
        workers.close()


def _recorded(
    home: Home, channel: Channel, frame: Any, tell: Tell, run_id: str, workers: Workers
) -> tuple[Run, str]:
    validate(channel)
    started = home.clock()
    record = Run(run_id or home.new_id(), channel.name, channel.version, "running", started)
    home.ledger.runs.interrupted(started)
    home.ledger.channels.put(channel.name, channel.version, channel.text, started)
    home.ledger.runs.start(record)
    _event(home, "run.started", record.id, {"channel": channel.name, "version": channel.version})
    brought = channel.train.model is not None
    warm = hear_nothing_at_all if brought else workers.warm
    walk = Walk(home, channel, record.id, tell, on_miss=warm)
    begun = time.perf_counter()
    try:
        done, path = _walk(walk, source_of(channel, frame), workers, record, begun)
    except LingquError as error:
        _fail(walk, record, str(error), error.key)
        raise
    except BaseException as error:
        _fail(walk, record, f"{type(error).__name__}: {error}", type(error).__name__)
        raise
    tell_lineage(walk, done)
    return done, path


def _fail(walk: Walk, record: Run, reason: str, key: str) -> None:
    """Record a failure. What is handed to others names its kind only: the words may show a row."""
    now = walk.home.clock()
    walk.home.ledger.runs.finish(record.id, "failed", now, summary={"error": reason})
    _event(walk.home, "run.failed", record.id, {"error": key})
    tell_lineage(walk, replace(record, state="failed", ended=now), key)


def _walk(
    walk: Walk, source: Source, workers: Workers, record: Run, begun: float
) -> tuple[Run, str]:
    home, channel = walk.home, walk.channel
    data = data_stage(walk, source)
    raw = Rows(walk, data)
    operators = declared_operators(channel)
    if operators is None:
        operators = data["operators"]
    pieces = tuple((name, options) for name, options, _ in operators)
    attempt = _attempt(walk, data, raw, pieces, workers.warm)
    attempt, other, actions = _answer(walk, data, raw, attempt, workers.warm)
    decision = attempt.decision.to_json()
    released = release_stage(
        walk,
        data,
        attempt.governed,
        attempt.checked,
        attempt.trained,
        attempt.findings,
        decision,
        None if other is attempt else other.decision.to_json(),
        lambda: load_model(walk, attempt.trained),
        raw.load,
    )
    done = replace(
        record,
        state="done" if attempt.decision.passed else "refused",
        ended=home.clock(),
        release=str(released["digest"]),
        stages=tuple(walk.stages),
        summary={**_summary(channel, attempt, other, actions, begun), DOCUMENT: attempt.judged},
    )
    walk.tell({"event": "report"})
    content = document(
        walk,
        done,
        data,
        attempt.governed,
        attempt.trained,
        attempt.checked,
        attempt.findings,
        decision,
        actions,
    )
    path = f"reports/{record.id}.html"
    page = write_page(home, done.id, of_this(attempt.document, done, walk.stages))
    content["data_report"] = page.rpartition("/")[2]
    home.blobs.write(path, render(content).encode())
    _conclude(home, done, attempt)
    return done, path


def _summary(
    channel: Channel,
    attempt: Attempt,
    other: Attempt,
    actions: Sequence[Action],
    begun: float,
) -> dict[str, Json]:
    metric = attempt.trained["metric"]
    state: ReleaseState = "approved" if attempt.decision.passed else "blocked"
    if attempt.decision.passed and channel.release.approve == "human":
        state = "candidate"
    return {
        "metric": metric,
        "validation_score": _as_read(metric, attempt.trained["score"]),
        "test": {
            f.measure: f.value for f in attempt.findings if f.check == "metrics" and not f.argument
        },
        "gate": attempt.decision.to_json(),
        "other_attempt": None if other is attempt else other.decision.to_json(),
        "state": state,
        "actions": [action.name for action in actions],
        "seconds": round(time.perf_counter() - begun, 3),
        **({"imported": True} if channel.train.model is not None else {}),
    }


def _conclude(home: Home, done: Run, attempt: Attempt) -> None:
    """Record how a run ended, at once: nobody sees it done before its report and findings."""
    state: ReleaseState = done.summary["state"]
    with home.ledger.transaction():
        home.ledger.findings.add(done.channel, done.id, "gate", done.ended, attempt.findings)
        if home.ledger.releases.get(done.release).state == "candidate" and state != "candidate":
            home.ledger.releases.move(done.release, state, done.ended)
        _event(
            home,
            f"release.{state}",
            done.release,
            {"run": done.id, **attempt.decision.to_json()},
        )
        home.ledger.runs.finish(done.id, done.state, done.ended, done.release, done.summary)
        _event(home, f"run.{done.state}", done.id, {"release": done.release, "state": state})


def _attempt(
    walk: Walk,
    data: Mapping[str, Json],
    raw: Rows,
    pieces: Sequence[tuple[str, Any]],
    engine: Callable[[], Engine],
) -> Attempt:
    governed = govern_stage(walk, data, pieces, raw.load)
    rows = Rows(walk, governed)
    families = partial(families_of, walk, data, governed)
    trained = train_stage(walk, governed, rows.load, engine, families)
    checked = check_stage(walk, governed, trained, rows.load, raw.load, engine)
    findings = tuple(Finding(**row) for row in [*governed["findings"], *checked["findings"]])
    place, document = judge_run(
        walk, data, governed, lambda: raw.load().train, lambda: rows.load().train
    )
    read = (*findings, *read_figures(document))
    decision = judge(walk.channel.release.require, read)
    barred = [
        finding
        for rule, used in fired(walk.channel.respond, read)
        if rule.do.name == "block"
        for finding in used
    ]
    decision = replace(decision, blocking=(*decision.blocking, *barred))
    return Attempt(
        tuple(pieces), governed, trained, checked, findings, decision, read, place, document
    )


def _answer(
    walk: Walk,
    data: Mapping[str, Json],
    raw: Rows,
    attempt: Attempt,
    engine: Callable[[], Engine],
) -> tuple[Attempt, Attempt, list[Any]]:
    """Let the respond rules act on what the gate saw; try again if an answer changes the path.

    The second attempt is kept only if the gate then passes, or if fewer requirements fail: an
    answer never replaces a model by one that the gate likes less.

    Returns:
        The attempt that is kept, the one that is not (the same when there was only one), and
        what was done.
    """
    channel, home = walk.channel, walk.home
    actions = []
    added: list[tuple[str, Any]] = []
    rules = [rule for rule in channel.respond if _acts_at_gate(rule.do.name)]
    for rule, used in fired(rules, attempt.read):
        situation = Situation(
            home.ledger,
            channel.name,
            rule.when.text,
            used,
            "gate",
            "",
            home.clock(),
            home.new_id,
        )
        action, effect = act(rule.do.name, rule.do.options, situation)
        actions.append(action)
        walk.tell({"event": "action", "name": action.name, "rule": rule.when.text})
        if effect is not None:
            added.extend((name, dict(options)) for name, options in effect.operators)
    if not added:
        return attempt, attempt, actions
    walk.attempt += 1
    second = _attempt(walk, data, raw, [*attempt.pieces, *added], engine)
    failed = [sum(r.verdict != "pass" for r in a.decision.requirements) for a in (attempt, second)]
    better = second.decision.passed or failed[1] < failed[0]
    kept, left = (second, attempt) if better else (attempt, second)
    walk.attempt = 1
    _event(
        home,
        "gate.second_attempt",
        walk.run_id,
        {"added": [name for name, _ in added], "kept": better},
    )
    return kept, left, actions


def _as_read(metric: str, score: float | None) -> float | None:
    """Return a score as people read it; while choosing, greater is always better."""
    if score is None:
        return None
    return score if greater_is_better(metric) else -score


def _acts_at_gate(name: str) -> bool:
    return "gate" in catalog.load("actions", name).stages


def _event(home: Home, kind: str, subject: str, detail: Mapping[str, Json]) -> None:
    home.ledger.events.append(kind=kind, subject=subject, detail=detail, at=home.clock())
