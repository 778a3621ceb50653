"""Releases, packed once, and an empty workspace for the tests of `lingqu.outlets`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.outlets.outlet_samples import MODELS, make_release

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
    opened = open_home(tmp_path / "workspace")
    yield opened
    opened.close()
