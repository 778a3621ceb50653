"""A channel that detects: from pictures and boxes to answers in the pixels that were sent."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from tests.learn.scene_tables import scenes

from lingqu.core.box_metrics import counts
from lingqu.core.errors import DataError
from lingqu.core.spec import Channel
from lingqu.flow.data_stage import source_of, typed
from lingqu.outlets.served import Served
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.workspace import Workspace

TEXT = """\
channel: scenes
data: scenes.jsonl
train: {task: detect, target: objects, algorithm: [usual_boxes, {centres: {epochs: 6, width: 8}}],
        budget: 60 s, workers: 1}
release: {require: ["box_map50 >= 0.3"]}
"""


def written(folder: Path, count: int = 100, larger: int = 1) -> Path:
    """Write scenes as files and rows; return the channel file."""
    (folder / "pictures").mkdir(parents=True)
    made = scenes(count, larger=larger).frame
    with (folder / "scenes.jsonl").open("w", encoding="utf-8") as file:
        for number, (picture, boxes) in enumerate(made.rows()):
            name = f"pictures/{number}.png"
            (folder / name).write_bytes(picture)
            file.write(json.dumps({"picture": name, "objects": boxes}) + "\n")
    path = folder / "channel.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_boxes_are_the_target_and_pictures_the_feature(tmp_path: Path) -> None:
    channel = Channel.load(written(tmp_path, 12))
    rows = typed(channel, source_of(channel).read())
    assert [(c.name, c.kind, c.role) for c in rows.schema] == [
        ("picture", "image", "feature"),
        ("objects", "boxes", "target"),
    ]
    assert rows.schema["picture"].shape == (40, 48)


def test_a_target_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, 12)
    rows = [json.loads(line) for line in (tmp_path / "scenes.jsonl").read_text().splitlines()]
    words = [json.dumps({**row, "objects": f"cat {place}"}) for place, row in enumerate(rows)]
    (tmp_path / "scenes.jsonl").write_text("\n".join(words))
    channel = Channel.load(path)
    with pytest.raises(DataError, match="boxes"):
        typed(channel, source_of(channel).read())


@pytest.mark.slow
def test_a_channel_is_walked_from_scenes_to_boxes(tmp_path: Path) -> None:
    path = written(tmp_path, larger=2)
    with Workspace(tmp_path / ".lingqu") as space:
        run = space.run(path)
        assert run.state == "done" and run.summary["metric"] == "box_map"
        assert run.summary["test"]["box_map50"] >= 0.3
        release = space.release(run.release)
        assert release.task == "detect"
        release.require_replay()
        page = Path(space.report(run.id)).read_text(encoding="utf-8")
        assert 'class="box said"' in page
        folder = release_folder(space.home, run.release)
    picture, told = scenes(4, larger=2).frame.rows()[3]
    asked = [{"picture": f"data:image/png;base64,{base64.b64encode(picture).decode()}"}]
    (said,) = Release.open(folder).predict(asked)
    with ThreadPoolExecutor(1) as threads:
        served = Served.open(folder, threads)
        read = served.reader.rows(msgspec.json.decode(msgspec.json.encode(asked)))
        (answer,) = served.run([read])
    assert answer.predictions == [said["prediction"]]
    wanted = [[told, said["prediction"]], [told, said["unsure"]]]
    assert any(counts([true], [boxes])[0, 0] > 0 for true, boxes in wanted)
    assert all(box["x"] + box["width"] <= 96 for box in said["prediction"])
