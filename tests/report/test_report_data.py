"""The data report: whole, small, offline, in both languages, and never fooled or stopped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.data_documents import PIXEL, data_document
from tests.report.test_report_html import HOSTILE, Page

from lingqu.core.messages.datareport import MESSAGES
from lingqu.report.data_bound import LIMIT, kept_small
from lingqu.report.data_html import SECTIONS, render_data
from lingqu.report.data_sections.cells import cell, differing, picture, written


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "en")


def outside(page: Page) -> list[str]:
    """Return the addresses that would leave the page."""
    names = ("href", "src", "action", "srcset", "data", "poster")
    links = [a[name] for _, a in page.elements for name in names if a.get(name)]
    return [
        link
        for link in map(str, links)
        if not link.startswith(("#", "data:image/")) and not re.fullmatch(r"[\w-]+\.html", link)
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every part of a document."""
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in parts:
        yield (*path, name)
        if isinstance(part, dict | list):
            yield from places(part, (*path, name))


def put(told: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value in the place of a part, unless an earlier one took the place away.

    A list or mapping may be absent or empty; what stands for one word is one word.
    """
    try:
        for name in path[:-1]:
            told = told[name]
        before = told[path[-1]]
        empty = value == "" and isinstance(before, dict | list)
        told[path[-1]] = type(before)() if empty else value
    except (TypeError, LookupError):
        return


class TestPage:
    def test_every_section_is_drawn_with_its_facts(self) -> None:
        page = Page(render_data(data_document()))
        assert [a["id"] for a in page.all("section")] == [name for name, _ in SECTIONS]
        for said in (
            "visits", "0.98 [0.97 – 0.99]", "No column holds dates.", "绍兴", "cut short", "房间",
            "range(age)",
            "There is no such column.", "training row 4", "test row 6", "good ≠ bad",
            "dedupe: copy", "41.5 → 42", "left out", "Columns that did not change: 1", "1.1 s",
            "手机号 90", "邮箱 2", "1.5 s, 8,000 Hz", "Other columns, by name: 2",
            "A sample.", "personal", "A note.", "very bad", "430",
        ):  # fmt: skip
            assert said in page.said, said

    def test_rows_are_told_as_a_person_counts_them(self) -> None:
        said = Page(render_data(data_document())).said
        # Kept from 0: the worst row, a pair, a copy with its original, a doubted label, a sample.
        for row in (3, 5, 7, 4, 2, 1):
            assert f"row {row + 1}" in said and f"第 {row + 1} 行" in said, row
        assert "row 7" not in said and "Rows are counted from 1" in said

    def test_a_number_that_is_not_known_says_why(self) -> None:
        said = Page(render_data(data_document())).said
        assert "Nobody judged the labels." in said and "没有评判过标签。" in said

    def test_it_needs_nothing_from_elsewhere(self) -> None:
        drawn = render_data(data_document())
        page = Page(drawn)
        assert outside(page) == []
        assert "http" not in re.sub(r'http-equiv="', "", drawn)
        policy = next(a["content"] for a in page.all("meta") if "http-equiv" in a)
        assert "default-src 'none'" in str(policy)

    def test_both_languages_are_there_and_one_is_chosen(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        english = render_data(data_document())
        assert '<html lang="en"' in english
        assert "What was done to the rows" in english and "对数据做了什么" in english
        monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
        chinese = render_data(data_document())
        assert '<html lang="zh-CN"' in chinese
        assert "What was done to the rows" in chinese and "对数据做了什么" in chinese

    def test_commands_can_be_copied(self) -> None:
        copied = {a.get("data-copy") for a in Page(render_data(data_document())).all("button")}
        assert "lingqu data undo visits abcdef123456" in copied
        assert "lingqu data undo visits --operator dedupe" in copied
        assert "lingqu data fix visits 'fedcba654321=very bad'" in copied

    def test_the_run_is_linked_only_where_it_lies_beside(self) -> None:
        told = data_document()
        assert 'href="20260101T000000-abc.html"' in render_data(told)
        told["identity"]["beside"] = "https://elsewhere/x.html"
        assert "elsewhere" not in render_data(told)

    def test_a_gap_says_what_would_fill_it(self) -> None:
        words = {"en": MESSAGES["datareport.gap_duplicates"][0], "zh": "没有查找重复"}
        gaps = [{"part": "duplicates", **words}]
        page = Page(render_data({"form": 1, "identity": {"name": "x"}, "gaps": gaps}))
        assert "Copies were not looked for" in page.said

    def test_what_the_data_say_stays_text(self) -> None:
        def hostile(value: Any) -> Any:
            if isinstance(value, dict):
                return {hostile(n) if n in ("town", "age") else n: hostile(v)
                        for n, v in value.items()}  # fmt: skip
            if isinstance(value, list):
                return [hostile(part) for part in value]
            return HOSTILE if isinstance(value, str) else value

        page = Page(render_data(hostile(data_document())))
        assert len(page.all("script")) == 1
        assert not any("onerror" in a for _, a in page.elements)
        assert outside(page) == []


class TestGaps:
    @pytest.mark.parametrize("path", sorted({p[:2] for p in places(data_document())}, key=str))
    def test_without_a_part_there_is_still_a_page(self, path: tuple[Any, ...]) -> None:
        told = deepcopy(data_document())
        holder: Any = told
        for name in path[:-1]:
            holder = holder[name]
        del holder[path[-1]]
        Page(render_data(told))

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_with_any_parts_missing_or_empty_there_is_still_a_page(self, data: Any) -> None:
        told = deepcopy(data_document())
        every = list(places(told))
        for path in data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=12)):
            put(told, path, data.draw(st.sampled_from([None, 0, ""])))
        page = Page(render_data(told))
        assert [a["id"] for a in page.all("section")] == [name for name, _ in SECTIONS]

    def test_an_empty_document_is_a_page_of_gaps(self) -> None:
        page = Page(render_data({}))
        assert "Nothing was scored" in page.said


class TestSize:
    def test_pictures_go_first_and_it_is_said(self) -> None:
        told = data_document()
        noise = "data:image/png;base64," + "A" * 60_000
        for row in range(20):
            told["labels"]["samples"].append(
                {"row": row, "given": "a", "suggested": "b", "cells": {"photo": {"picture": noise}}}
            )
        drawn = render_data(told)
        assert len(drawn.encode()) < 1_000_000
        assert "Pictures and sounds: left out" in drawn
        assert "房间" in drawn

    def test_a_small_page_keeps_its_pictures(self) -> None:
        assert PIXEL in render_data(data_document())

    def test_wide_data_stay_under_the_limits(self) -> None:
        told = data_document()
        card = told["columns"]["shown"][1]
        told["columns"]["shown"] = [
            {**card, "name": f"column {n} " + "x" * 300} for n in range(4000)
        ]
        before = deepcopy(told)
        small = kept_small(told)
        assert len(json.dumps(small).encode()) <= LIMIT
        assert told == before
        assert len(small["columns"]["shown"]) == 10
        assert small["columns"]["left"] == 2 + 3990
        assert any("Columns" in line["en"] for line in small["left_out"])
        assert len(render_data(told).encode()) < 1_000_000

    def test_rows_go_when_nothing_else_is_left(self) -> None:
        told = data_document()
        told["removed"]["samples"]["dedupe"] *= 500
        small = kept_small(told, 9_000)
        assert len(small["removed"]["samples"]["dedupe"]) <= 2
        assert small["columns"]["shown"][0]["profile"].get("core") is None
        assert small["left_out"]

    def test_with_hardly_any_room_the_head_is_left(self) -> None:
        small = kept_small(data_document(), 100)
        said = [line["en"] for line in small["left_out"]]
        for words in ("Pictures", "Shorter cards", "Tables", "Details", "Rows: none"):
            assert any(line.startswith(words) for line in said), words
        assert small["identity"]["name"] == "visits" and small["scores"][0]["value"] == 0.98
        assert small["labels"]["samples"] == [] and PIXEL not in json.dumps(small)
        Page(render_data(small))

    def test_a_document_that_fits_is_left_alone(self) -> None:
        told = data_document()
        assert kept_small(told) == told


class TestCells:
    @pytest.mark.parametrize(
        "address",
        [
            "https://elsewhere/x.png", "data:image/svg+xml;base64,AAAA", "javascript:alert(1)", 7,
            'data:image/png;base64,AAAA" onerror="x', "data:text/html;base64,AAAA",
        ],
    )  # fmt: skip
    def test_only_pictures_of_the_document_are_shown(self, address: Any) -> None:
        assert picture(address, {"en": "x", "zh": "x"}) == "–"

    def test_personal_and_missing_cells_say_so(self) -> None:
        assert "personal, not shown" in cell("***")
        assert "missing" in cell(None)
        assert cell([1.0, 2.5]) == "1, 2.5"

    @given(st.text(max_size=60), st.text(max_size=60))
    @settings(max_examples=60, deadline=None)
    def test_marks_change_no_letter(self, one: str, two: str) -> None:
        shown = [
            re.sub(r"</?mark>", "", part).replace("&lt;", "<").replace("&gt;", ">")
            .replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
            for part in differing(one, two)
        ]  # fmt: skip
        assert shown == [one, two]

    def test_equal_texts_have_no_mark(self) -> None:
        assert differing("同样", "同样") == ("同样", "同样")

    def test_numbers_are_written_as_the_data_have_them(self) -> None:
        assert [written(n) for n in (1997, 1997.0, -0.5, float("nan"), 1e20)] == [
            "1997", "1997", "-0.5", "nan", "1e+20",
        ]  # fmt: skip
