"""Releases, packed once, for the tests of `lingqu.outlets`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.outlets.outlet_samples import MODELS, make_release


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folder of each sample release; ``digits1`` is another model for the same images."""
    root = tmp_path_factory.mktemp("releases")
    for name in MODELS:
        make_release(root / name, name)
    make_release(root / "digits1", "digits", seed=1)
    return {path.name: path for path in root.iterdir()}
