"""The same words with another version of a dictionary, or a clear refusal.

What a package answers is part of an operator that travels. Its state holds the version and the
answers on a few sentences; a release that meets another version asks again and opens only if the
answers agree. (The golden answers of the release prove the same of whole rows.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version

from lingqu.core import digest
from lingqu.core.errors import GateError
from lingqu.core.nouns import Json

Ask = Callable[[str], Json]

UNICODE = "unicodedata"
"""The tables of Python itself: their version is that of Unicode."""

PROBES = (
    "研究生命的起源，南京市长江大桥欢迎您。",
    "他说的确实在理，结婚的和尚未结婚的都来了。",
    "产品和服务都不错，性价比高，下次还会来！",
    "物流太慢了，客服态度差，差评。",
    "2024年5月1日，iPhone 15 Pro卖了8,999.50元。",
    "美国加州大学的学生喜欢北京天安门和T恤。",
    "今天天气真好啊😀我们去公园散步吧",
    "乾隆皇帝的头发与后来的发展，面条和皇后。",
    "軟體開發與網路滑鼠，計程車很貴。",
    "下雨天留客天留我不留，机器学习改变世界。",
    "The company's well-known café didn't open at 10:30.",
    "Ｆｕｌｌ－ｗｉｄｔｈ　①②㎏ ﬁne Å Straße ﾊﾝｶｸ",
    "Bonjour tout le monde, je suis très content.",
    "Das ist ein schöner Tag in München.",
    "El servicio fue muy bueno y rápido.",
    "これは日本語です。한국어 문장입니다. Привет, мир!",
)
"""Sentences of our own that stand on the edges of words, forms, scripts and languages."""


@cache
def installed(package: str) -> str:
    """Return the version of a package, or of the Unicode tables.

    Example:
        >>> installed(UNICODE)[:1].isdigit()
        True
    """
    return unicodedata.unidata_version if package == UNICODE else version(package)


def pin(package: str, ask: Ask, probes: Sequence[str] = PROBES) -> dict[str, Json]:
    """Return what a state must hold so that another version of `package` is noticed.

    Args:
        package: Name of the distribution, or `UNICODE`.
        ask: What the operator asks it of one sentence; the answer is JSON.
        probes: Sentences to ask.

    Example:
        >>> sorted(pin(UNICODE, str.lower, ["A"]))
        ['answers', 'package', 'probes', 'version']
    """
    return {
        "package": package,
        "version": installed(package),
        "probes": list(probes),
        "answers": [_digest(ask(probe)) for probe in probes],
    }


def hold(operator: str, pinned: Mapping[str, Json], ask: Ask) -> None:
    """Refuse a version of a package that answers differently from the one that was fitted with.

    Raises:
        GateError: Another version is installed, and an answer to a stored sentence differs.

    Example:
        >>> hold("normalise_text", pin(UNICODE, str.lower, ["A"]), str.upper)
    """
    now = installed(pinned["package"])
    if now == pinned["version"]:
        return
    pairs = zip(pinned["probes"], pinned["answers"], strict=True)
    differ = sum(_digest(ask(probe)) != answer for probe, answer in pairs)
    if differ:
        raise GateError(
            "text.other_version",
            operator=operator,
            package=pinned["package"],
            was=pinned["version"],
            now=now,
            probes=len(pinned["probes"]),
            differ=differ,
        )


def _digest(answer: Json) -> str:
    return digest.of_json(answer)[:16]
