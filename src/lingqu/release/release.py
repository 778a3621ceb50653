"""A release, opened: the public class that answers rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl

from lingqu.core.errors import GateError, SpecError
from lingqu.core.nouns import Finding, Json, Task
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Schema
from lingqu.release.answers import columns
from lingqu.release.frames import like, to_polars
from lingqu.release.golden import Difference, differences, inputs_of
from lingqu.release.manifest import Manifest
from lingqu.release.predictor import Predictor
from lingqu.release.prepare import restore_operators
from lingqu.release.replies.writing import Writing
from lingqu.release.runner import Runner
from lingqu.release.verify import read_manifest, verify

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Answer = Callable[[list[dict[str, Json]]], pl.DataFrame]


class Release:
    """An immutable bundle of model, preparation, schema and evidence.

    Open one with `Release.open`; nothing in its folder is executed.

    Args:
        folder: Where it lies.
        manifest: What it is.
        paths: Whether text in an image column may name a file; False for strangers' rows.
        threads: Threads of the graph; by its size when omitted.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, *, paths: bool = True, threads: int | None = None
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self._paths = paths
        self._threads = threads

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        trusted: Collection[bytes] | None = None,
        paths: bool = True,
        threads: int | None = None,
    ) -> Release:
        """Verify every byte and open.

        Args:
            path: Folder of the release.
            trusted: Raw public keys that may have signed it; any key when omitted.
            paths: Whether text in an image column may name a file.
            threads: Threads of the graph.

        Raises:
            GateError: It is not a release, or not what its manifest says.
        """
        folder = Path(path)
        problems = verify(folder, trusted)
        if problems:
            listed = "; ".join(str(problem) for problem in problems[:5])
            more = f" … ({len(problems)})" if len(problems) > 5 else ""
            raise GateError("release.not_intact", folder=str(folder), problems=listed + more)
        return cls(folder, read_manifest(folder), paths=paths, threads=threads)

    def __repr__(self) -> str:
        return f"Release({self.manifest.name!r}, {self.digest[:12]})"

    @property
    def digest(self) -> str:
        """The digest that names it."""
        return self.manifest.digest

    @property
    def name(self) -> str:
        """Name of the channel."""
        return self.manifest.name

    @property
    def task(self) -> Task:
        return self.manifest.task

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in output order; empty for regression."""
        return self.manifest.classes

    @property
    def size_mb(self) -> float:
        """Megabytes of the graph, as `train.limits` counts them."""
        return (self.folder / "model.onnx").stat().st_size / 1e6

    @cached_property
    def schema(self) -> Schema:
        """Columns as callers send them, with the target."""
        return Schema.from_json(self._json("schema.json"))

    @cached_property
    def card(self) -> str:
        """The model card, Markdown."""
        return (self.folder / "README.md").read_text(encoding="utf-8")

    @cached_property
    def golden(self) -> Mapping[str, Json]:
        """Rows and the exact answers to them."""
        found: Mapping[str, Json] = self._json("golden.json")
        return found

    @cached_property
    def profile(self) -> Mapping[str, Json]:
        """Histograms that live windows are compared with."""
        found: Mapping[str, Json] = self._json("profile.json")
        return found

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the gate saw, with the measured times last."""
        rows = [*self._json("findings.json")["findings"], *self._json("measured.json")["findings"]]
        return tuple(Finding(**row) for row in rows)

    @cached_property
    def metrics(self) -> Mapping[str, float]:
        """Headline metrics on test rows."""
        found: Mapping[str, float] = self._json("findings.json")["metrics"]
        return found

    @cached_property
    def lineage(self) -> Mapping[str, Json]:
        """How it was made."""
        found: Mapping[str, Json] = self._json("lineage.json")
        return found

    @cached_property
    def seen(self) -> Mapping[str, Json]:
        """What was looked at when it was judged: the numbers of `plots`; empty if nothing was."""
        if "seen.json" not in self.manifest.files:
            return {}
        found: Mapping[str, Json] = self._json("seen.json")
        return found

    def plots(self) -> dict[str, Figure]:
        """Draw it at work on test rows, with matplotlib, from the numbers that its report draws.

        Which figures there are depends on the data: ``curves`` (how candidates learnt), ``map``
        (test rows, alike ones close together), ``confusion`` and ``confused`` (what was taken for
        what), ``worst`` (the surest mistakes), ``words`` and ``patches`` (what answers rest on).

        Returns:
            Name → figure. They belong to no window: show, change or save them.

        Raises:
            SpecError: matplotlib is not installed.
            GateError: The release was packed without anything to draw.
        """
        if not self.seen:
            raise GateError("see.nothing", digest=self.digest[:12])
        try:
            from lingqu.release.plots.draw import draw
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "matplotlib":
                raise
            facts = {"name": "`Release.plots`", "package": "matplotlib", "extra": "plots"}
            raise SpecError("core.missing_extra", **facts) from error
        return draw(self.seen, self.findings)

    def as_estimator(self) -> Any:
        """Return it as a fitted estimator of scikit-learn.

        Returns:
            An object with ``predict``, ``predict_proba`` and ``classes_`` (classes),
            ``n_features_in_`` and ``feature_names_in_``, for `sklearn.inspection`, calibration
            displays, metrics and pipelines. ``fit`` changes nothing.

        Raises:
            SpecError: It answers neither with classes nor with one value a row.
        """
        from lingqu.release.estimator import estimator_of

        return estimator_of(self)

    @cached_property
    def predictor(self) -> Predictor:
        """The path of a prediction; opened on first use and kept."""
        manifest = self.manifest
        runner = Runner(
            (self.folder / "model.onnx").read_bytes(),
            self._json("encoding.json")["inputs"],
            manifest.task,
            manifest.classes,
            manifest.threshold,
            self._threads,
        )
        operators = restore_operators(self._json("preparation.json"))
        return Predictor(self.schema, operators, runner, paths=self._paths)

    def predict(self, frame: Any, *, options: Mapping[str, Json] | None = None) -> Any:
        """Answer raw rows.

        Args:
            frame: A pandas, Polars or Arrow frame, a list of dicts or a dict of columns; more
                columns than needed are ignored.
            options: How texts shall be written, otherwise than the release has it:
                ``temperature``, ``top_k``, ``top_p``, ``stop``, ``seed``, ``max_tokens``.

        Returns:
            The same kind of frame: ``prediction`` and, for classification, ``confidence`` and
            ``probability.<class>``.

        Raises:
            DataError: No rows, a missing column, a cell that cannot be read as its kind, or
                options that cannot be.
        """
        writing = None if options is None else Writing.of(options)
        return like(frame, columns(self.answer(to_polars(frame), writing)))

    def answer(self, frame: pl.DataFrame, writing: Writing | None = None) -> Predictions:
        """Answer raw rows with arrays: what outlets use."""
        return self.predictor.predict(frame, writing=writing)

    def replay(self, answer: Answer | None = None) -> list[Difference]:
        """Answer the golden rows again and return what differs.

        Args:
            answer: Rows → answers in the columns of `predict`, to ask an outlet instead.
        """
        ask = answer or (lambda rows: columns(self.answer(to_polars(rows))))
        return differences(self.golden, ask(inputs_of(self.golden)))

    def require_replay(self, answer: Answer | None = None) -> None:
        """Replay, and refuse on a difference.

        Raises:
            GateError: An answer is not what the release recorded.
        """
        found = self.replay(answer)
        if found:
            raise GateError(
                "release.replay_differs",
                digest=self.digest[:12],
                count=len({difference.row for difference in found}),
                total=len(self.golden["rows"]),
                first=str(found[0]),
            )

    def _json(self, name: str) -> Json:
        return orjson.loads((self.folder / name).read_bytes())
