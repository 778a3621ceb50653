"""Cards of data: Markdown in two languages, Croissant that validates, OpenLineage as published."""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lingqu.core.nouns import Finding
from lingqu.core.schema import Column, Schema
from lingqu.data.card import DataCard, render
from lingqu.data.croissant import CONTEXT, Handed, croissant
from lingqu.data.openlineage import FACETS, Data, Happened, event, run_id

FRAME = pl.DataFrame(
    {
        "客户 id/№": ["a", "b"],
        "age": [30, 41],
        "paid": [1.5, None],
        "young": [True, False],
        "when": pl.Series(["2024-01-05", "2024-02-01"]).str.to_datetime(),
        "pixels": pl.Series([[0.0, 1.0], [2.0, 3.0]], dtype=pl.Array(pl.Float32, 2)),
        "face": pl.Series([[0.0] * 4, [1.0] * 4], dtype=pl.List(pl.Float32)),
    }
)
SCHEMA = Schema(
    (
        Column("客户 id/№", "text", "id", reason="names a row"),
        Column("age", "number", low=30.0, high=41.0),
        Column("paid", "number", nullable=True),
        Column("young", "boolean", "target", levels=("false", "true")),
        Column("when", "datetime", "time"),
        Column("pixels", "vector", shape=(2,)),
        Column("face", "image", shape=(2, 2)),
    )
)
FACTS = {
    "source": "people.csv",
    "license": "CC0-1.0",
    "consent": "contract",
    "purpose": "predict who leaves",
    "origin": "our shop's till",
    "owner": "sales",
    "retention": "2 years",
}
CARD = DataCard(
    "people",
    "ab" * 32,
    "cd" * 32,
    "table",
    "2026-11-21T10:00:00.000000+00:00",
    "from the\ntill",
    2,
    1234,
    FACTS,
    SCHEMA,
    frozenset({"客户 id/№"}),
    {name: {"missing": 0, "distinct": 2} for name in SCHEMA.names},
    ("ef" * 32,),
    ({"name": "mask", "options": {"columns": ["phone"]}}, {"name": "dedupe", "options": {}}),
    {"dedupe": 3},
    (Finding("quality", "quality.validity", 0.5, low=0.25, high=0.75, n=2, verdict="fail"),
     Finding("quality", "quality.column", 1.0, "age")),
    "2028-11-21",
    1,
    {name: str(dtype) for name, dtype in FRAME.schema.items()},
)  # fmt: skip
FOLDER = DataCard(
    "files", "ab" * 32, "cd" * 32, "files", rows=3, columns={".txt": 2, ".png": 1, "": 1}
)


class TestMarkdown:
    def test_both_languages_tell_what_is_recorded(self) -> None:
        shown = render(CARD)
        english, chinese = shown.split("\n---\n", 2)[1:]
        for said in ("- Licence: CC0-1.0", "- Owner: sales", "- May be kept until: 2028-11-21"):
            assert said in english
        assert "- 许可: CC0-1.0" in chinese and "个人数据，不显示" in chinese
        assert "- Operator: dedupe (rows taken out: 3)" in english
        assert "| age | number | feature | 30 … 41 | 0 | 2 |" in english
        assert "| quality.validity | 0.5 | 0.25 … 0.75 | 2 | fail |" in english
        assert "quality.column" not in shown
        assert "> from the till" in english

    def test_what_nobody_recorded_is_a_gap(self) -> None:
        shown = render(DataCard("d", "ab" * 32, "cd" * 32, "table"))
        assert shown.count("*not recorded*") == 8
        assert "No run judged this version." in shown
        assert "no operator changed it" in shown

    def test_a_folder_tells_its_endings(self) -> None:
        shown = render(FOLDER)
        assert "| .txt | 2 |" in shown and "| — | 1 |" in shown and "- Files: 3" in shown

    @pytest.mark.parametrize(
        ("rows", "name"),
        [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**10, "n>1B")],
    )
    def test_sizes_are_those_of_the_hub(self, rows: int, name: str) -> None:
        assert f'["{name}"]' in render(replace(CARD, rows=rows))

    def test_names_do_not_break_out_of_their_cells(self) -> None:
        schema = Schema((Column("a|b\nc", "number"),))
        shown = render(replace(CARD, schema=schema))
        assert r"| a\|b c | number |" in shown


def validated(folder: Path) -> Any:
    """Read a description with the package of its makers, which raises on any error."""
    with warnings.catch_warnings():
        # Its dependencies warn of their own future; what it says of our file comes as errors.
        warnings.simplefilter("ignore")
        import mlcroissant

        dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
        assert dataset.metadata.ctx.issues.errors == set()
        assert dataset.metadata.ctx.issues.warnings == set()
    return dataset


def written(folder: Path, card: DataCard, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    frame.write_parquet(folder / name)
    data = (folder / name).read_bytes()
    told = croissant(card, Handed(hashlib.sha256(data).hexdigest(), len(data)))
    (folder / "croissant.json").write_text(json.dumps(told), encoding="utf-8")
    return told


class TestCroissant:
    def test_a_table_validates_and_its_rows_can_be_read(self, tmp_path: Path) -> None:
        told = written(tmp_path, CARD, "rows.parquet", FRAME)
        dataset = validated(tmp_path)
        metadata = dataset.metadata
        assert metadata.version == f"2.0.0+{'ab' * 6}"
        assert metadata.license == ["CC0-1.0"]
        assert metadata.data_collection == FACTS["origin"]
        assert metadata.data_use_cases == [FACTS["purpose"]]
        assert metadata.data_release_maintenance_plan == FACTS["retention"]
        assert len(metadata.personal_sensitive_information) == 2
        assert metadata.data_preprocessing_protocol[0].startswith("mask(")
        assert metadata.data_limitations == ["quality.validity"]
        assert metadata.file_objects[0].sha256 == told["distribution"][0]["sha256"]
        fields = {field.name: field for field in metadata.record_sets[0].fields}
        assert fields.keys() == set(SCHEMA.names)
        assert str(fields["age"].data_types[0]).endswith("Integer")
        assert str(fields["paid"].data_types[0]).endswith("Float")
        assert fields["pixels"].is_array and fields["pixels"].array_shape == "2"
        assert fields["face"].is_array and fields["face"].array_shape == "2,2"
        assert str(fields["face"].data_types[0]).endswith("Float")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = list(dataset.records("rows"))
        assert [row["rows/age"] for row in rows] == [30, 41]

    def test_a_folder_validates(self, tmp_path: Path) -> None:
        frame = pl.DataFrame({"path": ["a.txt"], "size": [1], "sha256": ["0" * 64]})
        told = written(
            tmp_path, replace(FOLDER, created=CARD.created, facts=FACTS), "manifest.parquet", frame
        )
        dataset = validated(tmp_path)
        assert [f.name for f in dataset.metadata.record_sets[0].fields] == [
            "path",
            "size",
            "sha256",
        ]
        formats = told["distribution"][1]["encodingFormat"]
        assert formats == ["application/octet-stream", "image/png", "text/plain"]

    def test_what_nobody_recorded_is_left_out(self) -> None:
        told = croissant(DataCard("d", "ab" * 32, "cd" * 32, "table"), Handed("0" * 64, 1))
        assert not {"license", "creator", "rai:dataUseCases"} & told.keys()

    def test_the_context_is_the_standard_one(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from mlcroissant._src.core.context import Context, CroissantVersion
            from mlcroissant._src.core.rdf import make_context
        assert make_context(Context(conforms_to=CroissantVersion.V_1_1)) == CONTEXT


URI = {"type": "string", "pattern": r"^(https?://|urn:)\S+$"}
FACET = {
    "type": "object",
    "required": ["_producer", "_schemaURL"],
    "properties": {"_producer": URI, "_schemaURL": URI},
}


def faceted(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: {"allOf": [FACET, shape]} for name, shape in properties.items()},
    }


TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
OWNERS = {
    "required": ["owners"],
    "properties": {"owners": {"type": "array", "items": {"required": ["name"]}}},
}
DESCRIPTION = {"required": ["description"], "properties": {"description": TEXT}}
JOB = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {"namespace": TEXT, "name": TEXT},
}
RUN = {
    "type": "object",
    "required": ["runId"],
    "properties": {
        "runId": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
    },
}
INPUT_FIELD = {
    "type": "object",
    "required": ["namespace", "name", "field"],
    "properties": {
        "transformations": {
            "type": "array",
            "items": {
                "required": ["type"],
                "properties": {
                    "type": {"enum": ["DIRECT", "INDIRECT"]},
                    "subtype": {"enum": ["IDENTITY", "TRANSFORMATION", "AGGREGATION"]},
                    "masking": {"type": "boolean"},
                },
            },
        }
    },
}
DATASET = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {
        "namespace": TEXT,
        "name": TEXT,
        "facets": faceted(
            schema={
                "properties": {"fields": {"items": {"required": ["name"]}}},
                "required": ["fields"],
            },
            version={"required": ["datasetVersion"], "properties": {"datasetVersion": TEXT}},
            dataSource={"properties": {"name": TEXT}},
            documentation=DESCRIPTION,
            ownership=OWNERS,
            columnLineage={
                "required": ["fields"],
                "properties": {
                    "fields": {
                        "additionalProperties": {
                            "required": ["inputFields"],
                            "properties": {"inputFields": {"type": "array", "items": INPUT_FIELD}},
                        }
                    }
                },
            },
        ),
        "inputFacets": faceted(
            dataQualityMetrics={
                "required": ["columnMetrics"],
                "properties": {
                    "rowCount": COUNT,
                    "bytes": COUNT,
                    "columnMetrics": {
                        "additionalProperties": {
                            "additionalProperties": False,
                            "properties": {
                                "nullCount": COUNT,
                                "distinctCount": COUNT,
                                "min": {"type": "number"},
                                "max": {"type": "number"},
                            },
                        }
                    },
                },
            }
        ),
        "outputFacets": faceted(
            outputStatistics={"properties": {"rowCount": COUNT, "size": COUNT}}
        ),
    },
}
EVENT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventTime": {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*(Z|\+00:00)$",
        },
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "producer": URI,
        "schemaURL": {
            "const": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
        },
        "run": {
            "allOf": [RUN],
            "properties": {
                "facets": faceted(
                    parent={"required": ["run", "job"], "properties": {"run": RUN, "job": JOB}},
                    errorMessage={"required": ["message", "programmingLanguage"]},
                )
            },
        },
        "job": {
            "allOf": [JOB],
            "properties": {
                "facets": faceted(
                    jobType={"required": ["processingType", "integration"]},
                    documentation=DESCRIPTION,
                    ownership=OWNERS,
                )
            },
        },
        "inputs": {"type": "array", "items": DATASET},
        "outputs": {"type": "array", "items": DATASET},
    },
}
"""The published structure of an event and of the facets we write (OpenLineage 2-0-2)."""


def valid(told: dict[str, Any]) -> dict[str, Any]:
    from jsonschema import Draft202012Validator

    Draft202012Validator(EVENT).validate(told)
    return told


class TestOpenLineage:
    AT = "2026-11-21T10:00:00.000000+00:00"

    def test_an_event_has_the_published_structure(self) -> None:
        read = Data("people", "v1", SCHEMA.to_json(), 2, 1234, FACTS, {"age": {"nullCount": 0}})
        lineage = {"age": ("people", "age", ["mask"], True), "paid": ("people", "paid", [], False)}
        made = Data("people, governed", "v2", SCHEMA.to_json(), 1, lineage=lineage)
        happened = Happened(
            "COMPLETE", self.AT, "r1/govern", "people.govern", [read], [made],
            ("r1", "people"), "Clean.", "sales",
        )  # fmt: skip
        told = valid(event(happened))
        assert told["run"]["facets"]["parent"]["run"]["runId"] == run_id("r1")
        columns = told["outputs"][0]["facets"]["columnLineage"]["fields"]
        (change,) = columns["age"]["inputFields"][0]["transformations"]
        assert (change["subtype"], change["masking"]) == ("TRANSFORMATION", True)
        (change,) = columns["paid"]["inputFields"][0]["transformations"]
        assert (change["subtype"], change["masking"]) == ("IDENTITY", False)
        assert told["inputs"][0]["facets"]["version"]["datasetVersion"] == "v1"

    def test_a_bare_and_a_failed_event(self) -> None:
        assert valid(event(Happened("START", self.AT, "r", "j")))["inputs"] == []
        told = valid(event(Happened("FAIL", self.AT, "r", "j", error="data.no_rows")))
        assert told["run"]["facets"]["errorMessage"]["message"] == "data.no_rows"
        valid(event(Happened("COMPLETE", self.AT, "r", "j", [Data("a")], [Data("b")])))

    def test_an_id_is_the_same_uuid_everywhere(self) -> None:
        assert run_id("r1") == "a657d87d-d4f3-5748-af7d-0beb0371358c"
        assert run_id("r1") != run_id("r2")

    def test_facets_name_their_published_schema(self) -> None:
        told = event(Happened("START", self.AT, "r", "j", about="Read."))
        assert told["job"]["facets"]["documentation"]["_schemaURL"] == (
            "https://openlineage.io/spec/facets/1-1-0/DocumentationJobFacet.json"
            "#/$defs/DocumentationJobFacet"
        )
        assert all(where.count("/") == 1 for where in FACETS.values())
