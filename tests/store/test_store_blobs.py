"""The contract of `Blobs` on a folder, in memory and on an S3 server; what only folders do."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from tests.contracts.blobs_contract import BlobsContract

from lingqu.core.errors import SpecError, StoreError
from lingqu.core.ports import Blobs
from lingqu.store.blobs import FsspecBlobs, open_blobs, size_of
from lingqu.store.extras import need


class TestLocal(BlobsContract):
    @pytest.fixture(params=["path", "url"])
    def blobs(self, request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
        folder = f"{tmp_path}/new/blobs"
        return open_blobs(folder if request.param == "path" else f"file://{folder}")


class TestMemory(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return open_blobs(f"memory://{uuid.uuid4().hex}")


class TestS3(BlobsContract):
    @pytest.fixture
    def blobs(self, s3_server: str) -> Blobs:
        return open_blobs(f"s3://lingqu/{uuid.uuid4().hex}?endpoint_url={s3_server}")


class TestFolders:
    def test_links_do_not_lead_outside(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_bytes(b"secret")
        blobs = open_blobs(str(tmp_path / "blobs"))
        (tmp_path / "blobs" / "link").symlink_to(tmp_path)
        with pytest.raises(StoreError) as caught:
            blobs.open("link/secret")
        assert caught.value.key == "store.bad_path"

    def test_files_being_written_are_not_listed(self, tmp_path: Path) -> None:
        blobs = open_blobs(str(tmp_path))
        blobs.write("a", b"x")
        (tmp_path / ".partial" / "0123").write_bytes(b"half")
        assert blobs.list("") == ["a"]
        assert sorted(os.listdir(tmp_path)) == [".partial", "a"]

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        blobs = open_blobs(str(tmp_path))
        blobs.write("a/b", b"x")
        with pytest.raises(StoreError) as caught:
            blobs.open("a")
        assert caught.value.key == "store.no_blob"
        with pytest.raises(StoreError) as caught:
            blobs.write("a/b/c", b"x")
        assert caught.value.key == "store.unwritable"

    def test_an_unwritable_folder_is_said(self, closed_folder: Path) -> None:
        blobs = open_blobs(str(closed_folder))
        with pytest.raises(StoreError) as caught:
            blobs.write("a", b"x")
        assert caught.value.key == "store.unwritable"
        assert "lingqu doctor" in str(caught.value)
        with pytest.raises(StoreError) as caught:
            open_blobs(str(closed_folder / "new"))
        assert caught.value.key == "store.unwritable"

    def test_a_full_disk_is_said_and_the_old_file_stays(self, tmp_path: Path) -> None:
        program = (
            "import resource, sys\n"
            "from lingqu.core.errors import StoreError\n"
            "from lingqu.store.blobs import open_blobs\n"
            "blobs = open_blobs(sys.argv[1])\n"
            "blobs.write('a', b'old')\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
            "try:\n"
            "    blobs.write('a', b'x' * 20_000)\n"
            "except StoreError as error:\n"
            "    print(error.key, blobs.open('a').read(), blobs.list(''))\n"
        )
        child = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True
        )
        assert child.stdout.split() == ["store.disk_full", "b'old'", "['a']"], child.stderr
        assert os.listdir(tmp_path / ".partial") == []


class _Plain:
    """A `Blobs` that is not ours."""

    def __init__(self, inner: Blobs) -> None:
        self.open = inner.open
        self.write = inner.write
        self.remove = inner.remove
        self.list = inner.list


class TestSize:
    @pytest.mark.parametrize("wrap", [lambda blobs: blobs, _Plain])
    def test_the_size_is_known(self, wrap: type[_Plain], tmp_path: Path) -> None:
        blobs = wrap(open_blobs(str(tmp_path)))
        blobs.write("a/b", b"12345")
        assert size_of(blobs, "a/b") == 5
        with pytest.raises(StoreError):
            size_of(blobs, "a/c")


class TestUrls:
    @pytest.mark.parametrize(
        "url", ["nonsense://x", "s3://", "s3://bucket/p?colour=red", "s3://?endpoint_url=http://x"]
    )
    def test_other_urls_are_refused(self, url: str) -> None:
        with pytest.raises(StoreError) as caught:
            open_blobs(url)
        assert caught.value.key == "store.bad_url"

    def test_a_bucket_that_is_not_there(self, s3_server: str) -> None:
        blobs = FsspecBlobs(f"s3://none/x?endpoint_url={s3_server}&region_name=eu-west-1")
        with pytest.raises(StoreError) as caught:
            blobs.write("a", b"x")
        assert "s3://none/x/a" in str(caught.value)

    def test_a_server_that_is_not_there(
        self, s3_server: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        blobs = open_blobs("s3://lingqu/x?endpoint_url=http://127.0.0.1:9")
        with pytest.raises(StoreError) as caught:
            blobs.write("a", b"x")
        assert caught.value.key == "store.blob_failed"
        assert "127.0.0.1:9" in str(caught.value)

    def test_a_missing_package_is_named_with_its_extra(self) -> None:
        with pytest.raises(SpecError, match=r'pip install "lingqu\[all\]"'):
            need("no_such_package", "this test")
