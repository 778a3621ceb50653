"""Keys from the first run to their deletion; what is left; what a plan says of hidden features."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.flow.test_flow_privacy import clients
from tests.walked import write_channel

from lingqu.core.errors import DataError, SpecError, StoreError
from lingqu.core.i18n import text
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.core.surroundings import Surroundings
from lingqu.flow.mask_keys import delete_mask_key, mask_keys, reveal
from lingqu.flow.masked_features import masked_features
from lingqu.govern.privacy.mask import Mask
from lingqu.govern.privacy.tokens import TOKEN
from lingqu.release.release import Release
from lingqu.store import vault
from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
CHANNEL = """\
channel: people
data: {source: people.csv}
govern: [%s]
train: {task: classify, target: 流失, algorithm: logistic, budget: 40 s, workers: 1}
"""
TOKENISED = (
    "{mask: {columns: [contact, 手机号, 邮箱, 姓名, 备注, 身份证号], strategy: tokenise, "
    "treat: {身份证号: generalise}}}, {generalise: {columns: [年龄], k: 5}}, {impute: median}"
)


@pytest.fixture(autouse=True)
def _no_key_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINGQU_MASK_KEY", raising=False)
    vault.forget()  # what other tests opened in this process


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Workspace]:
    write_channel(tmp_path, CHANNEL % TOKENISED, clients())
    with Workspace(tmp_path / ".lingqu") as opened:
        yield opened


def events(opened: Workspace, kind: str) -> list[str]:
    with opened.home.ledger.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT kind, detail FROM events").all()
    return [detail for found, detail in rows if found == kind]


def test_a_key_from_the_first_run_to_its_deletion(opened: Workspace, tmp_path: Path) -> None:
    opened.run(tmp_path / "channel.yaml")
    run = opened.runs()[0]
    assert run.state == "done", run.summary
    (key,) = mask_keys(opened.home)
    assert key["name"] == "mask"
    assert str(key["fingerprint"]) in events(opened, "privacy.key_made")[0]

    secret = vault.path_of(opened.home.root, "mask").read_text().strip()
    folder = Path(opened.export(run.release, tmp_path / "exported"))
    for path in [*folder.rglob("*"), *(tmp_path / ".lingqu").rglob("*")]:
        if path.is_file() and path.name != "mask.key":
            assert secret.encode() not in path.read_bytes(), path

    release = Release.open(folder)
    release.require_replay()
    asked = clients().drop("流失").head(3)
    assert len(release.predict(asked)) == 3

    found = {finding.subject: finding for finding in opened.findings(run.id)}
    assert found["privacy.found"].value == 0
    assert (found["anonymity.k"].value or 0) >= 5 and found["anonymity.k"].verdict == "pass"

    opened.run(tmp_path / "channel.yaml")
    stages = {stage.name: stage.state for stage in opened.runs()[0].stages}
    assert stages["govern"] == "reused"

    governed = _tokens(opened)
    phones = set(clients()["手机号"].to_list())
    assert reveal(opened.home, governed[0], by="auditor") in phones
    assert "auditor" in events(opened, "privacy.revealed")[0]

    delete_mask_key(opened.home, by="owner")
    assert mask_keys(opened.home) == [] and len(events(opened, "privacy.key_deleted")) == 1
    for try_it in (lambda: reveal(opened.home, governed[0]), Release.open(folder).require_replay):
        with pytest.raises(DataError) as caught:
            try_it()
        assert caught.value.key == "privacy.no_key"
    with pytest.raises(StoreError):
        delete_mask_key(opened.home)

    opened.run(tmp_path / "channel.yaml")
    assert opened.runs()[0].state == "done"
    assert mask_keys(opened.home)[0]["fingerprint"] != key["fingerprint"]
    with pytest.raises(DataError) as caught:
        reveal(opened.home, governed[0])
    assert caught.value.key == "privacy.bad_token"


def _tokens(opened: Workspace) -> list[str]:
    """Return tokens of telephone numbers that the operator writes."""
    step = Mask(("tel",), strategy="tokenise")
    step.settle(Surroundings(keys=opened.home.root))
    frame = pl.DataFrame({"tel": clients()["手机号"].to_list()})
    data = Dataset(frame, Schema((Column("tel", "text"),)))
    step.fit(data)
    tokens = step.apply(data).frame["tel"].to_list()
    assert all(TOKEN.fullmatch(token) for token in tokens)
    return tokens


def test_what_is_left_after_a_mask_blocks_the_release(tmp_path: Path) -> None:
    rows = clients().with_columns(pl.col("备注").str.replace("。", ""))
    write_channel(tmp_path, CHANNEL % "{mask: [contact]}, {impute: median}", rows)
    with Workspace(tmp_path / ".lingqu") as opened:
        opened.run(tmp_path / "channel.yaml")
        run = opened.runs()[0]
        assert run.state == "refused"
        found = {f.argument: f for f in opened.findings(run.id) if f.check == "privacy"}
        assert set(found) >= {"手机号", "备注", "身份证号"} and "contact" not in found
        note = found["备注"]
        assert note.severity == "block" and note.evidence["every_cell"]
        assert set(note.evidence["kinds"]) == {"mobile"} and note.low is not None
        assert len(note.evidence["sample_rows"]) == 20
        phones = set(rows["手机号"].to_list())
        assert not any(phone in str(note.to_json()) for phone in phones)
        assert text(note.advice, "zh")


def test_a_plan_tells_which_features_a_model_cannot_read(opened: Workspace, tmp_path: Path) -> None:
    told = {
        setting.name: setting
        for setting in opened.plan(tmp_path / "channel.yaml").settings
        if setting.name.startswith("masked ")
    }
    assert told["masked 手机号"].value == "tokenise"
    assert told["masked 身份证号"].why["zh"] == "模型无法从 '身份证号' 中学习：只留下更粗的取值"
    assert "cannot learn from '邮箱'" in told["masked 邮箱"].why["en"]


@pytest.mark.parametrize(("piece", "strategy"), [
    (None, "mask"), ({"strategy": "redact"}, "redact"), (["tel"], "mask"),
    ({"columns": ["tel"], "treat": {"tel": "hash"}}, "hash"),
])  # fmt: skip
def test_features_that_are_hidden_are_told_however_mask_is_written(
    piece: object, strategy: str
) -> None:
    frame = pl.DataFrame({"tel": ["13912345678"], "note": ["Grace Kelly sings"], "y": [1.0]})
    schema = Schema((Column("tel", "text"), Column("note", "text"), Column("y", "number")))
    found = masked_features(Dataset(frame, schema), [("dedupe", {}), ("mask", piece)])
    assert [(column, how) for column, how, _ in found] == [("tel", strategy)]
    with pytest.raises(SpecError, match="a list"):
        masked_features(Dataset(frame, schema), [("mask", "tel")])


def test_anonymity_is_measured_where_a_rule_asks_for_it(tmp_path: Path) -> None:
    rule = "release: {require: ['anonymity.k >= 1000']}\n"
    channel = CHANNEL.replace("people.csv}", "people.csv, protected: [年龄]}")
    write_channel(tmp_path, channel % "mask, {impute: median}" + rule, clients())
    with Workspace(tmp_path / ".lingqu") as opened:
        opened.run(tmp_path / "channel.yaml")
        run = opened.runs()[0]
        assert run.state == "refused"
        assert any(f.subject == "anonymity.k" for f in opened.findings(run.id))
