"""A contract in a file: found beside the channel, in the key of the stage, drafted by init."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from tests.walked import CHANNEL, people, write_channel

from lingqu.cli.main import main
from lingqu.core.errors import SpecError
from lingqu.core.spec import Channel
from lingqu.flow.contracts import referenced, with_rules
from lingqu.flow.draft import with_contract
from lingqu.flow.validate import validate
from lingqu.govern.contract.file import read_contract
from lingqu.workspace import Workspace

GOVERNED = CHANNEL + "govern: [{contract: rules/people.yaml}, dedupe]\n"
RULES = (
    "- {range: {column: age, min: 0, max: 120}}\n- {foreign: {column: city, file: cities.csv}}\n"
)


def channel(folder: Path, rules: str = RULES, text: str = GOVERNED) -> Channel:
    path = write_channel(folder, text)
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "people.yaml").write_text(rules, encoding="utf-8")
    (folder / "cities.csv").write_text("city\n桂林\nLyon\n", encoding="utf-8")
    return Channel.load(path)


def test_the_rules_stand_in_the_place_of_the_file(tmp_path: Path) -> None:
    declared = channel(tmp_path)
    pieces = [(piece.name, piece.options) for piece in declared.govern or ()]
    (name, rules), other = with_rules(declared, pieces)
    assert name == "contract" and other == ("dedupe", None)
    assert [rule["id"] for rule in rules] == ["range(age)", "foreign(city)"]
    longer = [("contract", {"rules": "rules/people.yaml", "on_fail": "mark"})]
    [(_, options)] = with_rules(declared, longer)
    assert options == {"rules": rules, "on_fail": "mark"}
    assert with_rules(declared, [("contract", [{"not_null": "a"}])])[0][1] == [{"not_null": "a"}]
    before = referenced(declared, [(name, rules)])
    assert list(before) == ["cities.csv"] and before["cities.csv"]
    (tmp_path / "cities.csv").write_text("city\n", encoding="utf-8")
    after = referenced(declared, [(name, {"rules": rules})])
    assert after != before
    (tmp_path / "cities.csv").unlink()
    assert referenced(declared, [(name, rules)]) == {"cities.csv": None}


def test_a_bad_contract_is_refused_at_the_door(tmp_path: Path) -> None:
    declared = channel(tmp_path, "- {range: {column: age, min: 9}}\n- {rnage: {column: age}}\n")
    with pytest.raises(SpecError, match=r"people\.yaml line 2"):
        validate(declared)
    (tmp_path / "rules" / "people.yaml").unlink()
    with pytest.raises(SpecError, match=r"people\.yaml"):
        validate(declared)


def test_a_drafted_channel_names_its_contract(tmp_path: Path) -> None:
    people(400).write_csv(tmp_path / "people.csv")
    text = "channel: churn\ndata: people.csv\ntrain: {task: classify, target: churned}\n\n# Seen.\n"
    drafted, rules = with_contract(text, datetime(2026, 1, 1), folder=tmp_path)
    (tmp_path / "contract.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "channel.yaml").write_text(drafted, encoding="utf-8")
    declared = Channel.load(tmp_path / "channel.yaml")
    validate(declared)
    assert drafted.splitlines()[2].startswith("govern: [{contract: contract.yaml}, dedupe, ")
    assert drafted.endswith("# Seen.\n")
    ids = {rule.id for rule in read_contract(tmp_path / "contract.yaml")}
    assert {"range(age)", "not_null(churned)", "levels(city)", "unique(person)"} <= ids
    assert rules.startswith("# Drafted from 400 rows of people.csv.")


def test_init_writes_the_contract_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    people().write_csv(tmp_path / "people.csv")
    assert main(["init", "people.csv", "--predict", "churned"]) == 0
    assert "govern:" not in (tmp_path / "channel.yaml").read_text(encoding="utf-8")
    assert not (tmp_path / "contract.yaml").exists()
    again = ["init", "people.csv", "--predict", "churned", "--contract", "--force"]
    assert main(again) == 0
    assert "contract.yaml" in capsys.readouterr().out
    assert read_contract(tmp_path / "contract.yaml")
    assert main(again[:-1]) == 2


@pytest.mark.slow
def test_a_run_judges_the_file_and_walks_again_when_it_changes(tmp_path: Path) -> None:
    declared = channel(tmp_path)
    with Workspace(tmp_path / ".lingqu") as workspace:
        first = workspace.run(declared)
        found = {
            f.argument: f for f in workspace.findings(first.id) if f.measure == "contract.failures"
        }
        assert found["range(age)"].verdict == "pass"
        assert found["foreign(city)"].verdict == "fail"  # 成都 is not in cities.csv
        reused = workspace.run(declared)
        assert {s.name for s in reused.stages if s.state == "reused"} >= {"data", "govern"}
        (tmp_path / "cities.csv").write_text("city\n桂林\nLyon\n成都\n", encoding="utf-8")
        third = workspace.run(declared)
        assert "govern" not in {s.name for s in third.stages if s.state == "reused"}
        now = {
            f.argument: f for f in workspace.findings(third.id) if f.measure == "contract.failures"
        }
        assert now["foreign(city)"].verdict == "pass"
