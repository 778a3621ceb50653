"""How good the data are, as one JSON document: what the data report draws and rules read.

The report room draws it and knows nothing else. ``measures`` in it are the numbers under the names
that rules give them; those called ``data.…`` are what the gate reads here, and ``served`` is what
the monitor sets the rows of a window beside. The document is bounded: of wide tables the columns
that say most are told in full, and what was left out is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lingqu.core.facts import FACTS
from lingqu.core.i18n import Language, both
from lingqu.core.nouns import Dataset, Json
from lingqu.flow import data_pairs, data_parts, data_removed
from lingqu.flow.data_change import changes
from lingqu.flow.data_figures import figures, row_of
from lingqu.flow.data_private import showable
from lingqu.flow.data_profiles import bounded, rounded
from lingqu.flow.judged import FORM
from lingqu.report.data_bound import kept_small

SECTIONS = (
    "scores", "columns", "associations", "duplicates", "leakage", "labels", "contract", "privacy",
    "removed", "changes", "operators", "cost", "measures", "served", "gaps", "left_out",
)  # fmt: skip
Found = Sequence[Mapping[str, Json]]


@dataclass(frozen=True)
class Judged:
    """All that is known of some data; what is not known is a gap that the document names.

    Args:
        name: What the user calls the data.
        of: ``run``, ``clean`` or ``scan``.
        rows: How many there are, train and test together.
        raw: Rows as they were read, or a sample of them: what is shown.
        findings: What the checks saw, as `Finding.to_json` gives it.
        clean: Rows that governance left, or None.
        profiles: Profile of each column; those of the quality check when empty.
        reports: What each operator did, as the govern stage leaves it.
        governed: Result of the govern stage: ``removed``, ``removed_by``, ``removed_count``.
        protect: Operators that hide personal data, as saved or declared.
        identity: More facts for the head of the document.
        rules: Results of rules that were judged outside of an operator.
        drafted: Whether those rules were drafted from the same data.
        everything: Gives all removed rows.
        stages: Name → seconds.
        notes: Lines in both languages, such as that scores rest on a sample.
        numbers: Number of each row of `raw`, where it is a sample.
        twins: Rows that the copies are shown with, and their numbers, where `raw` is a sample.
        served: Scores of the training rows in the form that the log of answered rows has.
    """

    name: str
    of: str
    rows: int
    raw: Dataset
    findings: Found
    clean: Dataset | None = None
    profiles: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    reports: Found = ()
    governed: Mapping[str, Json] = field(default_factory=dict)
    protect: Found = ()
    identity: Mapping[str, Json] = field(default_factory=dict)
    rules: Found = ()
    drafted: bool = False
    everything: Callable[[], Found] | None = None
    stages: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[Mapping[Language, str]] = ()
    numbers: Sequence[int] = ()
    twins: tuple[Dataset, Sequence[int]] | None = None
    served: Mapping[str, Json] = field(default_factory=dict)


def data_document(judged: Judged) -> dict[str, Json]:
    """Return the document of a judgement of data.

    Returns:
        ``form``, ``of``, ``identity`` and the parts named in `SECTIONS`, JSON of at most
        `report.data_bound.LIMIT` bytes.

    Example:
        >>> import polars as pl
        >>> from lingqu.core.schema import Column, Schema
        >>> data = Dataset(pl.DataFrame({"a": [1.0]}), Schema((Column("a", "number"),)), "small")
        >>> told = data_document(Judged("small", "scan", 1, data, []))
        >>> told["form"], told["identity"]["rows"], told["columns"]["count"]
        (1, 1, 1)
    """
    rows = showable(judged.raw, judged.protect, judged.numbers)
    twins = rows
    if judged.twins is not None:
        twins = replace(rows, dataset=judged.twins[0], numbers=tuple(judged.twins[1]))
    found, reports = judged.findings, judged.reports
    profiles = judged.profiles or data_parts.profiles_of(found)
    contract = data_removed.rules(reports, rows)
    if judged.rules:
        contract = data_removed.judged(judged.rules, judged.drafted, rows)
    channel = str(judged.identity.get("channel") or "")
    labels = data_pairs.labels(reports, rows)
    figured = figures(found, contract, labels)
    document: dict[str, Json] = {
        "form": FORM,
        "of": judged.of,
        "identity": _identity(judged),
        "scores": data_parts.scores(found, rows),
        "columns": data_parts.columns(judged.raw.schema, profiles, rows),
        "associations": data_parts.associations(found),
        "duplicates": data_pairs.duplicates(reports, twins),
        "leakage": data_pairs.leakage(found, rows),
        "labels": labels,
        "contract": contract,
        "privacy": data_removed.privacy(reports, found, rows.hidden),
        "removed": data_removed.removed(judged.governed, rows, channel, judged.everything)
        if judged.clean is not None
        else {},
        "changes": changes(judged.raw, judged.clean, rows.hidden)
        if judged.clean is not None
        else [],
        "operators": data_removed.operators(reports, rows) if judged.clean is not None else [],
        "cost": {
            "stages": {name: rounded(value) for name, value in judged.stages.items()},
            "seconds": rounded(sum(judged.stages.values())),
        },
        "measures": [*map(row_of, figured), *data_parts.measures(found)],
        "served": dict(judged.served),
        "notes": [dict(note) for note in judged.notes],
    }
    document["gaps"] = _gaps(document)
    return kept_small(document)


def _identity(judged: Judged) -> dict[str, Json]:
    facts = {name: value for name, value in judged.raw.facts.items() if name != "represent"}
    return {
        "name": judged.name,
        "rows": judged.rows,
        "columns": len(judged.raw.schema.columns),
        "shown_rows": len(judged.raw),
        **bounded(judged.identity, (), 3, 20),
        "facts": bounded(facts, (), 2, 20),
        "undeclared": [name for name in FACTS if not facts.get(name)],
    }


def _gaps(document: Mapping[str, Any]) -> list[dict[str, Json]]:
    """Return what was not looked at, in both languages, with the part that it is about."""
    empty = {
        "scores": not document["scores"],
        "associations": not document["associations"].get("looked"),
        "duplicates": not document["duplicates"].get("looked"),
        "leakage": not document["leakage"],
        "labels": not document["labels"].get("looked"),
        "contract": not document["contract"],
        "privacy": not document["privacy"].get("looked"),
        "changes": not document["changes"],
    }
    found: list[dict[str, Json]] = []
    for part in (part for part, gap in empty.items() if gap):
        words = both(f"datareport.gap_{part}")
        found.append({"part": part, "en": words["en"], "zh": words["zh"]})
    return found
