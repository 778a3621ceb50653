"""Phrases of gettext catalogues, and sentences whose words have tags."""

from __future__ import annotations

from pathlib import Path

from lingqu.data.asset_loaders import names, phrases, tagged
from lingqu.data.phrases import phrases_of

CATALOGUE = """\
# The header is no phrase.
msgid ""
msgstr ""
"Language: zh_Hans\\n"

#: gate.py:3
msgid "gate"
msgstr "闸门"

msgctxt "noun"
msgid ""
"a long "
"\\"lock\\"\\n"
msgstr "长\\t船闸"
#, fuzzy
msgid "doubted"
msgstr "可疑"

msgid "one boat"
msgid_plural "%d boats"
msgstr[0] "%d 只船"

msgid "unsaid"
msgstr ""

#~ msgid "given up"
#~ msgstr "弃用"

#, python-format
msgid "%s tons"
msgstr "%s 吨"
"""


def test_only_whole_sure_single_phrases_are_read(tmp_path: Path) -> None:
    file = tmp_path / "django.po"
    file.write_text(CATALOGUE, encoding="utf-8")
    assert phrases_of(file) == [
        ("gate", "闸门"), ('a long "lock"\n', "长\t船闸"), ("%s tons", "%s 吨"),
    ]  # fmt: skip


def test_phrases_know_the_part_they_come_from(tmp_path: Path) -> None:
    file = tmp_path / "admin" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid "a"\nmsgstr "甲"\n', encoding="utf-8")
    rows = phrases([file])
    assert rows.frame.rows() == [("a", "甲", "admin")]
    assert [column.kind for column in rows.schema] == ["text", "text", "category"]


def test_tagged_lines_hold_as_many_names_as_words(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("李/nr 伯/nr 在/p 兴安/ns 说/v 1/2/m\n\n", encoding="utf-8")
    frame = tagged([file]).frame
    assert frame.row(0) == (
        "李 伯 在 兴安 说 1/2", "nr nr p ns v m", "B-PER I-PER O B-LOC O O"
    )  # fmt: skip
    assert names(["nt", "ns", "nr"]) == ["B-ORG", "B-LOC", "B-PER"] and names([]) == []
