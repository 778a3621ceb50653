"""A run explains its choice: where it fails is found, told, and put on the list of the wanted."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lingqu.cli.leaderboard import explained
from lingqu.workspace import Workspace

CHANNEL = """
channel: loans
data: {source: loans.csv}
train: {task: classify, target: repaid, algorithm: [logistic, constant], budget: 10 s, folds: 3}
"""


def loans(rows: int = 2000) -> pl.DataFrame:
    """Return loans that income tells; but in the south, of the old, nothing tells anything."""
    random = np.random.default_rng(0)
    income, age = random.normal(size=rows), random.integers(18, 80, rows)
    region = random.choice(["north", "south", "east"], rows)
    good = income + 0.2 * random.normal(size=rows) > 0
    coin = (region == "south") & (age > 60)
    good = np.where(coin, random.random(rows) < 0.5, good)
    columns = {"income": income, "age": age, "region": region}
    return pl.DataFrame({**columns, "repaid": np.where(good, "yes", "no")})


@pytest.mark.slow
def test_a_planted_weakness_is_found_told_and_wanted(tmp_path: Path) -> None:
    (tmp_path / "channel.yaml").write_text(CHANNEL, encoding="utf-8")
    loans().write_csv(tmp_path / "loans.csv")
    with Workspace(tmp_path / ".lingqu") as opened:
        done = opened.run(tmp_path / "channel.yaml")
        slices = [f for f in opened.findings(done.id) if f.check == "slices"]
        wanted = opened.data_wanted("loans")
        told = explained(opened.show(done.id))
        page = opened.report(done.id).read_text(encoding="utf-8")
    worst = next(f for f in slices if f.measure == "slices.worst")
    assert worst.value is not None and worst.value > 0.2
    assert "region = south" in worst.evidence["worst"] and "age > " in worst.evidence["worst"]
    failing = [item for item in wanted if item["reason"].startswith("failing")]
    assert worst.evidence["worst"] in failing[0]["what"]
    assert worst.evidence["worst"] in failing[0]["what_zh"]
    lines = {line["name"]: line for line in told["candidates"]}
    assert lines["logistic"]["weight"] == 1.0 and lines["constant"]["gap"] < -0.1
    assert lines["logistic"]["error"] > 0 and told["account"]["baseline"]["name"] == "constant"
    assert [gain["times"] for gain in told["growth"]["gains"]] == [2, 4]
    for words in (told["why"][0]["zh"], told["growth"]["words"]["en"], "region = south"):
        assert words in page
    assert 'class="foot"' in page
