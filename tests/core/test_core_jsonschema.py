"""The JSON Schema agrees with the parser on what a channel file may hold."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.core.test_core_spec import SMALL, WHOLE

from lingqu.core import yaml
from lingqu.core.errors import SpecError
from lingqu.core.jsonschema import channel_schema
from lingqu.core.spec import Channel

EXAMPLES = sorted(Path(__file__).parents[2].glob("examples/*/channel.yaml"))
VALIDATOR = Draft202012Validator(channel_schema())


def properties(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for part in [schema, *schema["$defs"].values()]:
        for branch in [part, *part.get("anyOf", ())]:
            found += list(branch.get("properties", {}).items())
    return found


def test_it_is_a_schema_of_its_dialect() -> None:
    schema = channel_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_shipped_examples_are_valid(path: Path) -> None:
    VALIDATOR.validate(yaml.load(path.read_text(encoding="utf-8")).data)
    Channel.load(path).validate_pieces(names_only=True)


@pytest.mark.parametrize(
    "text",
    [
        SMALL,
        WHOLE,
        SMALL + "release:\nmonitor:\noutlets:\nrespond:\naccess:\ngovern:\n",
        "channel: a\ndata: b\ntrain: {task: regress, target: 5, algorithm: auto, budget: 60}",
        "channel: a\ndata: b\ntrain: {task: regress, target: y, algorithm: {mlp: {}}}",
        "channel: a\ndata: b\ntrain: {task: regress, target: y, algorithm: mlp}",
    ],
)
def test_what_the_parser_takes_is_valid(text: str) -> None:
    Channel.parse(text)
    VALIDATOR.validate(yaml.load(text).data)


@pytest.mark.parametrize(
    "text",
    [
        "channel: a\ndata: b",
        SMALL + "montior: {}",
        SMALL + "govern: [mskx]",
        SMALL + "govern: [{mask: 1, impute: 2}]",
        SMALL + "govern: dedupe",
        SMALL + "outlets: [{sever: {}}]",
        SMALL + "respond: [{when: a > 1}]",
        SMALL + "respond: [{when: a > 1, do: retrian}]",
        SMALL + "access: {rows: 0}",
        SMALL + "release: {approve: nobody}",
        "channel: a\ndata: {test: 0.2}\ntrain: {task: classify, target: y}",
        "channel: a\ndata: b\ntrain: {task: juggle, target: y}",
        "channel: a\ndata: b\ntrain: {task: classify, target: y, algorithm: [lightgmb]}",
    ],
)
def test_what_the_parser_refuses_is_not_valid(text: str) -> None:
    with pytest.raises(SpecError):
        Channel.parse(text).validate_pieces(names_only=True)
    assert not VALIDATOR.is_valid(yaml.load(text).data)


def test_every_key_is_described_in_one_sentence_in_both_languages() -> None:
    found = properties(channel_schema())
    assert len(found) > 40
    for name, field in found:
        if field == {} or name in ("mlp", "dedupe"):
            continue
        english, chinese = field["description"], field["x-zh"]
        assert english.endswith("."), name
        assert ". " not in english, name
        assert chinese.endswith("。"), name
        assert chinese.count("。") == 1, name


def test_defaults_are_shown_as_they_are_written() -> None:
    fields = dict(properties(channel_schema()))
    assert fields["budget"]["default"] == "1 min"
    assert fields["memory"]["default"] == "2 GB"
    assert fields["checks"]["default"] == ["data", "drift", "performance", "latency"]
