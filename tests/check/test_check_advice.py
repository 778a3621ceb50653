"""What checks advise can be worded: advice is a bare key, so its text may ask for no facts."""

import re

import pytest
from tests.docs.doc_pages import ROOT

from lingqu.core.i18n import both

SOURCES = sorted((ROOT / "src" / "lingqu" / "check").glob("*.py"))
KEYS = {
    key
    for path in SOURCES
    for line in path.read_text(encoding="utf-8").splitlines()
    if "advice" in line or " if failed" in line
    for key in re.findall(r'"(check\.\w+)"', line)
} | {f"check.leak_{kind}" for kind in ("exact", "near", "time", "group", "target")}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_advice_is_a_sentence_in_both_languages(key: str) -> None:
    said = both(key)
    assert said["en"].endswith((".", "`")) and said["zh"] != said["en"]


def test_copies_on_both_sides_are_answered_by_a_split_that_can_be_written() -> None:
    for kind in ("exact", "near"):
        assert "`data: {split: distinct}`" in both(f"check.leak_{kind}")["en"]
