"""The data document of a run: made once for the same stages, kept, drawn beside its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from lingqu.core import digest
from lingqu.core.errors import StoreError
from lingqu.core.nouns import Dataset, Json, Run, StageRecord
from lingqu.flow.walk import Walk
from lingqu.report.data_html import render_data
from lingqu.store.home import Home

FOLDER = "judged"
"""Where documents lie, under the digest of what they judge; a run names its own in its summary."""
DOCUMENT = "data_document"
"""Key of the summary of a run."""
FORM = 1
"""Version of the form of the document; a reader refuses one that it does not know."""
Load = Callable[[], Dataset]


def judge_run(
    walk: Walk, data: Mapping[str, Json], governed: Mapping[str, Json], raw: Load, clean: Load
) -> tuple[str, dict[str, Json]]:
    """Return where the document of a run lies, and the document; made anew only if it must be.

    Args:
        walk: The run, its data and govern stages walked.
        data: Result of the data stage.
        governed: Result of the govern stage that counts.
        raw: Gives the training rows as they were read.
        clean: Gives the training rows that governance left.
    """
    key = digest.of_json([FORM, _code(), data, governed])
    path = f"{FOLDER}/{key}.json"
    document = read_document(walk.home, path)
    if document is None:
        # A run that reuses its stages needs none of this, and it takes long to import.
        from lingqu.flow.data_document import data_document
        from lingqu.flow.data_run import judged_of

        judged = judged_of(walk.home, walk.channel.name, data, governed, raw(), clean())
        document = data_document(judged)
        walk.home.blobs.write(path, orjson.dumps(document))
    return path, document


def of_this(
    document: Mapping[str, Any], run: Run, stages: Sequence[StageRecord], of: str = "run"
) -> dict[str, Json]:
    """Return a document with the run that it was made for, and what its stages took."""
    took = {
        stage.name: round(stage.seconds, 3)
        for stage in stages
        if stage.name.partition(" ")[0] in ("data", "govern") and stage.seconds
    }
    cost = {"stages": took, "seconds": round(sum(took.values()), 3)}
    identity = {**document["identity"], "run": run.id, "made": run.ended or run.started}
    return {**document, "of": of, "identity": identity, "cost": cost}


def write_page(home: Home, run: str, document: Mapping[str, Json]) -> str:
    """Draw a document beside the report of its run; return the path in the blobs."""
    path = f"reports/{run}.data.html"
    if document.get("of") == "run":
        identity = {**document["identity"], "beside": f"{run}.html"}
        document = {**document, "identity": identity}
    home.blobs.write(path, render_data(document).encode())
    return path


def read_document(home: Home, path: str) -> dict[str, Json] | None:
    """Return a kept document; None where it is gone, or of another form."""
    try:
        with home.blobs.open(path) as file:
            found = orjson.loads(file.read())
    except StoreError:
        return None
    return found if isinstance(found, dict) and found.get("form") == FORM else None


@cache
def _code() -> str:
    """Return the digest of the code that makes documents: other code may tell other things."""
    files = sorted(Path(__file__).parent.glob("data_*.py"))
    return digest.of_json([digest.of_file(file) for file in files])
