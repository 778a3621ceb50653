"""Folders as versions: only what changed is read, and nothing that was reported is lost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.conftest import s3_server  # noqa: F401

from lingqu.core.errors import DataError, StoreError
from lingqu.core.ports import Blobs
from lingqu.data.manifest import Folder, compared, keep_folder, scan
from lingqu.store import packs
from lingqu.store.blobs import open_blobs
from lingqu.store.packs import pieces, read_stored

OLD_NS = time.time_ns() - 3600 * 10**9


def write(root: Path, files: dict[str, bytes], age: bool = True) -> None:
    """Write files, changed an hour ago, so that none of them could have changed unseen."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if age:
            os.utime(path, ns=(OLD_NS, OLD_NS))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    write(folder, {f"{n % 3}/{n:03}.txt": f"file {n}".encode() for n in range(60)})
    return folder


class Committer:
    """Commits one folder again and again, later than its files can have changed."""

    def __init__(self, root: Path, blobs: Blobs, tmp_path: Path) -> None:
        self.root, self.blobs, self.memory = root, blobs, tmp_path / "stat" / "m.parquet"
        self.last = ""

    def __call__(self, now_ns: int | None = None) -> Folder:
        # Inode times cannot be set back; a minute later they are safe.
        later = time.time_ns() + 60 * 10**9 if now_ns is None else now_ns
        kept = keep_folder(self.root, self.blobs, self.memory, previous=self.last, now_ns=later)
        self.last = kept.blob
        return kept

    def content(self) -> dict[str, bytes]:
        """Return what the newest version holds, from the blobs alone."""
        frame, _ = read_stored(self.last, self.blobs)
        paths = frame["path"].to_list()
        return {paths[row]: data for row, data in pieces(frame["file"], self.blobs)}

    def on_disk(self) -> dict[str, bytes]:
        files = [path for path in self.root.rglob("*") if path.is_file()]
        return {path.relative_to(self.root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(params=["local", "memory", "s3"])
def committer(request: pytest.FixtureRequest, root: Path, tmp_path: Path) -> Committer:
    url = {
        "local": str(tmp_path / "blobs"),
        "memory": f"memory://{uuid.uuid4().hex}",
        "s3": f"s3://lingqu/{uuid.uuid4().hex}",
    }[request.param]
    if request.param == "s3":
        url += f"?endpoint_url={request.getfixturevalue('s3_server')}"
    return Committer(root, open_blobs(url), tmp_path)


class TestEverywhere:
    """On a folder, in memory and on S3."""

    def test_unchanged_files_are_not_read_again(self, committer: Committer) -> None:
        first = committer()
        assert (first.files, first.read, first.bytes) == (60, 60, first.written)
        assert committer.content() == committer.on_disk()
        again = committer()
        assert (again.digest, again.read, again.written) == (first.digest, 0, 0)

    def test_one_changed_file_is_one_file_read(self, committer: Committer) -> None:
        first = committer()
        write(committer.root, {"0/000.txt": b"another"})
        second = committer()
        assert (second.read, second.written) == (1, len(b"another"))
        assert second.digest != first.digest
        assert committer.content() == committer.on_disk()

    def test_files_added_removed_and_renamed_cost_only_what_is_new(
        self, committer: Committer
    ) -> None:
        committer()
        (committer.root / "1" / "001.txt").rename(committer.root / "1" / "renamed.txt")
        (committer.root / "2" / "002.txt").unlink()
        write(committer.root, {"new.txt": b"new", "copy.txt": b"file 6"})
        kept = committer()
        assert (kept.files, kept.read, kept.written) == (61, 3, 3)
        assert committer.content() == committer.on_disk()

    def test_going_back_gives_the_first_version_and_writes_nothing(
        self, committer: Committer
    ) -> None:
        first = committer()
        write(committer.root, {"0/000.txt": b"another"})
        committer()
        write(committer.root, {"0/000.txt": b"file 0"})
        back = committer()
        assert (back.digest, back.read) == (first.digest, 1)
        assert committer.content() == committer.on_disk()

    def test_large_files_are_blobs_of_their_own(
        self, committer: Committer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = os.urandom(packs.LARGE + 1)
        write(committer.root, {"large.bin": data, "same.bin": data})
        kept = committer()
        assert len(committer.blobs.list(packs.OBJECTS)) == 1
        assert kept.written == kept.bytes - len(data)
        assert committer.content() == committer.on_disk()


@pytest.fixture
def local(root: Path, tmp_path: Path) -> Committer:
    return Committer(root, open_blobs(str(tmp_path / "blobs")), tmp_path)


class TestTrust:
    """What `stat` may be believed."""

    def test_a_change_within_the_tick_of_the_last_look_is_seen(self, local: Committer) -> None:
        write(local.root, {"0/000.txt": b"first!"}, age=False)
        path = local.root / "0" / "000.txt"
        state = path.stat()
        first = local(now_ns=state.st_mtime_ns)
        # The same size, inode and time: as if both writes fell into one step of the clock.
        memory = pl.read_parquet(local.memory)
        said = pl.read_parquet_metadata(local.memory)["lingqu.begun"]
        path.write_bytes(b"second")
        now = path.stat()
        same = pl.when(pl.col("path") == "0/000.txt")
        forged = memory.with_columns(
            mtime_ns=same.then(now.st_mtime_ns).otherwise("mtime_ns"),
            ctime_ns=same.then(now.st_ctime_ns).otherwise("ctime_ns"),
        )
        begun = str(now.st_mtime_ns)
        assert begun >= said
        forged.write_parquet(local.memory, metadata={"lingqu.begun": begun})
        second = local()
        assert second.digest != first.digest
        assert local.content()["0/000.txt"] == b"second"

    def test_whole_seconds_are_trusted_only_after_two(
        self, local: Committer, tmp_path: Path
    ) -> None:
        second = 10**9
        local()
        memory = pl.read_parquet(local.memory)
        whole = memory.with_columns(
            mtime_ns=pl.col("mtime_ns") // second * second,
            ctime_ns=pl.col("ctime_ns") // second * second,
        )
        newest = max(whole["mtime_ns"].to_list() + whole["ctime_ns"].to_list())
        from lingqu.data.manifest import _remembered

        seen = whole.drop("digest")
        for later, trusted in ((1.5, False), (2.5, True)):
            begun = str(newest + int(later * second))
            whole.write_parquet(local.memory, metadata={"lingqu.begun": begun})
            assert (_remembered(seen, local.memory).null_count() == 0) is trusted

    def test_a_change_that_keeps_the_time_of_the_file_is_seen(self, local: Committer) -> None:
        local()
        path = local.root / "0" / "000.txt"
        before = path.stat()
        path.write_bytes(b"FILE 0")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert path.stat().st_mtime_ns == before.st_mtime_ns
        assert local().read == 1
        assert local.content()["0/000.txt"] == b"FILE 0"

    @pytest.mark.parametrize("spoilt", [b"", b"PAR1 not really", None])
    def test_a_lost_or_spoilt_memory_costs_time_only(
        self, local: Committer, spoilt: bytes | None
    ) -> None:
        first = local()
        if spoilt is None:
            local.memory.unlink()
        else:
            local.memory.write_bytes(spoilt)
        again = local()
        assert (again.digest, again.read, again.written) == (first.digest, 60, 0)

    def test_bytes_that_no_known_version_has_are_read_again(self, local: Committer) -> None:
        first = local()
        local.last = ""
        local.blobs.remove("packs")
        again = local()
        assert (again.digest, again.read, again.written) == (first.digest, 60, first.written)
        assert local.content() == local.on_disk()

    def test_a_file_that_never_rests_is_refused(
        self, local: Committer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = local.root / "0" / "000.txt"
        kept = packs.Packer.add

        def meanwhile(packer: packs.Packer, data: bytes) -> bytes:
            if data.startswith(b"file 0"):
                with path.open("ab") as file:
                    file.write(b"!")
            return kept(packer, data)

        monkeypatch.setattr(packs.Packer, "add", meanwhile)
        with pytest.raises(DataError, match="changes while it is read"):
            local()


class TestFolders:
    def test_the_workspace_is_no_part_of_the_folder(self, local: Committer) -> None:
        write(local.root, {".lingqu/ledger.db": b"x", ".lingqu/blobs/a": b"y"})
        seen = scan(local.root, leave_out=local.root / ".lingqu")
        assert seen.height == 60
        assert scan(local.root).height == 62

    def test_links_to_files_are_read_and_others_refused(
        self, local: Committer, tmp_path: Path
    ) -> None:
        write(tmp_path, {"elsewhere/a.txt": b"linked"})
        (local.root / "link.txt").symlink_to(tmp_path / "elsewhere" / "a.txt")
        local()
        assert local.content()["link.txt"] == b"linked"
        for target in (tmp_path / "elsewhere", tmp_path / "nowhere"):
            bad = local.root / "bad"
            bad.symlink_to(target)
            with pytest.raises(DataError, match="bad' is neither a file nor a folder"):
                local()
            bad.unlink()
        os.mkfifo(local.root / "pipe")
        with pytest.raises(DataError, match="pipe"):
            local()

    def test_names_must_be_utf8(self, local: Committer) -> None:
        with open(os.fsencode(local.root) + b"/caf\xe9.txt", "wb") as file:
            file.write(b"x")
        with pytest.raises(DataError, match=r"caf\\udce9") as caught:
            local()
        assert caught.value.key == "data.name_not_utf8"

    def test_a_folder_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(DataError) as caught:
            scan(tmp_path / "none")
        assert caught.value.key == "data.unreachable"

    def test_a_memory_that_cannot_be_written_is_said(
        self, local: Committer, tmp_path: Path
    ) -> None:
        (tmp_path / "stat").write_bytes(b"a file where a folder should be")
        with pytest.raises(StoreError) as caught:
            local()
        assert caught.value.key == "store.unwritable"


class TestCompared:
    def test_changes_are_told_apart(self, local: Committer) -> None:
        local()
        old, _ = read_stored(local.last, local.blobs)
        (local.root / "1" / "001.txt").rename(local.root / "1" / "renamed.txt")
        (local.root / "2" / "002.txt").unlink()
        write(local.root, {"new.txt": b"new", "0/000.txt": b"another"})
        local()
        new, _ = read_stored(local.last, local.blobs)
        found = {name: table.rows() for name, table in compared(old, new).items()}
        assert found == {
            "added": [("new.txt",)],
            "removed": [("2/002.txt",)],
            "changed": [("0/000.txt",)],
            "renamed": [("1/001.txt", "1/renamed.txt")],
        }
        back = compared(new, old)
        assert (back["added"].rows(), back["removed"].rows()) == (found["removed"], found["added"])


@settings(max_examples=15, deadline=None)
@given(
    before=st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=3), min_size=1),
    after=st.dictionaries(st.sampled_from("abcdef"), st.binary(max_size=3), min_size=1),
)
def test_any_change_of_a_folder_is_kept(
    before: dict[str, bytes], after: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("any")
    committer = Committer(place / "root", open_blobs(str(place / "blobs")), place)
    write(committer.root, before)
    first = committer()
    for name in before.keys() - after.keys():
        (committer.root / name).unlink()
    write(committer.root, {name: data for name, data in after.items() if before.get(name) != data})
    second = committer()
    assert committer.content() == after
    assert (first.digest == second.digest) == (before == after)
    assert second.read <= sum(before.get(name) != data for name, data in after.items())


PROGRAM = """
import sys
from pathlib import Path
from lingqu.workspace import Workspace
root, home = Path(sys.argv[1]), sys.argv[2]
with Workspace(home) as workspace:
    for number in range(1000):
        for part in range(40):
            (root / f"{number}-{part}.txt").write_text(f"{number} {part} " * 200)
        done = workspace.data_commit(root, "many")
        print(done.record.version, done.record.rows, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("lines", [0, 1, 4])
def test_kill_9_loses_nothing_that_was_reported(tmp_path: Path, lines: int) -> None:
    from lingqu.workspace import Workspace

    (tmp_path / "root").mkdir()
    home = tmp_path / "home"
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "root"), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        reported = [child.stdout.readline().split() for _ in range(lines)]
        until = time.monotonic() + 30
        while not list(home.glob("blobs/packs/*")) and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(0.01 * lines)
        child.kill()
        rest = child.stdout.read().splitlines()
    reported += [line.split() for line in rest if re.fullmatch(r"[0-9a-f]{64} \d+", line)]
    assert len(reported) >= lines
    with Workspace(home) as workspace:
        known = {row["version"]: row["rows"] for row in workspace.data_log(limit=1000)}
        assert {version: int(rows) for version, rows in reported}.items() <= known.items()
        for number, version in enumerate(known):  # reported or not: no version is half
            workspace.data_export(version, tmp_path / "out" / str(number))
        done = workspace.data_commit(tmp_path / "root", "many")
        assert done.record.rows == len(list((tmp_path / "root").iterdir()))
        workspace.prune(keep_days=30)
        workspace.data_export(done.record.version, tmp_path / "out" / "last")
        names = {path.name for path in (tmp_path / "out" / "last" / "files").iterdir()}
        assert names == {path.name for path in (tmp_path / "root").iterdir()}
        assert workspace.audit().ok
