"""What every `Blobs` must do; `blobs` is an empty one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lingqu.core.errors import StoreError
from lingqu.core.ports import Blobs

BAD_PATHS = ("", "/etc/passwd", "../up", "a/../../up", "a//b", "a/", "./a", "a\\b", "a\0b", "..")


class BlobsContract:
    @pytest.mark.parametrize("data", [b"", b"water", bytes(range(256)) * 5000])
    def test_what_was_written_is_read(self, blobs: Blobs, data: bytes) -> None:
        blobs.write("a/b/c.bin", data)
        with blobs.open("a/b/c.bin") as file:
            assert file.read() == data

    def test_a_file_can_be_read_in_parts(self, blobs: Blobs) -> None:
        blobs.write("a", b"0123456789")
        with blobs.open("a") as file:
            file.seek(-3, 2)
            assert (file.read(2), file.tell()) == (b"78", 9)

    def test_writing_again_replaces_whole(self, blobs: Blobs) -> None:
        blobs.write("a", b"a long first version")
        blobs.write("a", b"short")
        with blobs.open("a") as file:
            assert file.read() == b"short"
        assert blobs.list("") == ["a"]

    def test_names_may_be_of_any_language(self, blobs: Blobs) -> None:
        blobs.write("渠/a b+c%20.txt", b"x")
        assert blobs.list("渠") == ["渠/a b+c%20.txt"]
        with blobs.open("渠/a b+c%20.txt") as file:
            assert file.read() == b"x"

    def test_what_is_missing_is_said(self, blobs: Blobs) -> None:
        with pytest.raises(StoreError) as caught:
            blobs.open("no/such.bin")
        assert caught.value.key == "store.no_blob"
        assert "no/such.bin" in str(caught.value)

    def test_lists_are_sorted_and_by_whole_folder_names(self, blobs: Blobs) -> None:
        for path in ("a/b/2", "a/b/1", "a/bc", "d"):
            blobs.write(path, b"x")
        assert blobs.list("a/b") == ["a/b/1", "a/b/2"]
        assert blobs.list("a") == ["a/b/1", "a/b/2", "a/bc"]
        assert blobs.list("") == ["a/b/1", "a/b/2", "a/bc", "d"]
        assert blobs.list("a/bc") == ["a/bc"]
        assert blobs.list("none") == []

    def test_remove_takes_a_file_or_all_under_a_prefix(self, blobs: Blobs) -> None:
        for path in ("a/b/1", "a/b/2", "a/bc", "d"):
            blobs.write(path, b"x")
        blobs.remove("a/b")
        assert blobs.list("") == ["a/bc", "d"]
        blobs.remove("a/bc")
        blobs.remove("a/bc")
        assert blobs.list("") == ["d"]

    @pytest.mark.parametrize("path", BAD_PATHS)
    def test_paths_stay_inside(self, blobs: Blobs, path: str) -> None:
        blobs.write("kept", b"x")
        for use in (blobs.open, blobs.remove, lambda bad: blobs.write(bad, b"x")):
            with pytest.raises(StoreError) as caught:
                use(path)
            assert caught.value.key == "store.bad_path"
        assert blobs.list("") == ["kept"]

    def test_readers_see_whole_versions_only(self, blobs: Blobs) -> None:
        versions = [bytes([n]) * 50_000 for n in range(4)]
        blobs.write("a", versions[0])

        def use(n: int) -> bytes:
            if n % 2:
                blobs.write("a", versions[n % 4])
                return versions[0]
            with blobs.open("a") as file:
                return file.read()

        with ThreadPoolExecutor(3) as threads:
            seen = list(threads.map(use, range(40)))
        assert set(seen) <= set(versions)
