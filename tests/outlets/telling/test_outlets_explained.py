"""Answers that come with what they rest on, and files that may not be opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.outlets.asking import OneApp, ask, make_app, opened

from lingqu.release.contributions import ROWS, contributions, usual_values


@pytest.fixture(scope="module")
def prices(releases: dict[str, Path]) -> OneApp:
    return make_app(opened(releases["prices"]))


def test_of_a_straight_line_the_change_is_exact(prices: OneApp) -> None:
    served = prices.serving.first
    assert served is not None
    usual = usual_values(served.release)
    assert set(usual) == {"a", "b", "c"}
    row = {"a": 1.0, "b": -2.0, "c": 0.5}
    reply = ask(prices, "POST", "/c/prices?explain=1", {"rows": [row, usual]}).json
    told, nothing = reply["reasons"]
    assert nothing == []
    for one in told:
        changed = {**row, one["column"]: one["usual"]}
        other = ask(prices, "POST", "/c/prices", {"rows": [row, changed]}).json["predictions"]
        assert one["change"] == pytest.approx(other[0] - other[1], rel=1e-4, abs=1e-5)
    sizes = [abs(one["change"]) for one in told]
    assert sizes == sorted(sizes, reverse=True)


def test_classes_are_explained_by_their_probability(releases: dict[str, Path]) -> None:
    app = make_app(opened(releases["people"]))
    served = app.serving.first
    assert served is not None
    rows = [row["input"] for row in served.release.golden["rows"]][:3]
    plain = ask(app, "POST", "/c/people", {"rows": rows}).json
    told = ask(app, "POST", "/c/people?explain=1", {"rows": rows}).json
    assert plain["predictions"] == told["predictions"] and "reasons" not in plain
    frame = served.reader.frame([served.reader.rows(rows)])
    assert told["reasons"] == contributions(served.release, frame)
    document = ask(app, "GET", "/openapi.json").json
    names = [p["name"] for p in document["paths"]["/c/people"]["post"]["parameters"]]
    assert names == ["probabilities", "explain"]


def test_what_cannot_be_explained_is_told(releases: dict[str, Path], prices: OneApp) -> None:
    digits = make_app(opened(releases["digits"]))
    row: Any = {"image": [[0.0] * 8] * 8}
    reply = ask(digits, "POST", "/c/digits?explain=1", {"rows": [row]})
    assert reply.status == 422 and "explain" in reply.json["detail"]
    many = [{"a": 1, "b": 1, "c": 1}] * (ROWS + 1)
    assert ask(prices, "POST", "/c/prices?explain=1", {"rows": many}).status == 413


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "http://127.0.0.1/x.png", "s3://bucket/x.png", "ftp:x"]
)
def test_only_files_of_the_folder_are_opened(
    releases: dict[str, Path], tmp_path: Path, uri: str
) -> None:
    for folder in ("", str(tmp_path)):
        app = make_app(opened(releases["digits"], folder=folder))
        reply = ask(app, "POST", "/c/digits", {"rows": [{"image": uri}]})
        assert reply.status == 422 and uri in reply.json["detail"], reply.body


def test_a_file_of_the_folder_by_its_uri(releases: dict[str, Path], tmp_path: Path) -> None:
    import numpy as np
    from PIL import Image

    Image.fromarray(np.full((8, 8), 200, dtype=np.uint8)).save(tmp_path / "one.png")
    app = make_app(opened(releases["digits"], folder=str(tmp_path)))
    rows = [{"image": "one.png"}, {"image": (tmp_path / "one.png").as_uri()}]
    reply = ask(app, "POST", "/c/digits", {"rows": rows})
    assert reply.status == 200, reply.body
    assert len(set(reply.json["confidence"])) == 1
