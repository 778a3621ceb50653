"""Stage 1, data: read the source, type the columns, keep a version, set test rows aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lingqu.core import digest
from lingqu.core.facts import FACTS
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import REPLIES, Dataset, Json
from lingqu.core.ports import Source
from lingqu.core.schema import Schema, because
from lingqu.core.spec import Channel
from lingqu.data import versions
from lingqu.data.resolve import resolve
from lingqu.data.roles import ready
from lingqu.data.split import split
from lingqu.flow import (
    flag_rows,
    generate_rows,
    logged_rows,
    recommend_rows,
    reply_rows,
    verify_rows,
)
from lingqu.flow.control_rows import walk_of, with_roles
from lingqu.flow.decisions import corrected, decided, identified, row_key
from lingqu.flow.forecast_rows import FOR_SERIES, aligned, asked_for, time_of, with_values
from lingqu.flow.imported import FOR_IMPORTED
from lingqu.flow.keep_version import keep_version
from lingqu.flow.pretrained import unwanted
from lingqu.flow.row_numbers import keep_numbers
from lingqu.flow.walk import Walk
from lingqu.govern.defaults import defaults
from lingqu.release.prepare import hidden_columns, without_values


@dataclass(frozen=True)
class Parts:
    """The rows of a channel: `train` for fitting and choosing, `test` for judging only."""

    train: Dataset
    test: Dataset
    notes: Mapping[str, Json]


def source_of(channel: Channel, frame: Any = None) -> Source:
    """Return the source a channel declares, or one around an in-memory frame."""
    data = channel.data
    if data.environment is not None:
        return walk_of(channel)
    given = frame if frame is not None else data.source
    base = channel.path.parent if channel.path is not None else None
    return resolve(given, data.options, base=base or Path(), where=channel.where("data", "source"))


def typed(channel: Channel, dataset: Dataset) -> Dataset:
    """Return the dataset with the roles that the channel gives to its columns."""
    data = channel.data
    if data.environment is not None:
        rows = with_roles(dataset)
        facts = {name: getattr(data, name) for name in FACTS if getattr(data, name)}
        return replace(rows, name=channel.name, facts={**dict(rows.facts), **facts})
    forecast = channel.train.task == "forecast"
    if forecast:
        dataset = with_values(dataset, channel.train.target)
    flags = channel.train.task == "flag"
    if flags and channel.train.target:
        dataset = flag_rows.with_labels(dataset, channel.train.target)
    lists = channel.train.task == "recommend"
    kinds = data.kinds
    if lists:
        recommend_rows.refuse_users(data, dataset.schema.names, channel.train.target)
        kinds = recommend_rows.kinds_of(data, dataset, channel.train.target)
    if channel.train.task in REPLIES:
        kinds = reply_rows.kinds_of(data, dataset, channel.train.task, channel.train.target)
    logged = logged_rows.is_log(channel.train.task, channel.train)
    if logged:
        kinds = logged_rows.kinds_of(data, dataset, channel.train)
    rows = ready(
        dataset,
        target=channel.train.target,
        task=channel.train.task,
        protected=data.protected,
        time=data.time or (time_of(dataset) if forecast else None),
        group=data.group,
        weight=data.weight,
        id=data.id or (),
        drop=data.drop,
        kinds=kinds,
    )
    if channel.train.task in REPLIES:
        for name in kinds.keys() - data.kinds.keys():
            why = because("replies.reason_text", task=channel.train.task)
            rows = replace(rows, schema=rows.schema.updated(name, **why))
    if channel.train.task == "tag":
        reply_rows.refuse_unequal(rows)
    if data.see_protected:
        for name in data.protected:
            rows = replace(rows, schema=rows.schema.updated(name, seen=True))
    if forecast:
        rows = replace(rows, schema=asked_for(rows.schema))
        if channel.train.hierarchy:
            rows = aligned(rows, channel.train.gaps)
    if flags:
        rows = replace(rows, schema=flag_rows.asked_for(rows.schema))
    if lists:
        rows = replace(rows, schema=recommend_rows.asked_for(rows))
        recommend_rows.refuse_rows(rows)
    if channel.train.task == "verify":
        rows = verify_rows.paired(rows, data)
    if channel.train.task == "generate":
        rows = generate_rows.with_protected(rows)
    if logged:
        rows = logged_rows.with_outcomes(rows, channel.train)
    facts = {name: getattr(data, name) for name in FACTS if getattr(data, name)}
    if data.represent:
        facts["represent"] = {name: dict(shares) for name, shares in data.represent.items()}
    source = _portable(channel, str(rows.facts.get("source", "")))
    facts = {**dict(rows.facts), "source": source, **facts}
    return replace(rows, name=channel.name, facts=facts)


def _portable(channel: Channel, source: str) -> str:
    """Return where rows came from as the channel file says it, so that folders do not matter."""
    folder = channel.path.parent.absolute() if channel.path is not None else Path.cwd()
    path = Path(source)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else source


def usual_operators(channel: Channel, dataset: Dataset) -> list[tuple[str, Any, str | None]]:
    """Return the operators of a channel that names none; those that suit a series for forecasts."""
    if channel.data.environment is not None:
        return []
    left = unwanted(channel)
    chosen = [p for p in defaults(dataset.schema, dataset.frame) if p[0] not in left]
    if channel.train.model is not None:
        return [piece for piece in chosen if piece[0] in FOR_IMPORTED]
    if channel.train.task == "flag":
        return [piece for piece in chosen if piece[0] in flag_rows.FOR_FLAG]
    if channel.train.task == "recommend":
        return [piece for piece in chosen if piece[0] in recommend_rows.FOR_ITEMS]
    if channel.train.task == "generate":
        return [piece for piece in chosen if piece[0] in generate_rows.FOR_MADE]
    if channel.train.task == "control":
        return [piece for piece in chosen if piece[0] in logged_rows.FOR_LOGS]
    if channel.train.task in REPLIES:
        kept = reply_rows.FOR_TAGS if channel.train.task == "tag" else reply_rows.FOR_REPLIES
        return [piece for piece in chosen if piece[0] in kept]
    if channel.train.task == "verify":
        return [piece for piece in chosen if piece[0] in verify_rows.FOR_PAIRS]
    if channel.train.task != "forecast":
        return list(chosen)
    # Equal values at different times are no copies, and a name of a series is no feature.
    return [piece for piece in chosen if piece[0] in FOR_SERIES]


def declared_operators(channel: Channel) -> list[tuple[str, Any, str | None]] | None:
    """Return the declared operators as (name, options, None), or None where there are none."""
    if channel.govern is None:
        return None
    return [(piece.name, piece.options, None) for piece in channel.govern]


def data_stage(walk: Walk, source: Source) -> Mapping[str, Json]:
    """Read and split the data of a channel, reusing the kept version if nothing changed."""
    channel = walk.channel
    inputs: dict[str, Json] = {
        "data": channel.data.model_dump(mode="json"),
        "task": channel.train.task,
        "target": channel.train.target,
        "fingerprint": source.fingerprint(),
    }
    if channel.train.model is not None:
        inputs["imported"] = True
    if channel.train.reward:
        inputs["log"] = [channel.train.reward, channel.train.propensity]
    if channel.train.horizon:
        inputs["horizon"] = channel.train.horizon
    if channel.train.hierarchy:
        inputs["sums"] = [list(channel.train.hierarchy), channel.train.gaps]
    if channel.govern is None and (left := unwanted(channel)):
        inputs["unwanted"] = sorted(left)
    decisions = decided(walk.home, channel.name)
    if decisions.labels or decisions.dropped:
        inputs["decisions"] = replace(decisions, kept=frozenset()).key()

    def make() -> Mapping[str, Json]:
        dataset = typed(channel, source.read())
        usual = usual_operators(channel, dataset)
        private = hidden_columns({"name": n, "options": o, "state": {}} for n, o, _ in usual)
        dataset = replace(dataset, schema=without_values(dataset.schema, private))
        chosen = split(
            dataset,
            channel.train.task,
            how=channel.data.split,
            test=channel.data.test,
            seed=channel.data.seed,
            horizon=channel.train.horizon or 0,
            last=channel.data.test if "test" in channel.data.model_fields_set else 0.0,
        )
        # After the split: a corrected label must not move other rows to the other side.
        ids = identified(dataset, replace(decisions, kept=frozenset()), row_key(walk.home))
        right, stay, counts = corrected(dataset, ids, decisions)
        parts = {
            name: _kept(walk, dataset, right, rows, stay, name, _told(counts))
            for name, rows in (("train", chosen.train), ("test", chosen.test))
        }
        dataset = right
        left = [rows[stay[rows]] for rows in (chosen.train, chosen.test)]
        order = keep_numbers(walk, np.concatenate(left))
        families = ""
        if chosen.families is not None:
            families = keep_numbers(walk, chosen.families[left[0]])
        return {
            **parts,
            "order": order,
            "families": families,
            "digest": digest.of_json([parts["train"]["digest"], parts["test"]["digest"]]),
            "rows": int(stay.sum()),
            "decided": counts,
            "split": {
                "how": chosen.how,
                "reason": chosen.reason,
                "reason_zh": chosen.reason_zh,
            },
            "schema": dataset.schema.to_json(),
            "facts": dict(dataset.facts),
            "operators": [list(operator) for operator in usual],
            "blobs": [parts["train"]["blob"], parts["test"]["blob"], order]
            + ([families] if families else []),
        }

    return walk.stage("data", inputs, make)


def _told(counts: Mapping[str, int]) -> Phrase | str:
    """Return what people's decisions changed in the rows, or nothing."""
    return Phrase("loop.version", counts) if any(counts.values()) else ""


def _kept(
    walk: Walk,
    read: Dataset,
    right: Dataset,
    rows: np.ndarray[Any, Any],
    stay: np.ndarray[Any, Any],
    name: str,
    message: Phrase | str,
) -> dict[str, Json]:
    """Keep the rows of one side; where people decided on some, of the rows as they were read."""
    parents = []
    if message:
        before = replace(read, frame=read.frame[rows])
        parents = [str(keep_version(walk.home, walk.channel.name, name, before)["digest"])]
    part = replace(right, frame=right.frame[rows[stay[rows]]])
    return keep_version(walk.home, walk.channel.name, name, part, parents=parents, message=message)


def load_parts(walk: Walk, result: Mapping[str, Json]) -> Parts:
    """Load the train and test rows that a data or govern stage kept.

    Equal rows are kept once, with what was first declared of them: what this channel declares is
    in the result of its data stage.
    """
    train, test = (versions.load(result[n]["blob"], walk.home.blobs) for n in ("train", "test"))
    if "facts" in result:
        train, test = (replace(part, facts=result["facts"]) for part in (train, test))
    return Parts(train, test, {"schema": Schema.from_json(result["schema"])})
