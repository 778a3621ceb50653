"""Releases, packed once, and an empty workspace for the tests of `lingqu.outlets`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.outlets.asking import opened
from tests.outlets.outlet_samples import MODELS, make_release

from lingqu.outlets.served import Served
from lingqu.outlets.server import Server
from lingqu.release.release import Release
from lingqu.store.home import Home, open_home


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folder of each sample release; ``digits1`` is another model for the same images."""
    root = tmp_path_factory.mktemp("releases")
    for name in MODELS:
        make_release(root / name, name)
    make_release(root / "digits1", "digits", seed=1)
    return {path.name: path for path in root.iterdir()}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = open_home(tmp_path / "workspace")
    yield made
    made.close()


@pytest.fixture(scope="module")
def people(releases: dict[str, Path]) -> Served:
    return opened(releases["people"])


@pytest.fixture(scope="module")
def digits(releases: dict[str, Path]) -> Served:
    return opened(releases["digits"])


@pytest.fixture(scope="module")
def prices(releases: dict[str, Path]) -> Served:
    return opened(releases["prices"])


@pytest.fixture
def serve(home: Home) -> Iterator[Callable[..., Server]]:
    """Return what makes drivers; they are closed after the test."""
    made: list[Server] = []

    def server(channel: str = "digits", **options: Any) -> Server:
        made.append(Server(channel=channel, workspace=str(home.root), **options))
        return made[-1]

    yield server
    for driver in made:
        driver.close()


@pytest.fixture
def digests(home: Home, releases: dict[str, Path]) -> tuple[str, str]:
    """Two releases of one channel, in the blobs."""
    found = []
    for name in ("digits", "digits1"):
        found.append(Release.open(releases[name]).digest)
        shutil.copytree(releases[name], home.root / "blobs" / "releases" / found[-1])
    return found[0], found[1]
