"""What the docs show is true: channels are valid, commands run and print what stands there."""

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from tests.docs.doc_pages import ROOT, Block, Step, blocks, failures, masked, steps

from lingqu.core.spec import Channel

EN = sorted((ROOT / "docs" / "en").rglob("*.md"))
EXAMPLES = sorted((ROOT / "examples").glob("*/README.md"))
HOW_TO = [path for path in EN if path.parent.name == "how-to" and path.stem != "index"]
READMES = [ROOT / "README.md"]
BASE = "channel: clinic\ndata: d.csv\ntrain: {task: classify, target: t}\n"
SERVICES = "postgres-and-s3"


def chinese(path: Path) -> Path:
    """Return the Chinese page beside an English one."""
    if path.name == "README.md":
        return path.with_name("README.zh-CN.md")
    return ROOT / "docs" / "zh" / path.relative_to(ROOT / "docs" / "en")


def every_page() -> list[Path]:
    english = [*EN, *EXAMPLES, *READMES]
    return [*english, *map(chinese, english)]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands(path: Path) -> list[str]:
    """Return what a page runs and declares, without ids that differ from run to run."""
    found = []
    for block in blocks(path.read_text(encoding="utf-8")):
        if block.language == "console":
            found += [f"{masked(step.command)} → {step.expected}" for step in steps(block)]
        elif block.language in ("yaml", "python", "toml"):
            found.append(re.sub(r"#.*", "", block.text))
    return found


def shown(path: Path) -> list[Step]:
    return [
        step
        for block in blocks(path.read_text(encoding="utf-8"))
        if block.language == "console"
        for step in steps(block)
    ]


def channels(path: Path) -> list[Block]:
    return [b for b in blocks(path.read_text(encoding="utf-8")) if b.language == "yaml"]


def holds(wrong: list[str]) -> None:
    """Fail with what the page shows that was not printed, and what was."""
    assert not wrong, "\n".join(wrong[:80])


def test_both_languages_have_the_same_pages() -> None:
    assert len(EN) > 20
    there = sorted((ROOT / "docs" / "zh").rglob("*.md"))
    assert there == sorted(map(chinese, EN))


@pytest.mark.parametrize("page", [*EN, *EXAMPLES, *READMES], ids=named)
def test_both_languages_run_and_declare_the_same(page: Path) -> None:
    assert commands(page) == commands(chinese(page))


FIGURE = re.compile(r"(?<![\w./:-])-?\d+(?:\.\d+)?(?![\w/:-])")
NAME = re.compile(r"(?=\w*[g-z_])[a-z_]\w*(?:\.\w+)?(?:\([^)\s]*\))?")
"""What a line is about in both languages: a measure, an algorithm, an operator; no digest."""


def figures(lines: list[str]) -> dict[str, list[float]]:
    """Return the figures of each line that begins with a name which stands there once."""
    found: dict[str, list[list[float]]] = {}
    for line in lines:
        name, _, rest = line.partition(" ")
        if NAME.fullmatch(name):
            found.setdefault(name, []).append([float(figure) for figure in FIGURE.findall(rest)])
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}


@pytest.mark.parametrize("page", [*EN, *EXAMPLES, *READMES], ids=named)
def test_both_languages_show_the_same_figures(page: Path) -> None:
    """The pages were walked apart: times and counts of folds may differ, results hardly."""
    for english, chinese_step in zip(shown(page), shown(chinese(page)), strict=True):
        one, two = figures(english.shown), figures(chinese_step.shown)
        for name in (name for name in one.keys() & two.keys() if one[name] and two[name]):
            assert len(one[name]) == len(two[name]), (english.command, name, one, two)
            for a, b in zip(one[name][:1], two[name][:1], strict=True):
                assert abs(a - b) <= max(0.05, 0.1 * max(abs(a), abs(b))), (name, a, b)


@pytest.mark.parametrize("page", every_page(), ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not link.startswith("http"):
            assert (page.parent / unquote(link)).exists(), link


@pytest.mark.parametrize("page", every_page(), ids=named)
def test_links_to_headings_exist(page: Path) -> None:
    for link, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        target = (page.parent / link if link else page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", target, re.M)
        known = {re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in headings}
        assert anchor in known | set(re.findall(r'<a id="([^"]+)"', target)), (link, anchor)


@pytest.mark.parametrize("page", [p for p in every_page() if channels(p)], ids=named)
def test_every_channel_is_valid_or_the_page_says_it_is_not(page: Path) -> None:
    for block in channels(page):
        if block.words == "wrong.yaml":
            continue  # the next command of the page shows how it is refused
        if "log_sizes" in block.text:
            continue  # names the plug-in that the page makes; run below
        given = f"govern:\n{block.text}" if block.text.startswith("- ") else block.text
        text = given if "channel:" in given else BASE + given
        channel = Channel.parse(text)
        channel.validate_pieces()


def test_pages_are_finished() -> None:
    for page in every_page():
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"^(~|\?\?\? )", text, re.M), page
        assert "/tmp/" not in text, page


def test_a_page_that_lies_is_found(tmp_path: Path) -> None:
    page, folder = tmp_path / "page.md", tmp_path / "work"
    folder.mkdir()
    page.write_text("```console\n$ echo one 12\none 34\n$ false\n$ echo two\nthree\n```\n")
    assert failures(page, folder) == [
        "$ false (exit 1)",
        "printed:",
        "$ echo two (exit 0)",
        "three",
        "printed:",
        "two",
    ]


def test_the_id_of_a_key_may_have_no_digit(tmp_path: Path) -> None:
    page, folder = tmp_path / "page.md", tmp_path / "work"
    folder.mkdir()
    page.write_text(
        "```console\n$ echo Key lq_ttayjfwc_secret\nKey lq_c53twefd_other\n"
        "$ echo ttayjfwc open\nc53twefd open\n$ echo elsewhere open\nc53twefd open\n```\n"
    )
    assert failures(page, folder)[:2] == ["$ echo elsewhere open (exit 0)", "c53twefd open"]


@pytest.mark.slow
def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    holds(failures(ROOT / "docs" / "en" / "tutorial.md", folder))


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the how-to pages begin, made as their index says."""
    folder = tmp_path_factory.mktemp("clinic") / "work"
    folder.mkdir()
    holds(failures(ROOT / "docs" / "en" / "how-to" / "index.md", folder))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", HOW_TO, ids=named)
def test_a_how_to_page_does_what_it_says(
    page: Path, clinic: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(clinic, folder)
    services = None
    if page.stem == SERVICES:
        services = addresses(
            request.getfixturevalue("postgres_server"), request.getfixturevalue("s3_server")
        )
    holds(failures(page, folder, services))


IN_CHINESE = (
    "api", "audit", "contract", "init", "keep-house", "keys", "list", "media", "plan", "privacy",
    "text", "versions",
)  # fmt: skip
"""Pages walked in Chinese too: those that train little. Of the others the figures are compared."""


@pytest.fixture(scope="module")
def chinese_clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder, made in Chinese."""
    folder = tmp_path_factory.mktemp("clinic-zh") / "work"
    folder.mkdir()
    holds(failures(ROOT / "docs" / "zh" / "how-to" / "index.md", folder))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_CHINESE)
def test_a_chinese_page_does_what_it_says(name: str, chinese_clinic: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    shutil.copytree(chinese_clinic, folder)
    holds(failures(ROOT / "docs" / "zh" / "how-to" / f"{name}.md", folder))


def addresses(postgres: str, s3: str) -> dict[str, Any]:
    """Return what stands here for the addresses in the page on Postgres and S3."""
    return {
        "postgresql://lingqu:secret@db.example:5432/lingqu": f"'{postgres}'",
        "https://s3.example": s3,
    }


@pytest.mark.slow
@pytest.mark.parametrize("page", EXAMPLES, ids=named)
def test_an_example_shows_its_real_output(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    ignored = shutil.ignore_patterns("README*", ".lingqu")
    shutil.copytree(page.parent, folder, ignore=ignored)
    holds(failures(page, folder))


@pytest.mark.slow
def test_the_readme_does_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    holds(failures(ROOT / "README.md", folder))
