"""Events of what was made from what, in the words of OpenLineage: one JSON line each.

Source: OpenLineage, "Object model" and facets, specification 2-0-2, 2024.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lingqu import __version__
from lingqu.core.nouns import Json

EventType = Literal["START", "COMPLETE", "FAIL"]
PRODUCER = f"urn:lingqu:{__version__}"
NAMESPACE = "lingqu"
EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS: Mapping[str, str] = {
    "schema": "1-2-0/SchemaDatasetFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
    "dataSource": "1-0-1/DatasourceDatasetFacet",
    "documentation": "1-1-0/DocumentationDatasetFacet",
    "ownership": "1-0-1/OwnershipDatasetFacet",
    "columnLineage": "1-2-0/ColumnLineageDatasetFacet",
    "dataQualityMetrics": "1-0-3/DataQualityMetricsInputDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "parent": "1-2-0/ParentRunFacet",
    "errorMessage": "1-0-1/ErrorMessageRunFacet",
    "jobDocumentation": "1-1-0/DocumentationJobFacet",
    "jobOwnership": "1-0-1/OwnershipJobFacet",
    "jobType": "2-0-4/JobTypeJobFacet",
}
"""Facet → version and name of its published schema."""


@dataclass(frozen=True)
class Data:
    """A dataset in an event.

    Args:
        name: Its name.
        version: Id or digest of the version.
        schema: Columns as `Schema.to_json()` writes them.
        rows: How many, or None where unknown.
        bytes: Size of the content, or None.
        facts: What is declared of it.
        metrics: Column → ``nullCount``, ``distinctCount``, ``min``, ``max``, as recorded.
        lineage: Column → `(input dataset, column, operators that touched it, masked)`.
        namespace: Where the name means something.
    """

    name: str
    version: str = ""
    schema: Sequence[Mapping[str, Json]] = ()
    rows: int | None = None
    bytes: int | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    metrics: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    lineage: Mapping[str, tuple[str, str, Sequence[str], bool]] = field(default_factory=dict)
    namespace: str = NAMESPACE


@dataclass(frozen=True)
class Happened:
    """One event.

    Args:
        kind: What happened.
        at: UTC time, ISO 8601.
        run: Our id of what ran; stages add theirs.
        job: Its name, ``channel`` or ``channel.stage``.
        inputs: What it read.
        outputs: What it made.
        parent: `(run, job)` it was a part of.
        about: One sentence on the job.
        owner: Who answers for it.
        error: Why it failed.
    """

    kind: EventType
    at: str
    run: str
    job: str
    inputs: Sequence[Data] = ()
    outputs: Sequence[Data] = ()
    parent: tuple[str, str] | None = None
    about: str = ""
    owner: str = ""
    error: str = ""


def event(happened: Happened) -> dict[str, Json]:
    """Return an event as OpenLineage writes it.

    Example:
        >>> told = event(Happened("START", "2026-11-21T00:00:00+00:00", "r1", "churn.data"))
        >>> told["eventType"], told["job"]["name"]
        ('START', 'churn.data')
    """
    run: dict[str, Json] = {}
    if happened.parent is not None:
        parent, job = happened.parent
        named = {"run": {"runId": run_id(parent)}, "job": _job(job)}
        run["parent"] = facet("parent", **named)
    if happened.error:
        said = {"message": happened.error, "programmingLanguage": "Python"}
        run["errorMessage"] = facet("errorMessage", **said)
    kind = {"processingType": "BATCH", "integration": "LINGQU", "jobType": "STAGE"}
    about: dict[str, Json] = {"jobType": facet("jobType", **kind)}
    if happened.about:
        about["documentation"] = facet("jobDocumentation", description=happened.about)
    if happened.owner:
        about["ownership"] = facet("jobOwnership", owners=_owners(happened.owner))
    return {
        "eventTime": happened.at,
        "eventType": happened.kind,
        "producer": PRODUCER,
        "schemaURL": EVENT,
        "run": {"runId": run_id(happened.run), "facets": run},
        "job": {**_job(happened.job), "facets": about},
        "inputs": [_input(data) for data in happened.inputs],
        "outputs": [_output(data) for data in happened.outputs],
    }


def run_id(ours: str) -> str:
    """Return the UUID that stands for an id of ours, always the same one."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:lingqu:{ours}"))


def facet(kind: str, /, **content: Json) -> dict[str, Json]:
    """Return a facet with who made it and where its schema is published."""
    where = FACETS[kind]
    url = f"https://openlineage.io/spec/facets/{where}.json#/$defs/{where.partition('/')[2]}"
    return {"_producer": PRODUCER, "_schemaURL": url, **content}


def _job(name: str) -> dict[str, Json]:
    return {"namespace": NAMESPACE, "name": name}


def _owners(owner: str) -> list[dict[str, str]]:
    return [{"name": owner, "type": "OWNER"}]


def _input(data: Data) -> dict[str, Json]:
    metrics: dict[str, Json] = {}
    if data.rows is not None:
        metrics = {"rowCount": data.rows, "columnMetrics": dict(data.metrics)}
        if data.bytes:
            metrics["bytes"] = data.bytes
    told = {"dataQualityMetrics": facet("dataQualityMetrics", **metrics)} if metrics else {}
    return {**_named(data), "inputFacets": told}


def _output(data: Data) -> dict[str, Json]:
    counts: dict[str, Json] = {} if data.rows is None else {"rowCount": data.rows}
    if data.bytes:
        counts["size"] = data.bytes
    told = {"outputStatistics": facet("outputStatistics", **counts)} if counts else {}
    return {**_named(data), "outputFacets": told}


def _named(data: Data) -> dict[str, Json]:
    facets: dict[str, Json] = {}
    if data.schema:
        facets["schema"] = facet("schema", fields=_fields(data.schema))
    if data.version:
        facets["version"] = facet("version", datasetVersion=data.version)
    source, purpose = str(data.facts.get("source") or ""), str(data.facts.get("purpose") or "")
    if source:
        facets["dataSource"] = facet("dataSource", name=source)
    if purpose:
        facets["documentation"] = facet("documentation", description=purpose)
    if data.facts.get("owner"):
        facets["ownership"] = facet("ownership", owners=_owners(str(data.facts["owner"])))
    if data.lineage:
        facets["columnLineage"] = facet("columnLineage", fields=_lineage(data))
    return {"namespace": data.namespace, "name": data.name, "facets": facets}


def _fields(schema: Iterable[Mapping[str, Json]]) -> list[dict[str, Json]]:
    fields = []
    for column in schema:
        told = {"name": column["name"], "type": column["kind"]}
        fields.append(told | ({"description": column["reason"]} if column["reason"] else {}))
    return fields


def _lineage(data: Data) -> dict[str, Json]:
    told = {}
    for column, (dataset, read, operators, masked) in data.lineage.items():
        change = {
            "type": "DIRECT",
            "subtype": "TRANSFORMATION" if operators else "IDENTITY",
            "description": ", ".join(operators),
            "masking": masked,
        }
        source = {"namespace": NAMESPACE, "name": dataset, "field": read}
        told[column] = {"inputFields": [{**source, "transformations": [change]}]}
    return told
