"""Every test speaks English, has one core, finds the real data; the longest come first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["LINGQU_LANGUAGE"] = "en"
# As many processes as cores: with more threads than one in each, they would wait by spinning.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Where `make test` unpacks the packages that hold real data.
os.environ.setdefault("LINGQU_ASSETS", str(Path(__file__).resolve().parent.parent / ".assets"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests, the pages of the docs, in every process.

    ``--dist worksteal`` cuts the list into as many parts as there are processes; whoever is done
    takes from the end of another's part, so that what is left for the end must be short. Pages
    that begin in the same folder stay in one part, where it is made once.
    """
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    pages = [item for item in items if is_page(item)]
    others = [item for item in items if not is_page(item)]
    ordered: list[pytest.Item] = []
    for share in range(shares):
        first = pages[len(pages) * share // shares : len(pages) * (share + 1) // shares]
        # As the scheduler cuts it: an equal part of what is left for each that is left.
        size = (len(items) - len(ordered)) // (shares - share)
        rest = max(0, size - len(first))
        ordered += [*first, *others[:rest]]
        del others[:rest]
    items[:] = ordered + others


def is_page(item: pytest.Item) -> bool:
    """Return whether a test walks a page of the docs."""
    return item.path.parent.name == "docs" and item.get_closest_marker("slow") is not None
