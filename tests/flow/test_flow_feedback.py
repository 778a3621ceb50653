"""Labels that come back are set beside the answers of a window."""

from __future__ import annotations

import polars as pl
import pytest
from tests.flow.test_flow_watch import log, usual, watched

from lingqu.core.errors import DataError
from lingqu.workspace import Workspace


def test_the_watch_measures_where_labels_came_back(workspace: Workspace) -> None:
    rows = usual(100)
    log(workspace, rows)
    said = workspace.release("churn").predict(rows)["prediction"].cast(pl.String)
    wrong = {"yes": "no", "no": "yes"}
    truth = [wrong.get(one, one) if n < 10 else one for n, one in enumerate(said.to_list())]
    frame = pl.DataFrame({"prediction_id": [f"p{n}" for n in range(100)], "label": truth})
    assert workspace.feedback("churn", frame) == {"new": 100, "known": 0}
    assert workspace.feedback("churn", frame[:5]) == {"new": 0, "known": 5}
    (window,) = workspace.watch(watched())
    found = {f.measure: f for f in window.findings if f.check == "performance"}
    accuracy = found["performance.accuracy"]
    changed = sum(a != b for a, b in zip(truth, said.to_list(), strict=True))
    assert accuracy.value == pytest.approx(1 - changed / 100)
    assert changed == 10 and accuracy.evidence["estimate"] is False and accuracy.n == 100


def test_labels_of_answers_that_nobody_gave(workspace: Workspace) -> None:
    with pytest.raises(DataError, match="p999"):
        workspace.feedback("churn", {"p999": "yes"})
    with pytest.raises(DataError, match="label"):
        workspace.feedback("churn", pl.DataFrame({"prediction_id": ["p0"]}))
