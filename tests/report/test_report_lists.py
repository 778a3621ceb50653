"""What the report says of lists of items."""

from __future__ import annotations

from lingqu.report.sections.lists import draw


def test_where_some_users_were_judged_it_says_of_how_many() -> None:
    score = {
        "measure": "ndcg@10", "value": 0.3, "n": 20_000,
        "evidence": {"popularity": 0.2, "users": 50_000, "gain": 0.1},
    }  # fmt: skip
    said = draw({"metrics": [score]})
    assert "the lists of 20,000 of 50,000 users" in said and "50,000 位用户中" in said
    whole = {**score, "evidence": {**score["evidence"], "users": 20_000}}
    assert "drawn by the seed" not in draw({"metrics": [whole]})
