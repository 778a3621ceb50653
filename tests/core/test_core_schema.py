"""Schemas: finding, changing and storing typed columns."""

import json

import pytest

from lingqu.core.schema import KINDS, ROLES, Column, Schema, because

SCHEMA = Schema(
    (
        Column("age", "number", low=0.0, high=99.0),
        Column("sex", "category", "protected", levels=("f", "m")),
        Column("picture", "image", shape=(8, 8), nullable=True, reason="bytes"),
        Column("churned", "category", "target", levels=("no", "yes")),
    )
)


def test_columns_are_found_by_name_and_role() -> None:
    assert SCHEMA.names == ("age", "sex", "picture", "churned")
    assert [column.name for column in SCHEMA] == list(SCHEMA.names)
    assert SCHEMA["sex"].levels == ("f", "m")
    assert "age" in SCHEMA
    assert "AGE" not in SCHEMA
    assert [column.name for column in SCHEMA.features] == ["age", "picture"]
    assert SCHEMA.inputs == SCHEMA.features
    assert [column.name for column in SCHEMA.having("protected")] == ["sex"]
    assert SCHEMA.target == SCHEMA["churned"]
    with pytest.raises(KeyError):
        SCHEMA["none"]


def test_a_schema_may_lack_a_target() -> None:
    assert SCHEMA.without(["churned", "unknown"]).target is None
    assert SCHEMA.without(["churned"]).names == ("age", "sex", "picture")


def test_an_update_changes_one_column_of_a_copy() -> None:
    changed = SCHEMA.updated("age", role="ignored")
    assert changed["age"].role == "ignored"
    assert SCHEMA["age"].role == "feature"
    assert changed.without(["age"]) == SCHEMA.without(["age"])


def test_json_round_trip() -> None:
    stored = json.dumps(SCHEMA.to_json())
    assert Schema.from_json(json.loads(stored)) == SCHEMA


def test_reasons_are_given_in_both_languages_and_add_up() -> None:
    column = Column("age", "number", **because("data.reason_numbers"))
    more = column.noted("data.reason_role", option="weight")
    assert more.reason == "numbers; weight in channel.yaml"
    assert more.reason_zh == "数字；channel.yaml 中写为 weight"
    old = Column("age", "number", reason="seen").noted("data.reason_numbers")
    assert (old.reason, old.reason_zh) == ("seen; numbers", "seen；数字")


def test_a_schema_stored_without_chinese_reasons_is_read() -> None:
    rows = [{k: v for k, v in row.items() if k != "reason_zh"} for row in SCHEMA.to_json()]
    assert Schema.from_json(rows) == SCHEMA


def test_kinds_and_roles_are_those_of_the_design() -> None:
    assert set(KINDS) == {
        "number", "category", "boolean", "text", "datetime", "image", "audio", "vector", "boxes",
    }  # fmt: skip
    assert {"feature", "target", "protected", "time", "group", "weight", "id"} <= set(ROLES)
