"""The catalogue: names without imports, options checked, third parties by entry point."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lingqu.core import catalog
from lingqu.core.errors import SpecError

PLUGIN = """
from dataclasses import dataclass
from typing import ClassVar

@dataclass
class Shout:
    name: ClassVar[str] = "shout"
    main: ClassVar[str] = "word"
    word: str = "hey"
    times: int = 1

@dataclass
class Silent:
    name: ClassVar[str] = "silent"
    main: ClassVar[str] = ""
"""
POINTS = """
[lingqu.operators]
shout = shouting:Shout
silent = shouting:Silent
orphan = lonely:Orphan
broken = shouting_broken:Broken
dedupe = shouting:Shout
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a third party's distribution: a module and its entry points."""
    (tmp_path / "shouting.py").write_text(PLUGIN)
    (tmp_path / "lonely.py").write_text("import a_package_that_nobody_has\n")
    (tmp_path / "shouting_broken.py").write_text("import lingqu.no_such_room\n")
    info = tmp_path / "shouting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    catalog.names.cache_clear()
    yield
    for name in ("shouting", "lonely", "shouting_broken"):
        sys.modules.pop(name, None)
    catalog.names.cache_clear()


def test_listing_names_imports_nothing_heavy() -> None:
    code = (
        "import sys; from lingqu.core import catalog; "
        "[catalog.names(family) for family in catalog.TABLES]; "
        "heavy = {'polars', 'numpy', 'pandas', 'sqlalchemy', 'sklearn', 'torch', 'pydantic'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("family", catalog.TABLES)
def test_every_family_lists_dotted_paths(family: catalog.Family) -> None:
    found = catalog.names(family)
    assert found
    assert all(path.count(":") == 1 for path in found.values())


def test_near_names() -> None:
    assert catalog.near("Impte", ["impute", "mask"]) == "impute"
    assert catalog.near("zzz", ["b", "a"]) == "a, b"
    assert len(catalog.near("zzz", [str(n) for n in range(20)]).split(", ")) == 8


def test_an_unknown_name_gives_near_names() -> None:
    with pytest.raises(SpecError) as caught:
        catalog.load("operators", "imputee", "`govern[1]` (channel.yaml line 3)")
    assert caught.value.key == "core.unknown_piece"
    assert "`govern[1]` (channel.yaml line 3) names 'imputee'" in str(caught.value)
    assert "impute" in caught.value.facts["near"]


@pytest.mark.usefixtures("plugin")
def test_a_third_party_adds_names_but_takes_none_away() -> None:
    assert catalog.names("operators")["shout"] == "shouting:Shout"
    assert catalog.names("operators")["dedupe"].startswith("lingqu.")


@pytest.mark.usefixtures("plugin")
def test_options_bare_values_and_defaults() -> None:
    assert catalog.build("operators", "shout").word == "hey"
    assert catalog.build("operators", "shout", "ho").word == "ho"
    built = catalog.build("operators", "shout", {"times": 3, "word": "ho"})
    assert (built.word, built.times) == ("ho", 3)
    assert catalog.build("operators", "silent", {}) == catalog.build("operators", "silent")


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("name", "options", "option"),
    [
        ("shout", {"tmes": 3}, "tmes"),
        ("shout", {"times": "many"}, "times"),
        ("shout", [1, 2], "word"),
        ("silent", "ho", "ho"),
        ("silent", {"word": "ho"}, "word"),
    ],
)
def test_wrong_options_are_refused(name: str, options: object, option: str) -> None:
    with pytest.raises(SpecError) as caught:
        catalog.build("operators", name, options, "`govern[0]` (channel.yaml line 2)")
    assert caught.value.key == "core.bad_option"
    assert caught.value.facts["option"] == option
    assert str(caught.value).startswith("`govern[0]` (channel.yaml line 2): ")


@pytest.mark.usefixtures("plugin")
def test_a_missing_package_names_the_extra() -> None:
    with pytest.raises(SpecError) as caught:
        catalog.load("operators", "orphan")
    assert caught.value.key == "core.missing_extra"
    assert caught.value.facts["package"] == "a_package_that_nobody_has"
    assert 'pip install "lingqu[' in str(caught.value)


@pytest.mark.usefixtures("plugin")
def test_a_missing_module_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_room"):
        catalog.load("operators", "broken")


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("options", "english", "chinese"),
    [
        ({"times": "many"}, "Expected a whole number; received 'many'", "应为整数；收到 'many'"),
        ({"tmes": 3}, "it has no such option. Expected times", "没有这个选项"),
        ({"word": 5}, "Expected text; received 5", "应为文字；收到 5"),
    ],
)
def test_refusals_are_in_the_language_of_the_reader(
    options: object, english: str, chinese: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SpecError) as caught:
        catalog.build("operators", "shout", options)
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")
    assert english in str(caught.value)
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    assert chinese in str(caught.value)
