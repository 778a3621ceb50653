"""Drafts of channel.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from lingqu.core.errors import DataError
from lingqu.core.spec import Channel
from lingqu.data.draft import draft


@pytest.fixture
def churn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    lines = [
        f"{i},{'男女'[i % 2]},{20 + i},1380000{i:04d},2024-01-{i % 28 + 1:02d},x,"
        f"{i * 1.5},{'yes' if i % 3 else 'no'}"
        for i in range(60)
    ]
    header = "customer_id,性别,age,手机,signup date,const,spend,churned"
    (tmp_path / "Churn_2024 data.csv").write_text("\n".join([header, *lines]) + "\n")
    return tmp_path / "Churn_2024 data.csv"


def test_a_draft_is_three_lines_and_comments(churn: Path) -> None:
    text = draft(churn.name, "churned")
    lines = text.splitlines()
    assert lines[:3] == [
        "channel: churn-2024-data",
        'data: "Churn_2024 data.csv"',
        "train: {task: classify, target: churned}",
    ]
    assert all(line.startswith("#") for line in lines[4:])
    assert Channel.parse(text).train.target == "churned"
    assert "60 rows, 8 columns" in text
    assert "Guessed" not in text
    assert "customer_id" in text and "const" in text
    assert "protected: [性别, age]" in text
    assert "mask: {columns: [手机]}" in text
    assert 'time: "signup date"' in text


def test_every_suggestion_is_yaml(churn: Path) -> None:
    offered = [line[4:] for line in draft(churn.name).splitlines() if line.startswith("#   ")]
    assert len(offered) == 3
    for line in offered:
        assert set(YAML().load(line)) <= {"data", "govern"}


def test_the_likeliest_target_is_guessed_and_said(churn: Path) -> None:
    text = draft(churn.name)
    assert "target: churned" in text
    assert "Guessed: churned is the column to predict (its name says so)" in text
    (churn.parent / "b.csv").write_text("u,v\n" + "".join(f"{i}.5,{i * 7}.25\n" for i in range(9)))
    assert "it is the last column" in draft("b.csv")


def test_chinese_drafts(churn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    text = draft(churn.name)
    assert "共 60 行、8 列" in text and "列名表明如此" in text
    assert Channel.parse(text).train.target == "churned"


@pytest.mark.parametrize(
    ("target", "task"), [("spend", "regress"), ("churned", "classify"), ("age", "regress")]
)
def test_the_task_follows_the_target(churn: Path, target: str, task: str) -> None:
    assert f"task: {task}, target: {target}" in draft(churn.name, target)


def test_names_of_channels_come_from_the_source(tmp_path: Path) -> None:
    assert draft("sklearn:breast_cancer", "diagnosis").startswith("channel: breast-cancer\n")
    assert draft("package:sklego/data/arrests.zip").startswith("channel: arrests\n")


def test_drafts_refuse_what_cannot_be_predicted(churn: Path) -> None:
    with pytest.raises(DataError, match=r"'churn'.*churned"):
        draft(churn.name, "churn")
    (churn.parent / "b.csv").write_text("id\n1\n2\n3\n")
    with pytest.raises(DataError, match="no column that could be predicted"):
        draft("b.csv")


def test_personal_columns_come_with_a_whole_list_of_steps(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("姓名,phone,y\n" + "".join(f"王{i},1391234{i:04},{i % 2}\n" for i in range(40)))
    lines = draft(str(path), "y").splitlines()
    place = next(i for i, line in enumerate(lines) if "姓名, phone" in line)
    assert "masked unasked" in lines[place]
    declared = lines[place + 2].removeprefix("#   ")
    assert declared == "govern: [contract, dedupe, {mask: {columns: [姓名, phone]}}, drop_ids]"
