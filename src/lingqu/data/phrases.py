"""Phrases and their translations out of a gettext catalogue, a ``.po`` file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_LINE = re.compile(r'^(?P<word>msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)?\s*"(?P<said>.*)"$')
_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass
class _Entry:
    """One entry while it is read: what stands after each of its words."""

    parts: dict[str, list[str]] = field(default_factory=dict)
    doubted: bool = False

    def pair(self) -> tuple[str, str] | None:
        """Return phrase and translation; None of a plural, a doubted or an empty one."""
        phrase, said = ("".join(self.parts.get(name, ())) for name in ("msgid", "msgstr"))
        if self.doubted or "msgid_plural" in self.parts or not phrase.strip() or not said.strip():
            return None
        return phrase, said


def phrases_of(path: Path) -> list[tuple[str, str]]:
    """Return phrases with their translations, as they follow each other.

    Left out are the header, phrases without a translation, those marked as doubtful ("fuzzy"),
    those that were given up, and those with a plural, whose forms differ in number between
    languages.

    Args:
        path: A ``.po`` file in UTF-8.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder) / "canal.po"
        ...     _ = file.write_text('msgid "lock"\\nmsgstr "船闸"\\n', encoding="utf-8")
        ...     phrases_of(file)
        [('lock', '船闸')]

    Source: GNU gettext manual, section 3.1, "The Format of PO Files".
    """
    found = (entry.pair() for entry in _entries(path.read_text(encoding="utf-8")))
    return [pair for pair in found if pair is not None]


def _entries(text: str) -> Iterator[_Entry]:
    """Yield entries; a line without any, or a comment behind a translation, begins a new one."""
    entry, word = _Entry(), ""
    for line in (*map(str.strip, text.splitlines()), ""):
        said = _LINE.match(line)
        if said is None:
            if "msgstr" in word:
                yield entry
                entry, word = _Entry(), ""
            entry.doubted |= line.startswith("#,") and "fuzzy" in line
            continue
        begins = said["word"]
        if begins in ("msgctxt", "msgid") and "msgstr" in word:
            yield entry
            entry = _Entry()
        word = begins or word
        entry.parts.setdefault(word, []).append(_ESCAPED.sub(_meant, said["said"]))


def _meant(found: re.Match[str]) -> str:
    return _MEANT.get(found[1], found[1])
