"""Requests that say how answers shall be written, on all three ways into a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.learn.reply_tables import phrases, sides
from tests.outlets.asking import ask, ask_all, make_app, opened
from tests.outlets.outlet_samples import CREATED, SECRET

from lingqu.core import catalog
from lingqu.core.nouns import Model
from lingqu.core.ports import Budget
from lingqu.outlets.app import App
from lingqu.outlets.served import Served
from lingqu.outlets.sight.frames import frames
from lingqu.release.bundle import Contents, pack
from lingqu.release.profile import fit_profile, signals
from lingqu.release.release import Release
from lingqu.release.runner import predict_model

ROW = {"text": "open the file"}
DECODER: dict[str, Any] = {
    "epochs": 3, "width": 16, "layers": 1, "heads": 2, "context": 32, "most": 8, "batch": 8,
    "patience": 0,
}  # fmt: skip


def packed(folder: Path, learner: str, options: dict[str, Any]) -> Path:
    """A release that translates; its decoder has hardly learned, so chance has a say."""
    train, valid = sides(phrases())
    fitted = catalog.build("algorithms", learner, options)
    made = fitted.fit(train, valid, Budget(30.0, seed=3), lambda row: None)
    model = Model("translate", (), made.members)
    asked = train.frame.drop("y")
    profile = fit_profile(signals(asked, train.schema), predict_model(model, asked))
    public = SECRET.public_key().public_bytes_raw()
    contents = Contents(
        name="phrases", model=model, schema=train.schema, golden_rows=train.frame, operators=[],
        profile=profile, findings=[], metrics={}, facts={}, lineage={},
        channel_text="channel: phrases\n", channel="c" * 64, data="d" * 64, seed=0,
    )  # fmt: skip
    pack(folder, contents, created=CREATED, sign=SECRET.sign, public_key=public)
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packed(tmp_path_factory.mktemp("written") / "decoder", "decoder", DECODER)


@pytest.fixture(scope="module")
def served(release: Path) -> Served:
    return opened(release)


@pytest.fixture
def app(served: Served) -> App:
    return make_app(served)


def text_of(app: App, options: Any) -> str:
    reply = ask(app, "POST", "/c/phrases", {"rows": [ROW], "options": options})
    assert reply.status == 200, reply.body
    return str(reply.json["predictions"][0])


def test_a_request_says_how_and_the_next_one_is_answered_as_before(app: App) -> None:
    usual = ask(app, "POST", "/c/phrases", {"rows": [ROW]}).json["predictions"][0]
    bold = [text_of(app, {"temperature": 2, "seed": seed}) for seed in range(6)]
    assert len(set(bold)) > 1 and len(text_of(app, {"max_tokens": 2})) <= 2
    assert bold[3] == text_of(app, {"temperature": 2, "seed": 3})
    assert ask(app, "POST", "/c/phrases", {"rows": [ROW], "options": None}).json["predictions"] == [
        usual
    ]
    table = {"columns": {"text": [ROW["text"]]}, "options": {"temperature": 2, "seed": 3}}
    assert ask(app, "POST", "/c/phrases", table).json["predictions"] == bold[3:4]


def test_requests_of_one_batch_are_each_written_as_they_ask(app: App) -> None:
    ways: list[Any] = [None, {"max_tokens": 1}, {"temperature": 2, "seed": 1}, {"max_tokens": 1}]
    asked: list[Any] = [("POST", "/c/phrases", {"rows": [ROW], "options": way}, {}) for way in ways]
    together = [reply.json["predictions"][0] for reply in ask_all(app, asked)]
    assert together == [text_of(app, way) for way in ways]
    assert len(together[1]) <= 1


def test_other_protocols_have_a_place_for_it(app: App) -> None:
    wanted = text_of(app, {"max_tokens": 1})
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [ROW["text"]]}
    body = {"inputs": [tensor], "parameters": {"max_tokens": 1, "content_type": "str"}}
    reply = ask(app, "POST", "/v2/models/phrases/infer", body)
    found = {part["name"]: part["data"] for part in reply.json["outputs"]}
    assert found["prediction"] == [wanted]
    body = {"dataframe_records": [ROW], "params": {"max_tokens": 1}}
    assert ask(app, "POST", "/invocations", body).json["predictions"] == [wanted]


@pytest.mark.parametrize("options", [{"temperature": 9}, {"heat": 1}, [1], {"stop": ""}])
def test_what_cannot_be_is_refused_at_the_door(app: App, options: Any) -> None:
    reply = ask(app, "POST", "/c/phrases", {"rows": [ROW], "options": options})
    assert reply.status == 422 and "options" in reply.json["detail"]


def test_what_was_asked_is_documented_and_logged(app: App) -> None:
    document = ask(app, "GET", "/openapi.json").json
    body = document["paths"]["/c/phrases"]["post"]["requestBody"]["content"]["application/json"]
    assert "max_tokens" in body["schema"]["properties"]["options"]["properties"]
    text_of(app, {"max_tokens": 1}), text_of(app, None)
    (frame,) = frames(app.records.entries)  # type: ignore[attr-defined]
    assert [json.loads(one) if one else None for one in frame["options"]] == [
        {"max_tokens": 1}, None,
    ]  # fmt: skip


def test_who_writes_nothing_is_not_told_how(tmp_path: Path, release: Path) -> None:
    memory = packed(tmp_path / "memory", "memory", {"buckets": 256, "width": 16})
    app = make_app(opened(memory))
    reply = ask(app, "POST", "/c/phrases", {"rows": [ROW], "options": {"temperature": 1}})
    assert reply.status == 422 and "writes none" in reply.json["detail"]
    tensor = {"name": "text", "shape": [1], "datatype": "BYTES", "data": [ROW["text"]]}
    body = {"inputs": [tensor], "parameters": {"content_type": "str"}}
    assert ask(app, "POST", "/v2/models/phrases/infer", body).status == 200
    document = ask(app, "GET", "/openapi.json").json
    body = document["paths"]["/c/phrases"]["post"]["requestBody"]["content"]["application/json"]
    assert "options" not in body["schema"]["properties"]
    here = Release.open(release).predict([ROW], options={"max_tokens": 1})
    assert len(here[0]["prediction"]) <= 1
