"""Digits as a table in one process of three seconds: `python automl_quick.py TRAIN TEST SECONDS`.

The clock starts with the process: starting Python, the imports, the workers, the choice and the
answers must all fit. TRAIN and TEST are Arrow files with a column `target`; prints JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import psutil

END_S = 0.05
"""Seconds kept for stopping the workers, for the answers, and for the end of Python: a budget is
hardly ever used up to its end."""


def main() -> None:
    import polars as pl

    from lingqu.core.metrics import score
    from lingqu.core.schema import Schema
    from lingqu.data.infer import typed
    from lingqu.data.roles import ready
    from lingqu.flow.workers import engine_of
    from lingqu.learn.choose import choose
    from lingqu.release.conform import conform
    from lingqu.release.runner import Runner

    begun = psutil.Process().create_time()
    engine = engine_of(2)  # the workers import while the rows are read
    train, test = (pl.read_ipc(Path(name)) for name in sys.argv[1:3])
    rows = ready(typed(train), target="target", task="classify")
    with engine, tempfile.TemporaryDirectory() as scratch:
        left = float(sys.argv[3]) - (time.time() - begun) - END_S
        choice = choose(
            rows, "classify", budget_s=left, engine=engine, scratch=Path(scratch), workers=2
        )
    runner = Runner.of(choice.model)
    said = runner.predict(conform(test, Schema(rows.schema.inputs), where="test"))
    known = {name: index for index, name in enumerate(choice.model.classes)}
    truth = test["target"].cast(pl.String).replace_strict(known).to_numpy()
    print(json.dumps({"score": score("accuracy", truth, said), "budget": left}))


if __name__ == "__main__":
    main()
