"""The five sockets and the two infrastructure ports.

A port is a Protocol of at most four methods. Its contract is a test class in
`tests/contracts/`: an adapter is done when it passes unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, Literal, Protocol, runtime_checkable

from lingqu.core.i18n import Message
from lingqu.core.nouns import Dataset, Finding, Json, Model, Subject
from lingqu.core.schema import Kind
from lingqu.core.surroundings import Surroundings

Progress = Callable[[Mapping[str, Json]], None]
"""Called with small JSON rows, such as ``{"epoch": 3, "valid_score": 0.97}``."""


@runtime_checkable
class Source(Protocol):
    """Where data comes from. `options` of the piece are the fields of the dataclass."""

    def read(self) -> Dataset:
        """Read everything.

        Raises:
            DataError: Missing, empty, ragged, wrongly encoded … with file, row and column.
        """
        ...

    def fingerprint(self) -> str:
        """Return a digest that changes when the data changes, without parsing it."""
        ...


@runtime_checkable
class Operator(Protocol):
    """A preparation step, frame → frame, with a typed configuration.

    Implementations are dataclasses: their fields are the options a channel may set, plus
    ``state`` (JSON, learned by `fit`). `apply` is pure: it reads only options, state and the
    dataset. It never deletes rows: an operator that wants rows gone sets the Boolean column
    `KEEP` to False and says why in `REASON`; one commit step in `flow` filters.

    A class may also state ``augments = True``: it makes rows or re-draws them, so it runs only on
    the training part of a fit, after the folds are cut, and never on a row that is judged.
    """

    name: ClassVar[str]
    main: ClassVar[str]
    """The option that ``{name: value}`` sets, or ``""``."""
    travels: ClassVar[bool]
    """Whether it must also happen at prediction time, and so lives inside the release."""
    kinds: ClassVar[frozenset[Kind]]
    state: dict[str, Any]

    def fit(self, dataset: Dataset) -> None:
        """Learn `state` from training rows only."""
        ...

    def apply(self, dataset: Dataset) -> Dataset:
        """Return the changed dataset (frame and schema); the input is not modified."""
        ...

    def report(self) -> Mapping[str, Json]:
        """Return what the last `apply` changed: counts per column, bounded samples."""
        ...


@runtime_checkable
class Settled(Protocol):
    """An operator that asks where it works; one that does not has no such method."""

    def settle(self, surroundings: Surroundings) -> None:
        """Take note of the surroundings; called once, before `fit`."""
        ...


KEEP = "lingqu.keep"
"""Boolean column set by operators: False marks a row that commit will leave out."""
REASON = "lingqu.reason"
"""Text column beside `KEEP`: why the row was marked."""
EVIDENCE = "lingqu.evidence"
"""JSON text beside `REASON`: what the mark rests on, such as the row it copies."""


@dataclass(frozen=True)
class Budget:
    """What a fit may use. Times are relative to the moment the fit starts.

    Args:
        seconds: Wall seconds; a learner stops early, in a usable state, before they are spent.
        memory_mb: Resident memory of its process, or None.
        threads: Threads it may use.
        seed: Seed of every random draw.
    """

    seconds: float
    memory_mb: float | None = None
    threads: int = 1
    seed: int = 0


@runtime_checkable
class Algorithm(Protocol):
    """A learner. Implementations are dataclasses: their fields are the options."""

    name: ClassVar[str]
    tasks: ClassVar[frozenset[str]]
    kinds: ClassVar[frozenset[Kind]]
    """Kinds of feature columns it can read; others are left out, and the report says so."""
    engine: ClassVar[Literal["numpy", "sklearn", "torch"]]
    """The heavy library it needs, so that a warm worker can be chosen."""

    def fit(self, train: Dataset, valid: Dataset, budget: Budget, progress: Progress) -> Model:
        """Fit on `train`, stop early on `valid`, return a model of one member.

        The member is already what will be released: an encoding and an ONNX graph, so that
        every score anybody sees is the score of the thing that is served.
        """
        ...

    @classmethod
    def cost(cls, rows: int, columns: int, classes: int) -> float:
        """Return the expected CPU seconds of one fit on one core, for ordering."""
        ...


@runtime_checkable
class Check(Protocol):
    """Looks at a subject and says what it saw. Implementations are dataclasses of options."""

    name: ClassVar[str]
    stages: ClassVar[frozenset[str]]
    """Where it applies: ``data``, ``gate``, ``live``."""

    def look(self, subject: Subject) -> list[Finding]:
        """Return findings; what cannot be measured is a finding with verdict ``unknown``."""
        ...


@runtime_checkable
class Driver(Protocol):
    """Opens a place where a release is used."""

    name: ClassVar[str]

    def open(self, release: str) -> Mapping[str, Json]:
        """Replay the golden answers, then open. Refuse to open on a difference."""
        ...

    def status(self) -> Mapping[str, Json]:
        """Return state, address and counters."""
        ...

    def close(self) -> None:
        """Drain and close; closing what is closed does nothing."""
        ...


@dataclass(frozen=True)
class Job:
    """One item for an engine.

    Args:
        payload: Argument of the task function: plain data or frozen dataclasses.
        tag: Preferred kind of worker (``"torch"``, ``"sklearn"``), or ``""``.
        timeout_s: Wall seconds from when an engine draws the job; waiting for a worker counts.
            A job that runs then is stopped, and one that still waits is given up.
        memory_mb: The worker is killed when its resident memory passes this.
        large: Whether it takes as much memory as the modules of a late kind of workers: those
            that are free make way for it.
    """

    payload: Any
    tag: str = ""
    timeout_s: float | None = None
    memory_mb: float | None = None
    large: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Args:
        index: Position of the job in the order given.
        state: ``done``, ``failed`` (an exception), ``crash`` (the process died), ``timeout``
            or ``memory``.
        value: What the function returned, when done.
        reason: One line that says what happened, when not done.
        seconds: Wall seconds.
        cpu_seconds: CPU seconds of the worker during the job.
        peak_mb: Peak resident memory of the worker, MB.
    """

    index: int
    state: Literal["done", "failed", "crash", "timeout", "memory"]
    value: Any = None
    reason: Message = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0

    @property
    def begun(self) -> bool:
        """Whether a worker had the job; one that only waited has used no memory."""
        return self.peak_mb > 0


@dataclass(frozen=True)
class Resources:
    """What the workers of a `map` look like.

    Args:
        workers: How many at once.
        preload: Per worker, modules to import at start: ``{"torch": ("torch",), …}``; the
            keys are the tags that jobs prefer.
        threads: Threads of numeric libraries in each worker.
        late: Tags whose modules take much memory, and most runs do without: one worker becomes
            theirs when the first such job comes, and is an ordinary one again afterwards.
        soon: Those of `late` that are surely wanted: their workers start with the others.
    """

    workers: int = 1
    preload: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    threads: int = 1
    late: frozenset[str] = frozenset()
    soon: frozenset[str] = frozenset()


class Engine(Protocol):
    """Runs a module-level function on many items, each in isolation."""

    def map(
        self, task: str, jobs: Iterable[Job], progress: Callable[[int, Json], None] | None = None
    ) -> Iterator[Outcome]:
        """Yield outcomes as they finish. `jobs` is drawn lazily, one per free worker.

        Args:
            task: Dotted path ``"package.module:function"``; called as
                ``function(payload, progress)``.
            jobs: A crash, time-out or memory kill of one leaves the others alone.
            progress: Called with ``(index, row)`` for each row a job reports.
        """
        ...

    def close(self) -> None:
        """Stop the workers, also in the middle of a job."""
        ...


class Blobs(Protocol):
    """Bytes by path, on local disk, in memory or in an object store."""

    def open(self, path: str) -> IO[bytes]:
        """Open for reading. Raises StoreError when the path does not exist."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Write whole, atomically: a reader sees the old bytes, the new, or none."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file or everything under a prefix; absent is fine."""
        ...

    def list(self, prefix: str) -> list[str]:
        """Return the paths under a prefix, sorted."""
        ...
