"""The ten nouns of the house, as frozen data: `Channel` is in `core/spec.py`, the rest is here.

Nothing in this module reads, writes, draws random numbers or looks at a clock: ids and times
are passed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from lingqu.core.schema import Schema

if TYPE_CHECKING:
    import polars as pl

    from lingqu.core.predictions import Predictions

Json = Any
Task = Literal[
    "classify", "regress", "forecast", "flag", "recommend",
    "tag", "answer", "translate", "chat", "embed", "verify", "detect", "generate",
    "control",
]  # fmt: skip
CLASSES: frozenset[Task] = frozenset({"classify", "flag", "verify", "control"})
"""Tasks that answer with one of a few classes and its probability."""
VALUES: frozenset[Task] = frozenset({"regress", "forecast"})
"""Tasks that answer with a number."""
TEXTS: frozenset[Task] = frozenset({"answer", "translate", "chat"})
"""Tasks that answer with a text."""
REPLIES: frozenset[Task] = TEXTS | {"tag", "embed", "detect", "generate"}
"""Tasks that answer with something of many parts: a text, tags, a vector, boxes, a made row."""
Stage = Literal["data", "gate", "live"]
Severity = Literal["info", "warn", "block"]
Verdict = Literal["pass", "fail", "unknown", "note"]
ReleaseState = Literal["candidate", "approved", "live", "retired", "blocked"]


@dataclass(frozen=True)
class Dataset:
    """A frame with a schema, identified by the digest of its content.

    Args:
        frame: The rows. Columns of the schema come first, in its order.
        schema: The typed columns.
        name: What the user calls it.
        digest: Digest of schema and rows (`core/digest.py`), ``""`` while it is being made.
        facts: What is declared of it: source, license, consent, purpose, origin, owner,
            retention.
    """

    frame: pl.DataFrame
    schema: Schema
    name: str = "data"
    digest: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.frame.height


@dataclass(frozen=True)
class Member:
    """One fitted learner inside a model: how its tensors are made and the graph that reads them.

    Args:
        name: Unique in the model, such as ``"rbf_svm"`` or ``"cnn#1"``.
        algorithm: Catalogue name.
        weight: Share in the average, ≥ 0; the weights of a model sum to 1.
        encoding: How columns become the graph's input tensors (`release/encode.py`), JSON.
        graph: ONNX bytes. Inputs are float32 and named as `encoding` says, batch first. The
            output is ``"probabilities"`` (N, K) float32, or ``"values"`` (N, 1) float32.
        notes: Curve of losses, options, epochs … for the report; JSON.
    """

    name: str
    algorithm: str
    weight: float
    encoding: Mapping[str, Json]
    graph: bytes
    notes: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Region:
    """How far around its answer a model reaches so that a stated share of the truth is inside.

    Args:
        coverage: That share.
        rows: Held-out answers that it was measured on.
        by: ``rows``: the share is kept over all rows; ``class``: within each class.
        below: Values: how far below its answer an interval starts, in units of the size that an
            error has there.
        above: How far above the answer it ends.
        knots: Values: answers, rising, each with the size of an error there; straight lines
            between them. Empty where errors have the same size everywhere, or `scale` tells it.
        scale: Values: the learner that tells the size of an error row by row, or None.
        floor: Smallest size that its answer counts as.
        least: Classes: of each the probability from which it is in the set; empty for values.
            The answer itself is always in.
    """

    coverage: float
    rows: int
    by: Literal["rows", "class"] = "rows"
    below: float = 0.0
    above: float = 0.0
    knots: tuple[tuple[float, float], ...] = ()
    scale: Member | None = None
    floor: float = 0.0
    least: tuple[float, ...] = ()


@dataclass(frozen=True)
class Model:
    """Something that was fitted: a weighted average of members. It is data; it runs elsewhere.

    Args:
        task: What it does.
        classes: Class names in output order; empty for regression.
        members: One or more; an algorithm returns a model of one.
        temperature: Divides log-probabilities after averaging (1 = unchanged).
        threshold: Binary classification: probability of class 1 from which it is chosen.
        region: Intervals or sets around its answers, where they were asked for.
    """

    task: Task
    classes: tuple[str, ...]
    members: tuple[Member, ...]
    temperature: float = 1.0
    threshold: float = 0.5
    region: Region | None = None


@dataclass(frozen=True)
class Finding:
    """What a check saw.

    Args:
        check: Catalogue name of the check.
        measure: What was measured, dotted, as rules name it: ``roc_auc``, ``fairness.gap``,
            ``drift.psi``, ``leakage.exact``.
        value: The number, or None when it could not be measured: then `verdict` is
            ``unknown`` and `evidence["why"]` says why.
        argument: The column, group or class it is about: ``fairness.gap(sex)``; else ``""``.
        low: Lower end of the 95 % interval, or None.
        high: Upper end of the 95 % interval, or None.
        n: Rows it rests on.
        verdict: ``pass``/``fail`` when the check has a limit of its own, else ``note``.
        severity: How bad a failure is.
        evidence: JSON: samples (at most 20), tables, curves.
        advice: Message key of what to do, ``""`` when nothing is wrong.
    """

    check: str
    measure: str
    value: float | None
    argument: str = ""
    low: float | None = None
    high: float | None = None
    n: int = 0
    verdict: Verdict = "note"
    severity: Severity = "info"
    evidence: Mapping[str, Json] = field(default_factory=dict)
    advice: str = ""

    @property
    def subject(self) -> str:
        """``measure`` or ``measure(argument)``, as a rule writes it."""
        return f"{self.measure}({self.argument})" if self.argument else self.measure

    def to_json(self) -> dict[str, Json]:
        # Not `asdict`: it copies the evidence to its depth, and wide tables have 100,000 findings.
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


@dataclass(frozen=True)
class Action:
    """What was done about a finding.

    Args:
        id: Unique id.
        name: Catalogue name: notify, block, fallback, rollback, retrain …
        rule: The rule that fired, as written.
        channel: Channel it concerns.
        state: ``requested``, ``done`` or ``failed``.
        at: UTC time, ISO 8601.
        detail: JSON: what exactly was changed, by whom, or why it failed.
    """

    id: str
    name: str
    rule: str
    channel: str
    state: Literal["requested", "done", "failed"]
    at: str
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class StageRecord:
    """One stage of a run: what it was, how long it took, where its result lies."""

    name: str
    key: str
    state: Literal["running", "done", "reused", "failed"]
    seconds: float = 0.0
    result: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One walk of a channel.

    Args:
        id: Unique id, sortable by time.
        channel: Name of the channel.
        version: Digest of the channel file.
        state: ``running``, ``done``, ``failed`` or ``refused`` (the gate said no).
        started: UTC time, ISO 8601.
        ended: UTC time, or ``""`` while it runs.
        release: Digest of the release that came out, or ``""``.
        stages: In the order walked.
        summary: JSON: headline metrics, the reason of a refusal or failure.
    """

    id: str
    channel: str
    version: str
    state: Literal["running", "done", "failed", "refused"]
    started: str
    ended: str = ""
    release: str = ""
    stages: tuple[StageRecord, ...] = ()
    summary: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class ReleaseRecord:
    """A release as the ledger knows it; its bytes lie in the blobs under its digest."""

    digest: str
    channel: str
    run: str
    state: ReleaseState
    created: str
    summary: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class OutletRecord:
    """A place where releases of a channel are used, as the ledger knows it."""

    id: str
    channel: str
    driver: str
    state: Literal["opening", "open", "closed", "failed"]
    address: str = ""
    pid: int = 0
    opened: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Backend:
    """One release in a route.

    Args:
        release: Its digest.
        share: Part of the calls that it answers; of a shadow, part of them that it copies.
        arm: ``champion``, ``canary``, ``shadow``, or the name of an arm of an experiment.
        when: Condition (`core/row_condition.py`): calls for which it holds go here, whatever the
            shares; ``""`` for none.
    """

    release: str
    share: float
    arm: str = "champion"
    when: str = ""


@dataclass(frozen=True)
class Route:
    """Which releases of a channel answer.

    Args:
        channel: Name of the channel.
        backends: Who answers; shares of those that do, and have no condition, sum to 1.
        fallback: The release before, to go back to.
        changed: UTC time.
        reason: Why it was changed, or why it is stopped.
        by: Who changed it.
        stopped: Nobody answers until it is resumed; the releases stay open.
        sticky: What keeps a caller with a release: its session, else its key (``key``), its
            session only, or nothing (``none``).
        otherwise: What is tried in turn when the release that was asked fails: ``previous``,
            ``answer`` and ``queue``, as (name, options).
    """

    channel: str
    backends: tuple[Backend, ...]
    fallback: str = ""
    changed: str = ""
    reason: str = ""
    by: str = ""
    stopped: bool = False
    sticky: Literal["key", "session", "none"] = "key"
    otherwise: tuple[tuple[str, Json], ...] = ()


@dataclass(frozen=True)
class Key:
    """Who may call. The secret itself is shown once and stored only as a SHA-256 hash.

    Args:
        id: Visible prefix of the secret, ``lq_<id>_<secret>``.
        name: What the user calls it.
        hash: SHA-256 of the whole secret, hex.
        channels: Channels it may call; empty means every channel.
        quota: ``"600/min, 20000 rows/day"`` (`core/units.py`), or ``""`` for none.
        expires: UTC time, or ``""``.
        disabled: A disabled key is refused at once everywhere.
        created: UTC time.
        verbs: What it may do at an outlet: call, read, feedback, admin; all but admin when empty.
        networks: Where it may come from, such as ``10.0.0.0/8``; anywhere when empty.
        role: What its holder may do in the workspace (`core/roles.py`); ``""`` for a caller.
        certificate: Client certificate that must come with it: ``sha256:…`` or ``subject:…``.
        account: Key whose quota and use it counts as; its own when empty.
        replaces: Key that it took over from, or ``""``.
        made_by: Who made it, or ``""``.
    """

    id: str
    name: str
    hash: str
    channels: tuple[str, ...] = ()
    quota: str = ""
    expires: str = ""
    disabled: bool = False
    created: str = ""
    verbs: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    role: str = ""
    certificate: str = ""
    account: str = ""
    replaces: str = ""
    made_by: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the append-only, hash-linked trail."""

    sequence: int
    at: str
    kind: str
    subject: str
    detail: Mapping[str, Json]
    previous: str
    hash: str


@dataclass(frozen=True)
class Candidate:
    """One line of the leaderboard: an algorithm that was tried, also when it failed.

    Args:
        name: Member name.
        algorithm: Catalogue name.
        state: ``done``, ``failed`` (crash, error), ``timeout``, ``memory`` or ``skipped``.
        score: Validation score, greater is better, or None.
        metric: Name of the score.
        seconds: Wall seconds of the fit.
        cpu_seconds: CPU seconds of the fit.
        peak_mb: Peak resident memory of the worker, MB.
        weight: Share in the released ensemble.
        reason: Why it failed or was skipped; what was seen. In English, and in Chinese:
        reason_zh: ``""`` in records of earlier versions, which had one language.
        curve: Learning curve: rows of ``{"epoch", "train_loss", "valid_loss", "valid_score"}``.
        error: Standard error of `score`, over held-out rows, or None.
        folds: Folds that it was judged on; rows: held-out rows of these.
        gap: `score` less that of the released model on the same rows, or None.
        gap_error: Standard error of `gap`: what both miss in common is not in it.
        size_mb: Size of one of its fits.
        row_ms: Milliseconds in which one fit answers one row; 0 where not measured.
    """

    name: str
    algorithm: str
    state: Literal["done", "failed", "timeout", "memory", "skipped"]
    score: float | None = None
    metric: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    weight: float = 0.0
    reason: str = ""
    curve: Sequence[Mapping[str, float]] = ()
    error: float | None = None
    folds: int = 0
    rows: int = 0
    gap: float | None = None
    gap_error: float | None = None
    size_mb: float = 0.0
    row_ms: float = 0.0
    reason_zh: str = ""


@dataclass(frozen=True)
class Subject:
    """What a check looks at. The same class serves before training, at the gate and in use.

    Args:
        stage: Where we are.
        task: The channel's task.
        schema: Typed columns of the governed data.
        train: Rows the model was (or will be) fitted on, or None.
        test: Rows never used for fitting or choosing (gate), or the window of live rows.
        predictions: The model's answers on `test`, row by row, or None.
        predict: The model itself, frame → predictions, for checks that perturb inputs.
        reference: Profile frozen in the release (`release/profile.py`), for drift.
        facts: JSON: fit_s, size_mb, latency_ms …, declared source facts.
        options: Options of this check from the channel file.
        seed: Seed of every random draw.
        sent: The rows of `test` as callers send them, row for row, with the columns that are
            asked for, or None.
        answer: The model behind its preparation, rows as sent → predictions.
        grouped: Of the rows of `test` the protected columns that privacy made coarser or hid,
            as they were before, or None.
    """

    stage: Stage
    task: Task
    schema: Schema
    train: Dataset | None = None
    test: Dataset | None = None
    predictions: Predictions | None = None
    predict: Any = None
    reference: Mapping[str, Json] | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    options: Mapping[str, Json] = field(default_factory=dict)
    seed: int = 0
    sent: Dataset | None = None
    answer: Any = None
    grouped: Dataset | None = None
