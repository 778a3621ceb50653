"""Simplified Chinese ↔ traditional Chinese, by words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal

from opencc import OpenCC

from lingqu.core.nouns import Dataset, Json
from lingqu.govern.text.patterns import has_han, whole
from lingqu.govern.text.pinned import hold, pin
from lingqu.govern.text.rewrite import Rewrite, Writer

Way = Literal[
    "t2s", "s2t", "tw2s", "tw2sp", "hk2s", "hk2sp", "s2tw", "s2twp", "s2hk", "s2hkp",
    "t2tw", "t2hk", "tw2t", "hk2t", "jp2t", "t2jp",
]  # fmt: skip


@dataclass
class ConvertChinese(Rewrite):
    """Write Chinese in one script; at training and at prediction alike.

    Why: 头发 and 頭髮 are one word to a reader and two to a model. Words decide, not characters:
    头发 becomes 頭髮 and 发展 becomes 發展. The package's dictionaries are pinned by version.

    Args:
        way: From and to: ``s`` simplified, ``t`` traditional, ``tw`` Taiwan, ``hk`` Hong Kong,
            ``jp`` Japanese; ``p`` at the end also exchanges regional words (软件 ↔ 軟體).
        columns: Only these columns; every text feature when empty.

    Example:
        >>> convert_chinese("头发的发展", "s2t"), convert_chinese("軟體", "tw2sp")
        ('頭髮的發展', '软件')

    Source: OpenCC (Apache-2.0), dictionaries and longest match.
    """

    name: ClassVar[str] = "convert_chinese"
    main: ClassVar[str] = "way"

    way: Way = "t2s"

    def learned(self, dataset: Dataset, names: list[str]) -> Mapping[str, Json]:
        return {"pin": pin("OpenCC", self._write)}

    def writer(self, name: str) -> Writer:
        hold(self.name, self.state["pin"], self._write)
        return self._write

    def _write(self, text: str) -> str:
        return convert_chinese(text, self.way)


def convert_chinese(text: str, way: Way = "t2s") -> str:
    """Return a text in the other script.

    Example:
        >>> convert_chinese("漢字")
        '汉字'
    """
    if has_han(text) is None:
        return text
    converted: str = _converter(way).convert(whole(text))
    return converted


@cache
def _converter(way: Way) -> OpenCC:
    return OpenCC(way)
