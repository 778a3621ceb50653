"""One fit of one system on one table: `python automl_child.py SYSTEM CSV TASK METRIC …` → JSON.

The peers' protocol: the table is split 80/20 by a fixed seed, the system gets the training rows,
a wall budget and two threads, and answers the test rows. The clock starts after imports and
before anything is built, ours and theirs alike; peak memory is that of all processes together.
Pandas and scikit-learn, which the protocol needs and we do not, are imported for us after the fit:
another process splits the table.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from peak import Peak

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

HERE = Path(__file__).parent
SEEDS = (42, 0, 1, 2, 3)
ELSEWHERE = """
import pathlib, sys, automl_child
table, task, split, folder = sys.argv[1:]
automl_child.write_halves(pathlib.Path(table), task, int(split), pathlib.Path(folder))
"""
"""What another process does: a bare command, so that nothing of it is left beside us."""
UNSTRATIFIED = frozenset({"digits"})
"""Split as the articles split it."""
Answer = Callable[["pd.DataFrame"], np.ndarray]
Fitted = tuple[Answer, dict[str, Any]]


def halves(path: Path, task: str, split: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd
    from sklearn.model_selection import train_test_split

    frame = pd.read_csv(path, low_memory=False)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            words = frame[name].astype(object)
            frame[name] = words.where(words.notna(), None).astype("category")
    even = frame["target"] if task != "regress" and path.stem not in UNSTRATIFIED else None
    train, test = train_test_split(frame, test_size=0.2, random_state=SEEDS[split], stratify=even)
    return train.reset_index(drop=True), test.reset_index(drop=True)


def frame_of(rows: pd.DataFrame) -> pl.DataFrame:
    import polars as pl

    return pl.from_pandas(rows.astype({c: object for c in rows if rows[c].dtype == "category"}))


def write_halves(path: Path, task: str, split: int, folder: Path) -> None:
    """Leave the training rows as Polars reads them, the test rows as pandas does."""
    train, test = halves(path, task, split)
    frame_of(train).write_ipc(folder / "train.arrow")
    test.to_pickle(folder / "test.pickle")


def split_elsewhere(given: argparse.Namespace) -> tuple[pl.DataFrame, Callable[[], pd.DataFrame]]:
    """Return the training rows and what returns the test rows: pandas is for later."""
    import polars as pl

    folder = Path(tempfile.mkdtemp(prefix="lingqu-automl-rows-"))
    try:
        words = [str(given.table.resolve()), given.task, str(given.split), str(folder)]
        subprocess.run([sys.executable, "-c", ELSEWHERE, *words], check=True, cwd=HERE)
        train = pl.read_ipc(folder / "train.arrow")
        test = (folder / "test.pickle").read_bytes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    def asked() -> pd.DataFrame:
        import pandas as pd

        return pd.read_pickle(io.BytesIO(test))

    return train, asked


def fit_lingqu(train: pl.DataFrame, given: argparse.Namespace, work: Path) -> Fitted:
    from lingqu.core.nouns import Dataset
    from lingqu.data.infer import typed
    from lingqu.data.roles import ready
    from lingqu.engine.ready import wait_until_ready
    from lingqu.flow.workers import engine_of
    from lingqu.learn.choose import choose
    from lingqu.release.frames import to_polars
    from lingqu.release.predictor import Predictor

    started = time.perf_counter()
    rows: Dataset = ready(typed(train), target="target", task=given.task)
    with engine_of(2) as engine:
        wait_until_ready(engine, ["sklearn"], given.budget / 2)
        left = given.budget - (time.perf_counter() - started)
        choice = choose(
            rows, given.task, budget_s=left, engine=engine, scratch=work, metric=given.metric,
            seed=0, workers=2,
        )  # fmt: skip
    predictor = Predictor.of(choice.model, rows.schema)  # what a release asks

    def answer(asked: pd.DataFrame) -> np.ndarray:
        said = predictor.predict(to_polars(asked), where="test")
        return np.asarray(said.labels if said.probabilities is None else said.probabilities)

    size = sum(len(member.graph) for member in choice.model.members)
    lines = [[c.name, c.state, c.score, round(c.seconds, 1), round(c.weight, 3), c.reason]
             for c in choice.candidates]  # fmt: skip
    facts = {"validation": choice.score, "artefact_mb": size / 1e6, "candidates": lines}
    history = [[h["seconds"], h["score"], h["rows"]] for h in choice.history]
    return answer, {**facts, "history": history, "models": len(choice.model.members)}


def fit_autogluon(train: pd.DataFrame, given: argparse.Namespace, work: Path) -> Fitted:
    import autogluon.tabular
    from autogluon.tabular import TabularPredictor

    classes = train["target"].nunique()
    kind = "regression" if given.task == "regress" else "binary" if classes == 2 else "multiclass"
    metric = {"rmse": "root_mean_squared_error"}.get(given.metric, given.metric)
    predictor = TabularPredictor(
        "target", problem_type=kind, eval_metric=metric, path=str(work / "m"), verbosity=0
    )
    predictor.fit(
        train, presets="best_quality_v150", time_limit=given.budget, num_cpus=2, num_gpus=0
    )
    size = sum(file.stat().st_size for file in work.rglob("*") if file.is_file())
    predictor.persist()
    ask = predictor.predict if given.task == "regress" else predictor.predict_proba
    facts = {"version": autogluon.tabular.__version__, "artefact_mb": size / 1e6}
    return lambda rows: ask(rows).to_numpy(), facts


def fit_flaml(train: pd.DataFrame, given: argparse.Namespace, work: Path) -> Fitted:
    import flaml
    from flaml import AutoML

    learner = AutoML()
    rows, target = train.drop(columns="target"), train["target"].to_numpy()
    learner.fit(
        X_train=rows, y_train=target, metric=given.metric, time_budget=given.budget, seed=0,
        task="regression" if given.task == "regress" else "classification", n_jobs=2, verbose=0,
        early_stop=False,
    )  # fmt: skip
    ask = learner.predict if given.task == "regress" else learner.predict_proba
    return lambda rows: np.asarray(ask(rows)), {"version": flaml.__version__}


SYSTEMS = {"lingqu": fit_lingqu, "autogluon": fit_autogluon, "flaml": fit_flaml}
IMPORTS = {
    "lingqu": ("lingqu.learn.choose", "lingqu.data.roles", "lingqu.release.predictor"),
    "autogluon": ("autogluon.tabular",),
    "flaml": ("flaml",),
}


def score(metric: str, truth: np.ndarray, said: np.ndarray) -> float:
    from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, roc_auc_score

    if metric == "rmse":
        return float(np.sqrt(mean_squared_error(truth, said)))
    if metric == "accuracy":
        return float(accuracy_score(truth, said.argmax(axis=1)))
    if metric == "log_loss":
        return float(log_loss(truth, said))
    return float(roc_auc_score(truth, said[:, 1]))


def latency(answer: Answer, rows: pd.DataFrame) -> dict[str, float]:
    """Return the median milliseconds of one row and the seconds of ten thousand."""
    many = rows.iloc[np.resize(np.arange(len(rows)), 10_000)].reset_index(drop=True)
    one, took, bulk = rows.iloc[:1], [], []
    answer(one)
    end = time.perf_counter() + 10
    while len(took) < 30 and time.perf_counter() < end:
        begun = time.perf_counter()
        answer(one)
        took.append(time.perf_counter() - begun)
    while len(bulk) < 3 and time.perf_counter() < end + 20:
        begun = time.perf_counter()
        answer(many)
        bulk.append(time.perf_counter() - begun)
    return {"row_ms": 1e3 * float(np.median(took)), "many_s": float(np.median(bulk))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("table", type=Path)
    parser.add_argument("task", choices=["classify", "regress"])
    parser.add_argument("metric")
    parser.add_argument("--split", type=int, default=0)
    parser.add_argument("--budget", type=float, default=60.0)
    parser.add_argument("--no-latency", action="store_true")
    given = parser.parse_args()
    if given.system == "lingqu":
        train, later = split_elsewhere(given)
    else:
        train, held = halves(given.table, given.task, given.split)
        later = lambda: held  # noqa: E731
    for name in IMPORTS[given.system]:
        __import__(name)
    work = Path(tempfile.mkdtemp(prefix="lingqu-automl-"))
    peak = Peak()
    peak.start()
    load = os.getloadavg()[0]
    begun = time.perf_counter()
    try:
        answer, facts = SYSTEMS[given.system](train, given, work)
        fit_s = time.perf_counter() - begun
        mb = peak.mb
        test = later()
        truth, asked = test["target"].to_numpy(), test.drop(columns="target")
        said = answer(asked)
        found = {"score": score(given.metric, truth, said), "fit_s": fit_s, "peak_mb": mb}
        if not given.no_latency:
            found |= latency(answer, asked)
    except Exception as error:  # a peer that fails is a line of the table
        found, facts = {"error": f"{type(error).__name__}: {error}"[:300]}, {}
        found["fit_s"] = time.perf_counter() - begun
    finally:
        shutil.rmtree(work, ignore_errors=True)
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    cpu = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    where = {"system": given.system, "table": given.table.stem, "split": given.split}
    line = {**where, "budget": given.budget, "load": load, "cpu_s": cpu, **found, **facts}
    print(json.dumps(line, default=str))
    sys.stdout.flush()
    os._exit(0)  # peers leave threads behind


if __name__ == "__main__":
    main()
