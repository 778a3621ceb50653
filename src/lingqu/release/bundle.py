"""A release as a folder: written once, whole or not at all, and checked byte by byte.

The folder is flat and holds only text, JSON and ONNX: nothing in it is executed when it is
opened. `release.json` names every other file with its digest, `release.sig` signs `release.json`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from lingqu.core import digest
from lingqu.core.errors import StoreError
from lingqu.core.nouns import Finding, Json, Model
from lingqu.core.ports import Operator
from lingqu.core.schema import Schema
from lingqu.release.card import Card, render
from lingqu.release.golden import inputs_of, make_golden
from lingqu.release.manifest import (
    MANIFEST,
    SIGNATURE,
    FileEntry,
    Manifest,
    library_versions,
)
from lingqu.release.merge import merge
from lingqu.release.mlflow_files import mlflow_files, mlmodel
from lingqu.release.predictor import Predictor
from lingqu.release.prepare import restore_operators, save_operators
from lingqu.release.runner import Runner
from lingqu.release.sign import Sign, signature_file
from lingqu.release.verify import Problem, read_manifest, verify

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Contents", "Problem", "pack", "read_manifest", "verify"]

MEASURED = frozenset({"efficiency", "latency"})
"""Checks that measure time or memory: their findings differ from run to run."""
PASSING = frozenset({"README.md", "lineage.json", "measured.json", "seen.json", "MLmodel"})
"""Files that tell when, how fast and what it looked like: signed, but not part of the release's
digest."""


@dataclass(frozen=True)
class Contents:
    """Everything that becomes a release.

    Args:
        name: Name of the channel.
        model: The chosen model.
        schema: Columns as callers send them, before preparation.
        operators: Fitted operators in order; those that travel are kept.
        golden_rows: Raw rows from which the golden answers are chosen. They are stored as they
            are, so pass rows that may be kept.
        profile: Histograms that live windows are compared with (`release/profile.py`).
        findings: What the gate saw.
        metrics: Headline metrics on test rows.
        facts: Declared facts of the data: source, license, consent, purpose, owner, retention;
            ``model_license`` for the model.
        lineage: How it was made: run, leaderboard, timings; not part of the digest.
        seen: What `Release.plots` draws; not part of the digest.
        channel_text: The channel file, as written.
        channel: Digest of the channel.
        data: Digest of the governed data.
        seed: Seed of the run.
    """

    name: str
    model: Model
    schema: Schema
    golden_rows: pl.DataFrame
    operators: Sequence[Operator] = ()
    profile: Mapping[str, Json] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)
    lineage: Mapping[str, Json] = field(default_factory=dict)
    seen: Mapping[str, Json] = field(default_factory=dict)
    channel_text: str = ""
    channel: str = ""
    data: str = ""
    seed: int = 0


def pack(
    folder: str | os.PathLike[str],
    contents: Contents,
    *,
    created: str,
    sign: Sign,
    public_key: bytes,
) -> Manifest:
    """Write a release.

    Args:
        folder: Where; it must not exist or be empty. It appears whole or not at all.
        contents: What goes in.
        created: UTC time, ISO 8601.
        sign: Returns the Ed25519 signature of bytes.
        public_key: The 32 raw bytes of the key that verifies it.

    Returns:
        The manifest; its `digest` names the release.

    Raises:
        GateError: The members cannot be merged, or answer differently once merged.
        DataError: The golden rows cannot be answered.
        StoreError: The folder is taken or cannot be written.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError("release.folder_taken", folder=str(target))
    files = identity_files(contents)
    entries = {name: _entry(name, data) for name, data in files.items()}
    bare = _manifest(contents, entries, created)
    release = bare.expected_digest()
    files.update(_passing_files(contents, release, created))
    entries = {name: _entry(name, data) for name, data in sorted(files.items())}
    manifest = _manifest(contents, entries, created, release)
    files[MANIFEST] = manifest.to_bytes()
    files[SIGNATURE] = signature_file(files[MANIFEST], sign, public_key)
    _write_whole(target, files)
    return manifest


def identity_files(contents: Contents) -> dict[str, bytes]:
    """Return the files that say what the release is; they do not depend on time or place."""
    model, saved = contents.model, save_operators(contents.operators)
    merged = merge(model)
    runner = Runner(merged.graph, merged.inputs, model.task, model.classes, model.threshold)
    # Restored operators answer the golden rows: they are what an opened release will use.
    predictor = Predictor(contents.schema, restore_operators(saved), runner)
    golden = make_golden(predictor, contents.golden_rows)
    stable = [f.to_json() for f in contents.findings if f.check not in MEASURED]
    files = {
        "model.onnx": merged.graph,
        "encoding.json": to_json({"inputs": merged.inputs}),
        "preparation.json": to_json(saved),
        "schema.json": to_json(contents.schema.to_json()),
        "golden.json": to_json(golden),
        "findings.json": to_json({"metrics": contents.metrics, "findings": stable}),
        "profile.json": to_json(contents.profile),
        "facts.json": to_json(contents.facts),
        "channel.yaml": contents.channel_text.encode(),
    }
    return {**files, **mlflow_files(inputs_of(golden))}


def _passing_files(contents: Contents, release: str, created: str) -> dict[str, bytes]:
    measured = [f.to_json() for f in contents.findings if f.check in MEASURED]
    members = [
        {"name": m.name, "algorithm": m.algorithm, "weight": m.weight, "notes": dict(m.notes)}
        for m in contents.model.members
    ]
    card = Card(
        contents.name,
        contents.model.task,
        release,
        created,
        contents.channel,
        contents.data,
        contents.schema,
        contents.model.classes,
        members,
        [operator.name for operator in contents.operators if operator.travels],
        contents.metrics,
        contents.findings,
        contents.facts,
        contents.lineage,
    )
    return {
        "README.md": render(card).encode(),
        "lineage.json": to_json({**contents.lineage, "members": members}),
        "measured.json": to_json({"findings": measured}),
        **({"seen.json": to_json(contents.seen)} if contents.seen else {}),
        "MLmodel": mlmodel(release, created).encode(),
    }


def _manifest(
    contents: Contents, files: Mapping[str, FileEntry], created: str, release: str = ""
) -> Manifest:
    model = contents.model
    return Manifest(
        contents.name,
        model.task,
        model.classes,
        model.threshold,
        created,
        contents.channel,
        contents.data,
        contents.seed,
        files,
        library_versions(),
        release,
        None if model.region is None else model.region.coverage,
    )


def _entry(name: str, data: bytes) -> FileEntry:
    return FileEntry(digest.of_bytes(data), len(data), name not in PASSING)


def to_json(value: Json) -> bytes:
    """Return canonical JSON: keys sorted, NaN as null, NumPy values as plain ones."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(value, option=options | orjson.OPT_APPEND_NEWLINE, default=_plain)


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _write_whole(target: Path, files: Mapping[str, bytes]) -> None:
    """Write beside the target and rename: a killed process leaves no half release."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        for name, data in files.items():
            with open(part / name, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        os.replace(part, target)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        problem = error.strerror or str(error)
        raise StoreError("release.cannot_write", folder=str(target), problem=problem) from error
