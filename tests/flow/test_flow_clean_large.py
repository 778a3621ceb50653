"""A source that memory does not hold, cleaned in streams: the same answers as in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lingqu.core.errors import DataError
from lingqu.data import versions
from lingqu.flow.data_clean import Cleaned, clean_data
from lingqu.flow.data_versions import commit
from lingqu.store.home import Home, open_home

ROWS = 500
RULES = "{contract: [{range: {column: age, max: 80}}, {unique: price}]}"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = open_home(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture(params=["csv", "parquet"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """500 rows of which the last ten copy the first ten."""
    random = np.random.default_rng(1)
    frame = pl.DataFrame(
        {
            "age": random.integers(0, 90, ROWS),
            "price": np.round(random.exponential(30, ROWS), 4),
            "city": random.choice(["北京", "Aix", "Rome"], ROWS),
            "paid": random.choice(["yes", "no"], ROWS),
        }
    )
    frame = pl.concat([frame[:-10], frame[:10]])
    path = tmp_path / f"shop.{request.param}"
    frame.write_csv(path) if request.param == "csv" else frame.write_parquet(path)
    return str(path)


def steps(tmp_path: Path, *pieces: str) -> str:
    path = tmp_path / "steps.yaml"
    path.write_text("".join(f"- {piece}\n" for piece in pieces))
    return str(path)


def both(home: Home, source: str, govern: str, target: str = "") -> tuple[Cleaned, Cleaned]:
    streamed = clean_data(home, source, govern=govern, target=target, held=0)
    return streamed, clean_data(home, source, govern=govern, target=target)


@pytest.mark.parametrize("target", ["", "paid"])
@pytest.mark.parametrize("order", [["dedupe", RULES], [RULES, "{dedupe: {near: 'off'}}"]])
def test_streams_clean_as_memory_does(
    home: Home, shop: str, tmp_path: Path, target: str, order: list[str]
) -> None:
    streamed, held = both(home, shop, steps(tmp_path, *order), target)
    known = [home.ledger.datasets.find(done.version) for done in (streamed, held)]
    assert known[0].digest == known[1].digest and known[0].rows == ROWS - 10
    told, expected = streamed.document, held.document
    assert {s["name"]: s["value"] for s in told["scores"]} == pytest.approx(
        {s["name"]: s["value"] for s in expected["scores"]}
    )
    for part in ("copies", "groups"):
        assert told["duplicates"][part] == expected["duplicates"][part] == 10
    assert told["contract"]["failed"] == expected["contract"]["failed"] >= 1
    for ours, theirs in zip(told["contract"]["rules"], expected["contract"]["rules"], strict=True):
        assert (ours["failures"], ours["samples"]) == (theirs["failures"], theirs["samples"])
    assert told["removed"]["count"] == expected["removed"]["count"] == 10
    ours, theirs = (d["removed"]["samples"]["dedupe"] for d in (told, expected))
    assert [row["row"] for row in ours] == [row["row"] for row in theirs]
    assert [row["evidence"]["copy_of"] for row in ours] == list(range(6))
    walked = [[s[n] for n in ("name", "rows_before", "rows_after", "changed")]
              for s in told["operators"]]  # fmt: skip
    assert walked == [[s[n] for n in ("name", "rows_before", "rows_after", "changed")]
                      for s in expected["operators"]]  # fmt: skip
    assert told["identity"]["clean_rows"] == expected["identity"]["clean_rows"] == ROWS - 10
    rows = versions.load(known[0].blob, home.blobs)
    assert len(rows) == ROWS - 10
    assert not list(home.folder("tmp").iterdir())


def test_without_declared_operators_those_that_stream_are_walked(home: Home, shop: str) -> None:
    done = clean_data(home, shop, held=0)
    assert [step["name"] for step in done.document["operators"]] == ["contract", "dedupe"]
    said = " ".join(note["en"] for note in done.document["notes"])
    assert "contract, dedupe" in said
    assert home.ledger.datasets.find(done.version).rows == ROWS - 10


def test_nothing_removed_leaves_the_version_that_was_read(
    home: Home, shop: str, tmp_path: Path
) -> None:
    done = clean_data(home, shop, govern=steps(tmp_path, RULES), held=0)
    (record,) = home.ledger.datasets.list()
    assert done.version == record.version and record.rows == ROWS


@pytest.mark.parametrize(
    ("piece", "named"),
    [
        ("impute: median", "impute"),
        ("dedupe: {near: auto}", "dedupe"),
        ("contract: {on_fail: mark}", "contract"),
    ],
)
def test_an_operator_without_a_form_that_streams_is_refused_before_the_rows_are_read(
    home: Home, shop: str, tmp_path: Path, piece: str, named: str
) -> None:
    with pytest.raises(DataError) as refused:
        clean_data(home, shop, govern=steps(tmp_path, RULES, piece), held=0)
    assert refused.value.key == "large.no_stream"
    assert f"`govern[1]` names {named}" in str(refused.value) and "lingqu data" in str(
        refused.value
    )
    assert home.ledger.datasets.list() == []
    assert home.ledger.runs.list()[0].state == "failed"
    assert clean_data(home, shop, govern=steps(tmp_path, RULES, piece)).run.state == "done"


def test_a_second_dedupe_and_a_broken_contract_stop(home: Home, shop: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        clean_data(home, shop, govern=steps(tmp_path, "dedupe", "dedupe: [age]"), held=0)
    assert refused.value.key == "large.no_stream"
    stopping = "contract: {rules: [{range: {column: age, max: 80}}], on_fail: stop}"
    for bound in (0, 10**9):
        with pytest.raises(DataError) as refused:
            clean_data(home, shop, govern=steps(tmp_path, "dedupe", stopping), held=bound)
        assert refused.value.key == "govern.contract_broken"


@pytest.mark.parametrize("held", [0, 10**9], ids=["streamed", "in memory"])
def test_what_was_declared_of_committed_rows_holds_for_the_cleaned_ones(
    home: Home, shop: str, tmp_path: Path, held: int
) -> None:
    declared = {"license": "CC0-1.0", "consent": "contract", "purpose": "credit"}
    raw = commit(home, shop, facts=declared, held=held).record
    done = clean_data(home, shop, govern=steps(tmp_path, "dedupe"), held=held)
    made = home.ledger.datasets.find(done.version)
    assert declared.items() <= made.facts.items() and made.parents == (raw.digest,)
    assert len(home.ledger.datasets.list()) == 2  # the rows as read are the version that was there
    assert declared.items() <= done.document["identity"]["facts"].items()

    if shop.endswith("csv"):
        pl.read_csv(shop)[:400].write_csv(shop)
    else:
        pl.read_parquet(shop)[:400].write_parquet(shop)
    clean_data(home, shop, govern=steps(tmp_path, "dedupe"), held=held)
    newer = home.ledger.datasets.named("shop")[0]
    assert newer.parents == (raw.digest,) and declared.items() <= newer.facts.items()
