"""The reference pages are what the code says, and nothing in the code lacks its line."""

import re
from pathlib import Path

import pytest
from tests.docs.doc_pages import ROOT

from lingqu.cli.reference import MEASURES, write
from lingqu.core import catalog
from lingqu.core.messages.catalogue import MESSAGES
from lingqu.core.metrics import METRICS


def test_the_pages_in_the_docs_are_the_generated_ones(tmp_path: Path) -> None:
    written = write(tmp_path)
    assert len(written) == 6
    for path in written:
        page = ROOT / "docs" / path.relative_to(tmp_path)
        assert page.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), (
            f"{page} is old: make docs"
        )


@pytest.mark.parametrize("family", catalog.TABLES)
def test_every_entry_has_a_line_in_both_languages(family: catalog.Family) -> None:
    ours = {n for n, path in catalog.names(family).items() if path.startswith("lingqu.")}
    assert ours
    assert ours == {
        key.partition("_")[2] for key in MESSAGES if key.startswith(f"catalogue.{family}_")
    }


def test_every_measure_has_a_line_and_every_line_a_measure() -> None:
    # Within a check a name may stand with and without a column; two checks never share one.
    bases = [{m.partition("(")[0] for m in measures} for measures in MEASURES.values()]
    listed = set().union(*bases)
    assert len(listed) == sum(map(len, bases))
    assert all(len(measures) == len(set(measures)) for measures in MEASURES.values())
    lines = {key for key in MESSAGES if key.startswith("catalogue.measure_")}
    assert len(lines) == len(listed)
    assert lines == {f"catalogue.measure_{name.replace('.', '_')}" for name in listed}
    assert set(METRICS) <= {measure.partition("(")[0] for measure in MEASURES["metrics"]}


def test_every_measure_of_a_check_is_listed_where_its_source_names_it() -> None:
    """A measure that a check writes in full must be in the page; rules are copied from there."""
    listed = {m.partition("(")[0] for measures in MEASURES.values() for m in measures}
    source = ROOT / "src" / "lingqu" / "check"
    named = re.compile(rf'"((?:{"|".join(MEASURES)})\.[a-z0-9_]+)"')
    written = {
        measure for path in source.glob("*.py") for measure in named.findall(path.read_text())
    }
    assert len(written) > 10
    assert written <= listed
