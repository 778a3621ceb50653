"""Intervals and sets in the graph are those of the formula, and reach every caller alike."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.release.release_samples import TEN, digits, ensemble, member, people

from lingqu.core.errors import GateError
from lingqu.core.nouns import Dataset, Finding, Model, Region
from lingqu.core.predictions import Predictions
from lingqu.core.schema import Column, Schema
from lingqu.outlets.calling.messages import answers_of
from lingqu.outlets.reading.forms import metadata, rows_in, rows_out, tensors_out
from lingqu.outlets.served import Served
from lingqu.outlets.sight.frames import frames
from lingqu.outlets.sight.log import Entry
from lingqu.outlets.telling.openapi import document
from lingqu.release.answers import columns, set_members
from lingqu.release.bundle import Contents, pack
from lingqu.release.merge import _compare, merge
from lingqu.release.model import from_bytes, load, save, to_bytes
from lingqu.release.profile import fit_profile, signals
from lingqu.release.region import sets_of, with_ends
from lingqu.release.release import Release
from lingqu.release.runner import CHUNK, Runner, predict_model

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
THREADS = ThreadPoolExecutor(1)
KNOTS = ((-1.0, 0.5), (0.0, 1.0), (2.0, 3.0))


def prices(rows: int = 60) -> Dataset:
    random = np.random.default_rng(9)
    frame = pl.DataFrame({name: random.normal(size=rows) for name in ("a", "b", "price")})
    columns = (Column("a", "number"), Column("b", "number"), Column("price", "number", "target"))
    return Dataset(frame, Schema(columns), "prices")


def valued(region: Region | None, opset: int = 17) -> Model:
    data = prices()
    two = [
        member(data, "linear", 1, weight=0.5, seed=seed, task="regress", opset=opset)
        for seed in (1, 2)
    ]
    return Model("regress", (), tuple(two), region=region)


def told() -> Any:
    return member(prices(), "tree", 1, seed=5, task="regress")


REGIONS = {
    "even": Region(0.9, 60, below=1.0, above=2.0),
    "value": Region(0.9, 60, below=1.0, above=2.0, knots=KNOTS),
    "learned": Region(0.9, 60, below=1.0, above=2.0, floor=0.25, scale=told()),
}


@pytest.mark.parametrize("opset", [13, 17, 18])
@pytest.mark.parametrize("form", list(REGIONS))
def test_an_interval_is_that_of_the_formula_in_every_operator_set(form: str, opset: int) -> None:
    region, frame = REGIONS[form], prices().frame
    model = valued(region, opset)
    merged = merge(model)
    onnx.checker.check_model(onnx.load_model_from_string(merged.graph), full_check=True)
    bare = predict_model(replace(model, region=None), frame)
    assert bare.low is None and bare.sets is None
    size = None
    if region.scale is not None:
        size = predict_model(Model("regress", (), (region.scale,)), frame).labels[:, None]
    expected = with_ends(region, bare.labels[:, None].astype(np.float64), size)
    said = predict_model(model, frame)
    assert said.low is not None and said.high is not None
    ends = np.column_stack([said.labels, said.low, said.high])
    np.testing.assert_allclose(ends, expected, atol=1e-5)
    if form == "learned":
        assert np.isclose(said.high - said.labels, 0.5, atol=1e-6).any()  # the floor


@pytest.mark.parametrize(("threshold", "temperature"), [(0.5, 1.0), (0.2, 0.7), (0.9, 1.5)])
def test_a_set_of_two_classes_holds_the_answer_that_the_threshold_gives(
    threshold: float, temperature: float
) -> None:
    data = people(80)
    region = Region(0.9, 80, least=(0.45, 0.6))
    model = replace(ensemble(data), threshold=threshold, temperature=temperature, region=region)
    merge(model)
    said = predict_model(model, data.frame)
    assert said.sets is not None and said.probabilities is not None
    assert said.sets[np.arange(80), said.labels].all()
    assert (said.sets == sets_of(model, region, said.probabilities)).all()
    assert 0 < said.sets.sum() < 160


def test_many_classes_many_rows_and_one_row_get_the_same_sets() -> None:
    data = digits(120)
    region = Region(0.9, 120, "class", least=tuple(0.02 * k for k in range(10)))
    model = Model("classify", TEN, (member(data, "linear", 10),), region=region)
    runner = Runner.of(model)
    said = runner.predict(data.frame)
    assert said.sets is not None and said.sets[:, 0].all()
    assert len(set(said.sets.sum(1).tolist())) > 1
    many = data.frame[np.resize(np.arange(120), CHUNK + 120)]
    sets = runner.predict(many).sets
    assert (
        sets is not None
        and (sets[:120] == said.sets).all()
        and (sets[CHUNK:] == sets[np.arange(CHUNK, CHUNK + 120) % 120]).all()
    )
    one = runner.predict(data.frame[7:8])
    assert one.sets is not None and (one.sets[0] == said.sets[7]).all()
    names = set_members(said)
    assert names[7][0] == TEN[int(said.labels[7])]
    assert [len(row) for row in names] == said.sets.sum(1).tolist()


@pytest.mark.parametrize("form", list(REGIONS))
def test_a_stored_model_has_the_same_region(form: str, tmp_path: Path) -> None:
    model = valued(REGIONS[form])
    assert from_bytes(to_bytes(model)) == model
    save(model, tmp_path)
    assert load(tmp_path) == model
    changed = bytearray(to_bytes(model))
    changed[-40] ^= 1
    with pytest.raises(GateError, match="changed"):
        from_bytes(bytes(changed))


def test_a_graph_with_another_region_is_refused() -> None:
    model, other = valued(REGIONS["even"]), valued(replace(REGIONS["even"], above=2.5))
    names = [merge(model).inputs[0]["tensor"]] * 2
    _compare(model, model.members, names, merge(model))
    with pytest.raises(GateError, match="differ"):
        _compare(model, model.members, names, merge(other))
    data = digits(60)
    first, second = (
        Model(
            "classify", TEN, (member(data, "linear", 10),), region=Region(0.9, 60, least=(t,) * 10)
        )
        for t in (0.05, 0.3)
    )
    tensor = [merge(first).inputs[0]["tensor"]]
    _compare(first, first.members, tensor, merge(first))
    with pytest.raises(GateError, match="differ"):
        _compare(first, first.members, tensor, merge(second))


# --- a release and its outlets ---


def packed(folder: Path, data: Dataset, model: Model) -> Path:
    evidence = {"wanted": 0.9}
    finding = Finding("metrics", "coverage", 0.93, "", 0.9, 0.95, 200, evidence=evidence)
    contents = Contents(
        name="sample", model=model, schema=data.schema, golden_rows=data.frame,
        profile=fit_profile(signals(data.frame, data.schema), predict_model(model, data.frame)),
        findings=[finding], channel_text="channel: sample\n", channel="c" * 64, data="d" * 64,
    )  # fmt: skip
    public = SECRET.public_key().public_bytes_raw()
    pack(folder, contents, created="2026-03-01T08:00:00Z", sign=SECRET.sign, public_key=public)
    return folder


@pytest.fixture(scope="module", params=["interval", "set"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("region") / "release"
    if request.param == "interval":
        data, model = prices(), valued(REGIONS["learned"])
    else:
        data = digits(60)
        region = Region(0.9, 60, least=(0.12,) * 10)
        model = Model("classify", TEN, (member(data, "linear", 10),), region=region)
    return packed(folder, data, model), data, model


def test_every_way_to_ask_gives_the_same_interval_or_set(sample: Any) -> None:
    folder, data, model = sample
    release = Release.open(folder)
    assert release.manifest.coverage == 0.9
    release.require_replay()
    rows = [row["input"] for row in release.golden["rows"]]
    here = release.predict(rows)
    direct = columns(Predictions(**vars(predict_model(model, data.frame)))).to_dicts()
    served = Served.open(folder, THREADS)
    (answer,) = served.run([rows_in(served, json.loads(json.dumps({"rows": rows})), 100)])
    reply = json.loads(json.dumps(
        rows_out(served, rows_in(served, {"rows": rows}, 100), answer, [], False), default=list
    ))  # fmt: skip
    remote = answers_of(reply)
    keys = ("set",) if "set" in here[0] else ("low", "high")
    for key in keys:
        said, golden = ([row[key] for row in part] for part in (here, remote))
        assert said == golden == [row["output"][key] for row in release.golden["rows"]]
        assert any(row[key] == said[0] for row in direct)
    parts = [rows_in(served, {"rows": [row]}, 100) for row in rows]
    alone = [
        rows_out(served, part, one, [], False)
        for part, one in zip(parts, served.run(parts), strict=True)
    ]
    assert [answers_of(reply)[0][keys[0]] for reply in alone] == [row[keys[0]] for row in here]


def test_protocols_documents_card_and_log_tell_it(sample: Any) -> None:
    folder, _, model = sample
    served = Served.open(folder, THREADS)
    rows = [row["input"] for row in served.release.golden["rows"]]
    asked = rows_in(served, {"rows": rows}, 100)
    (answer,) = served.run([asked])
    outputs = {o["name"]: o for o in tensors_out(served, {}, asked, answer)["outputs"]}
    told = {o["name"]: o["datatype"] for o in metadata(served, [])["outputs"]}
    schema = document(served, "sample")["paths"]["/c/sample"]["post"]["responses"]["200"]
    properties = schema["content"]["application/json"]["schema"]["properties"]
    ids = [f"p{i}" for i in range(len(rows))]
    (logged,) = frames([Entry(served, "champion", "", 0.0, 1.0, 200, ids, 9, asked, answer)])
    if model.task == "regress":
        assert told["low"] == told["high"] == "FP64" and "low" in properties
        assert logged["low"].to_list() == answer.low and logged["high"].to_list() == answer.high
    else:
        assert told["sets"] == outputs["sets"]["datatype"] == "BOOL"
        assert outputs["sets"]["shape"] == [len(rows), 10]
        assert sum(outputs["sets"]["data"]) == sum(map(len, answer.sets or ()))
        assert properties["sets"]["items"]["items"] == {"enum": list(TEN)}
        assert logged["set"].to_list() == answer.sets
    card = served.release.card
    assert "stated to hold the truth in 90% of the rows" in card and "93.0%" in card
    assert "90% 的行上包含真实值" in card


def test_a_release_without_a_region_is_as_it_was(tmp_path: Path) -> None:
    folder = packed(tmp_path / "bare", prices(), valued(None))
    release = Release.open(folder)
    assert release.manifest.coverage is None
    assert "coverage" not in json.loads((folder / "release.json").read_text(encoding="utf-8"))
    assert set(release.golden["rows"][0]["output"]) == {"prediction"}
