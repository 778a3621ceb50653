"""A workspace of one's own, and a folder in which a channel was walked already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.routed import NAME, with_releases
from tests.walked import walked

from lingqu.flow import routing
from lingqu.outlets.server import Server
from lingqu.store.folders import release_folder
from lingqu.store.home import Home, open_home
from lingqu.workspace import Workspace


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = open_home(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`channel.yaml`, `people.csv` and `.lingqu` with one finished run."""
    return walked(tmp_path / "walked")


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with Workspace(folder / ".lingqu") as opened:
        yield opened


@pytest.fixture
def digests(home: Home, tmp_path: Path) -> list[str]:
    """Two approved releases of a channel of digits; the first of them answers."""
    found = with_releases(home, tmp_path, 0, 1)
    routing.switch(home, NAME, found[0], reason="deploy")
    return found


@pytest.fixture
def server(home: Home, digests: list[str]) -> Iterator[Server]:
    """Two processes at one address, in which the first release answers."""
    opened = Server(channel=NAME, workspace=str(home.root), processes=2)
    try:
        opened.open(str(release_folder(home, digests[0])))
        yield opened
    finally:
        opened.close()
