"""Personal data of the rows is in nothing that leaves the rows: releases, findings, pages, logs."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from tests.walked import write_channel

from lingqu.workspace import Workspace

pytestmark = pytest.mark.slow
CHANNEL = """\
channel: people
data: {source: people.csv, protected: [年龄]}
{{govern}}train: {task: classify, target: 流失, algorithm: logistic, budget: 40 s, workers: 1}
"""
GOVERNS = {
    "by default": "",
    "recognised": "govern: [contract, dedupe, mask, outliers, {impute: median}]\n",
    "after what learns values": (
        "govern: [{contract: [{unique: {column: 手机号}}, {length: {column: 姓名, max: 1}}]}, "
        "standardise, clean_categories, find_label_errors, "
        "{mask: {columns: [身份证号, contact, 手机号, 邮箱, 备注, 姓名], strategy: redact}}]\n"
    ),
}
PERSONAL = ("身份证号", "contact", "手机号", "邮箱", "姓名")


def id_card(draw: random.Random) -> str:
    born = f"{draw.randint(1950, 2004)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
    body = f"{draw.choice(['110101', '310104', '450302'])}{born}{draw.randint(0, 999):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


@cache
def clients(rows: int = 200) -> pl.DataFrame:
    """Rows of people: cells of personal data, sentences with some in them, copies of rows."""
    draw, table = random.Random(3), []
    for number in range(rows):
        age, paid = draw.randint(18, 80), round(draw.uniform(5, 120), 2)
        phone = f"1{draw.choice('3578')}9{draw.randint(10**7, 10**8 - 1)}"
        called = f"客户来电，回电{phone}，已处理"
        table.append(
            {
                "身份证号": id_card(draw),
                "contact": f"1{draw.choice('3578')}6{draw.randint(10**7, 10**8 - 1)}",
                "手机号": phone,
                "邮箱": f"user{number}x{draw.randint(100, 999)}@example.com"
                if number % 7
                else None,
                "姓名": "".join(map(draw.choice, ("王李张刘陈", "伟芳娜敏", "丽强磊"))),
                "备注": called if number % 3 else "一切正常，没有什么要说的，下次再联系",
                "年龄": age,
                "金额": paid if number != 5 else -9e9,
                "流失": "是" if (paid - age) / 20 + draw.gauss(0, 1) > 0.5 else "否",
            }
        )
    return pl.DataFrame(table + table[:6])


@cache
def secrets() -> frozenset[str]:
    columns = (clients()[name].drop_nulls().to_list() for name in PERSONAL)
    return frozenset(value for column in columns for value in column)


def told(text: str) -> list[str]:
    """Return which values of people stand in a text, however it writes Chinese."""
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
    return [value for value in secrets() if value in plain]


def test_chinese_is_found_however_it_is_written() -> None:
    someone = min(clients()["姓名"])
    assert told(f"x{someone}x") == told(json.dumps({"a": someone})) == [someone]
    assert told("nobody") == []


@pytest.fixture
def workspace(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    text = CHANNEL.replace("{{govern}}", GOVERNS[request.param])
    write_channel(tmp_path, text, clients())
    with Workspace(tmp_path / ".lingqu") as opened:
        opened.run(tmp_path / "channel.yaml")
        yield opened


@pytest.mark.parametrize("workspace", GOVERNS, indirect=True)
def test_nobody_is_named_outside_the_rows(workspace: Workspace, tmp_path: Path) -> None:
    run = workspace.runs()[0]
    assert run.release
    folder = workspace.export(run.release, tmp_path / "exported")
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    assert len(files) > 8
    for path in files:
        assert told(path.read_bytes().decode("utf-8", "replace")) == [], path.name
    assert told(workspace.report(run.id).read_text(encoding="utf-8")) == []
    for found in workspace.findings(run.id):
        assert told(str(found.to_json())) == [], found.subject
    for table in ("stages", "run_stages", "findings", "events", "candidates", "releases"):
        with workspace.home.ledger.snapshot() as connection:
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
        assert rows, table
        assert told("\n".join(str(cell) for row in rows for cell in row)) == [], table


@pytest.mark.parametrize("workspace", ["by default"], indirect=True)
def test_nobody_is_named_in_the_prediction_log(workspace: Workspace, tmp_path: Path) -> None:
    key = workspace.deploy(tmp_path / "channel.yaml").secrets
    try:
        asked = clients().drop("流失").head(20)
        answers = workspace.call("people", asked, key=next(iter(key.values()), ""))
        assert len(answers) == 20
        log = tmp_path / ".lingqu" / "log" / "people"
        for _ in range(100):
            if list(log.glob("*.arrow")):
                break
            time.sleep(0.05)
    finally:
        workspace.undeploy("people")
    (segment,) = log.glob("*.arrow")
    assert pl.read_ipc_stream(segment).height == 20
    assert told(segment.read_bytes().decode("utf-8", "replace")) == []
