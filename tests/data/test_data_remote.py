"""Files, folders and archives behind HTTP and S3, from servers on this machine."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import s3fs
from PIL import Image
from tests.contracts.source_contract import SourceContract

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.delimited import Csv
from lingqu.data.folder import Folder
from lingqu.data.images import ImageFolder
from lingqu.data.resolve import resolve

ROWS = "age,city\n41,Aix\n29,Bern\n"


def png(value: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((6, 4), value, np.uint8)).save(file, "PNG")
    return file.getvalue()


def pets(value: int = 10) -> dict[str, bytes]:
    names = ("cat/1.png", "cat/2.png", "dog/3.png")
    return {name: png(value + place) for place, name in enumerate(names)}


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing: the output of a test is its failure."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Address and folder of a web server."""
    root = tmp_path / "web"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", root
    server.shutdown()
    thread.join()
    server.server_close()


def put(root: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)


@pytest.fixture(scope="module")
def bucket() -> Iterator[tuple[s3fs.S3FileSystem, dict[str, Any]]]:
    """A file system on an S3 server with a bucket ``data``, and the options that reach it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    storage = {"endpoint_url": f"http://127.0.0.1:{port}", "key": "testing", "secret": "testing"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"},
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        system = s3fs.S3FileSystem(**storage, skip_instance_cache=True)
        system.makedirs("data", exist_ok=True)
        yield system, storage
    finally:
        server.terminate()
        server.wait(10)


class TestS3Folder(SourceContract):
    @pytest.fixture
    def source(self, bucket: tuple[s3fs.S3FileSystem, dict[str, Any]]) -> Source:
        system, storage = bucket
        for name, data in pets().items():
            system.pipe(f"data/a/{name}", data)
        return resolve("s3://data/a/", {"storage": storage})

    @pytest.fixture
    def changed(self, bucket: tuple[s3fs.S3FileSystem, dict[str, Any]]) -> Source:
        system, storage = bucket
        for name, data in pets(90).items():
            system.pipe(f"data/b/{name}", data)
        return resolve("s3://data/b/", {"storage": storage})

    @pytest.fixture
    def absent(self, bucket: tuple[s3fs.S3FileSystem, dict[str, Any]]) -> Source:
        return resolve("s3://data/none/", {"storage": bucket[1]})


def test_s3_files_patterns_and_archives(
    bucket: tuple[s3fs.S3FileSystem, dict[str, Any]],
) -> None:
    system, storage = bucket
    given = {"storage": storage}
    system.pipe("data/rows/day-1.csv", ROWS.encode())
    system.pipe("data/rows/day-2.csv", ROWS.replace("41", "42").encode())
    system.pipe("data/packed/pets.zip", zipped(pets()))
    assert len(resolve("s3://data/rows/day-1.csv", dict(given)).read()) == 2
    assert len(resolve("s3://data/rows/*.csv", dict(given)).read()) == 4
    assert len(resolve("s3://data/rows/", dict(given)).read()) == 4
    packed = resolve("s3://data/packed/pets.zip", dict(given)).read()
    assert packed.frame["label"].to_list() == ["cat", "cat", "dog"]
    source = resolve("s3://data/rows/*.csv", dict(given))
    before = source.fingerprint()
    assert before == source.fingerprint()
    system.pipe("data/rows/day-1.csv", ROWS.replace("41", "43").encode())
    assert source.fingerprint() != before
    with pytest.raises(DataError, match=r"data/rows/day-9\.csv"):
        resolve("s3://data/rows/day-9.csv", dict(given)).read()
    with pytest.raises(DataError, match="s3://nowhere/"):
        resolve("s3://nowhere/", dict(given)).read()


def test_web_files_folders_and_archives(web: tuple[str, Path]) -> None:
    url, root = web
    put(root, {f"pets/{name}": data for name, data in pets().items()})
    put(
        root, {"pets.zip": zipped(pets()), "rows/1.csv": ROWS.encode(), "rows/2.csv": ROWS.encode()}
    )
    assert len(resolve(f"{url}/rows/1.csv").read()) == 2
    assert len(resolve(f"{url}/rows/*.csv").read()) == 4
    assert len(resolve(f"{url}/rows/").read()) == 4
    for address in (f"{url}/pets/", f"{url}/pets.zip"):
        source = resolve(address)
        assert isinstance(source, Folder)
        dataset = source.read()
        assert dataset.frame["label"].to_list() == ["cat", "cat", "dog"]
        assert dataset.frame["image"].dtype == pl.Binary
        assert dataset.digest == ImageFolder(str(root / "pets.zip")).read().digest
        assert source.fingerprint() == resolve(address).fingerprint()
    named = resolve(f"{url}/pets/", {"format": "images", "size": [3, 3]})
    assert named.read().schema["image"].shape == (3, 3)
    assert named.fingerprint() != resolve(f"{url}/pets/").fingerprint()
    csv = resolve(f"{url}/rows/1.csv")
    before = csv.fingerprint()
    assert before == csv.fingerprint()
    put(root, {"rows/1.csv": (ROWS + "1,Cadiz\n").encode()})
    assert csv.fingerprint() != before


def test_labels_may_lie_beside_a_folder_on_the_web(web: tuple[str, Path]) -> None:
    url, root = web
    put(root, {f"scans/{number}.png": png(number) for number in (1, 2)})
    put(root, {"truth.csv": b"file,y\n1,a\n2,b\n"})
    source = resolve(f"{url}/scans/", {"format": "images", "labels": "truth.csv"})
    assert source.read().frame["y"].to_list() == ["a", "b"]
    assert source.fingerprint() == source.fingerprint()


def test_what_a_server_does_not_give_is_refused(web: tuple[str, Path]) -> None:
    url, root = web
    put(root, {"page.csv": b"<!DOCTYPE html><html>log in</html>", "bad.zip": zipped({"../x": b""})})
    with pytest.raises(DataError, match=r"nothing at .*none\.csv"):
        resolve(f"{url}/none.csv").read()
    with pytest.raises(DataError, match=r"does not exist|cannot be read"):
        resolve(f"{url}/none/").read()
    with pytest.raises(DataError, match=r"does not exist|cannot be read"):
        resolve(f"{url}/none/").fingerprint()
    with pytest.raises(DataError, match="Connect call failed"):
        resolve("http://127.0.0.1:1/none.csv").read()
    with pytest.raises(DataError, match="holds a web page"):
        resolve(f"{url}/page.csv").read()
    with pytest.raises(DataError, match=r"bad\.zip.*'../x' points outside"):
        resolve(f"{url}/bad.zip").read()
    put(root, {f"big/{number}.csv": b"a\n" + b"1\n" * 400_000 for number in (1, 2)})
    with pytest.raises(DataError, match="passes 1 MB"):
        resolve(f"{url}/big/", {"max_mb": 1}).read()
    for address in ("http://127.0.0.1:9/pets/", "http://127.0.0.1:9/a.csv"):
        with pytest.raises(DataError, match="cannot be read"):
            resolve(address).fingerprint()


def test_a_file_system_without_versions_is_read_to_know_its_content() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.pipe("/plain/a.csv", ROWS.encode())
    source = Csv("memory://plain/a.csv")
    before = source.fingerprint()
    memory.pipe("/plain/a.csv", ROWS.replace("41", "42").encode())
    assert source.fingerprint() != before
    assert len(resolve("memory://plain/").read()) == 2
    memory.rm("/plain", recursive=True)
