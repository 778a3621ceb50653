"""What was looked at, from the gate to the release: kept, drawn, reused, and gone when erased."""

from __future__ import annotations

from pathlib import Path

from lingqu.workspace import Workspace


def blobs(folder: Path) -> list[Path]:
    return sorted((folder / ".lingqu" / "blobs" / "seen").glob("*.json"))


def test_the_report_and_the_release_tell_of_the_same_rows(workspace: Workspace) -> None:
    run = workspace.runs()[0]
    seen = workspace.release(run.release).seen
    page = workspace.report(run.id).read_text(encoding="utf-8")
    drawn = page.split('<section id="seen">')[1].split("</section>")[0]
    assert drawn.count("<circle") == len(seen["map"]["points"]) == 32
    assert seen["map"]["width"] > 2 and "rows" not in seen  # nothing but numbers: no pictures
    assert set(workspace.release(run.release).plots()) == {"map", "confusion"}


def test_mistakes_on_the_map_are_those_of_the_metrics(workspace: Workspace) -> None:
    run = workspace.runs()[0]
    points = workspace.release(run.release).seen["map"]["points"]
    wrong = sum(true != said for _, _, true, said in points)
    assert 1 - wrong / len(points) == workspace.release(run.release).metrics["accuracy"]


def test_erasure_forgets_what_was_looked_at(folder: Path) -> None:
    assert len(blobs(folder)) == 1
    with Workspace(folder / ".lingqu") as opened:
        opened.erase("person", "P0007")
    assert blobs(folder) == []
