"""Small releases whose answers are texts or vectors; they have hardly learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.learn.reply_tables import phrases, sides
from tests.outlets.outlet_samples import CREATED, SECRET

from lingqu.core import catalog
from lingqu.core.nouns import Model, Task
from lingqu.core.ports import Budget
from lingqu.release.bundle import Contents, pack
from lingqu.release.profile import fit_profile, signals
from lingqu.release.runner import predict_model

DECODER: dict[str, Any] = {
    "epochs": 3, "width": 16, "layers": 1, "heads": 2, "context": 160, "most": 24, "batch": 8,
    "patience": 0,
}  # fmt: skip


def packed(folder: Path, task: Task, learner: str, options: dict[str, Any]) -> Path:
    """Fit a learner on phrases and pack what it became; the channel has the folder's name."""
    train, valid = sides(phrases())
    fitted = catalog.build("algorithms", learner, options)
    made = fitted.fit(train, valid, Budget(30.0, seed=3), lambda row: None)
    model = Model(task, (), made.members)
    asked = train.frame.drop("y", strict=False)
    profile = fit_profile(signals(asked, train.schema), predict_model(model, asked))
    public = SECRET.public_key().public_bytes_raw()
    contents = Contents(
        name=folder.name, model=model, schema=train.schema, golden_rows=train.frame, operators=[],
        profile=profile, findings=[], metrics={}, facts={}, lineage={},
        channel_text=f"channel: {folder.name}\n", channel="c" * 64, data="d" * 64, seed=0,
    )  # fmt: skip
    pack(folder, contents, created=CREATED, sign=SECRET.sign, public_key=public)
    return folder
