"""Learners of words on real texts: tags, vectors, written answers, and a pre-trained decoder.

Each learner stands beside the plainest one of its task; test rows are only told here and decide
nothing. Each is fitted in a process of its own, so that its CPU seconds stand alone: imports,
loading, learning, the graph.

    python benchmarks/deep.py --only language
    python benchmarks/deep_words.py talks decoder      # one of them
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from dataclasses import dataclass, field, replace
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from deep_run import Options, Told, child
from figures import Figure

from lingqu.core import catalog
from lingqu.core.nouns import Dataset, Model, Task
from lingqu.core.ports import Budget
from lingqu.core.reply_metrics import USUAL
from lingqu.core.schema import Column, Schema

_SECONDS = 1500.0
_WRITTEN = 20
"""Rows whose answers are written to tell what a token costs."""
_SMALL: dict[str, Any] = {
    "path": "asset:smollm2",
    "bits": 8,
    "most": 40,
    "context": 256,
    "epochs": 1,
}
SMOL: dict[str, dict[str, Any]] = {
    "smollm2 as it came": {**_SMALL, "rung": "prompt"},
    "smollm2 lora": {**_SMALL, "rung": "lora"},
}


@dataclass(frozen=True)
class Case:
    """Real rows, and who learns from them.

    Args:
        task: Task.
        asset: Where the rows come from.
        columns: What is asked, and what is wanted.
        sizes: Rows to learn from, to validate on, to test on.
        plain: The plainest learner.
        leads: Who must answer better than the plain one; empty where nobody need.
        others: All but the plain one: name → options; with a path, a pre-trained one.
    """

    task: Task
    asset: str
    columns: tuple[str, str]
    sizes: tuple[int, int, int]
    plain: str
    leads: str
    others: dict[str, dict[str, Any]] = field(default_factory=dict)


CASES: dict[str, Case] = {
    "tags": Case("tag", "peoples-daily", ("words", "tags"), (3000, 300, 500), "usual_tags",
                 "tagger", {"tagger": {}}),
    "pairs": Case("embed", "django-phrases", ("english", "chinese"), (600, 100, 100),
                  "ngram_axes", "", {"embedder": {}}),
    "phrases": Case("translate", "django-phrases", ("english", "chinese"), (600, 100, 100),
                    "memory", "", {"decoder": {}}),
    "talks": Case("chat", "chatterbot-en", ("question", "answer"), (400, 40, 100), "memory",
                  "", {"decoder": {}, **SMOL}),
}  # fmt: skip


def rows(case: Case) -> tuple[Dataset, Dataset, Dataset]:
    """Return rows to learn from, to validate on, to test on; each question once."""
    asked, wanted = case.columns
    read = catalog.build("sources", "asset", {"name": case.asset}).read().frame
    frame = read.select(asked, wanted).drop_nulls().unique(asked, keep="first", maintain_order=True)
    frame = frame.sample(fraction=1.0, shuffle=True, seed=0)
    schema = Schema((Column(asked, "text"), Column(wanted, "text", "target")))
    train, valid, test = case.sizes
    parts = frame[test + valid : test + valid + train], frame[test : test + valid], frame[:test]
    one, two, three = (Dataset(part, schema) for part in parts)
    return one, two, three


def measured(name: str, learner: str) -> dict[str, Any]:
    """Fit one learner and return what it reaches on test rows and what it costs."""
    begun, case = time.process_time(), CASES[name]
    train, valid, test = rows(case)
    options = dict(case.others.get(learner, {}))
    if "path" in options:
        from lingqu.data.assets import find, located

        asset = str(options["path"]).removeprefix("asset:")
        options |= {"path": str(located(asset, find(asset))[0]), "task": case.task}
    algorithm = "pretrained_decoder" if "path" in options else learner
    fitted = catalog.build("algorithms", algorithm, options)
    model = fitted.fit(train, valid, Budget(_SECONDS, seed=0), lambda row: None)
    cpu_s = time.process_time() - begun
    told = _told(replace(model, task=case.task), test)
    size_mb = len(model.members[0].graph) / 1e6
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**told, "cpu_s": cpu_s, "size_mb": size_mb, "peak_mb": peak_mb}


def _told(model: Model, test: Dataset) -> dict[str, Any]:
    """Return the scores on test rows, and what an answer costs."""
    from lingqu.learn.replies.fitting import scores_of
    from lingqu.release.runner import Runner

    scores = dict(zip(USUAL[model.task], scores_of(model, test).tolist(), strict=True))
    asked = test.frame.drop(test.schema.names[-1])[:_WRITTEN]
    runner, begun = Runner.of(model, threads=1), time.process_time()
    said: list[Any] = []
    for row in range(asked.height):  # one by one, as callers come
        replies = runner.predict(asked[row : row + 1]).replies
        assert replies is not None  # all of these tasks have them
        said += replies.said
    cost = (time.process_time() - begun) / asked.height
    return {"scores": scores, "ms": 1000 * cost, "said": said[:4] if model.task != "embed" else []}


def language(options: Options) -> Told:
    """Measure each learner of each case; where it is claimed, what learns is the better one."""
    figures, notes = [], []
    for name, case in CASES.items():
        told = {}
        for learner in (case.plain, *case.others):
            told[learner] = child([sys.executable, __file__, name, learner]).said
            print(f"  {name} {learner}: {json.dumps(told[learner])}", file=sys.stderr)
        metric = USUAL[case.task][0]
        plain = told[case.plain]["scores"][metric]
        best = case.leads or max(told, key=lambda one: told[one]["scores"][metric])
        ours = told[best]["scores"][metric]
        what, wanted = f"{name}: test {metric}, {best} ({case.plain})", bool(case.leads)
        target = "> the plain one" if wanted else "-"
        figures.append(Figure(what, ours, plain, target, ours > plain or not wanted))
        notes += [
            f"{name}, {case.sizes[0]} rows of {case.asset}, {learner}: "
            + " · ".join(f"{key} {value:.3f}" for key, value in one["scores"].items())
            + f" · fit {one['cpu_s']:.0f} s · {one['ms']:.3g} ms an answer · "
            + f"{one['size_mb']:.3g} MB, at most {one['peak_mb']:.0f} MB of memory"
            for learner, one in told.items()
        ]
    return figures, notes


if __name__ == "__main__":
    which, who = sys.argv[1:]
    print(json.dumps(measured(which, who)))
