"""One way to write a text: forms, widths, blanks, invisible characters, markup, addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Dataset, Json
from lingqu.govern.text.markup import without_markup
from lingqu.govern.text.patterns import EMAIL, URL, whole
from lingqu.govern.text.pinned import UNICODE, hold, pin
from lingqu.govern.text.rewrite import Rewrite, Writer

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_WIDTHS: Mapping[str, Mapping[int, int]] = {
    "all": _WIDE,
    "letters": {wide: code for wide, code in _WIDE.items() if code == 32 or chr(code).isalnum()},
}
_LINES = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
_JOINERS = re.compile("[\u200c\u200d]+")
_PLAIN = "\\s\x00-\u024f\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef"
# Between Latin letters, Chinese characters and blanks a joiner joins nothing; in Persian, in
# Hindi and inside an emoji it is part of the spelling.
_IDLE = re.compile(f"(?:(?<=[{_PLAIN}])|\\A)[\u200c\u200d]|[\u200c\u200d](?=[{_PLAIN}]|\\Z)")
_URL, _EMAIL = re.compile(URL), re.compile(EMAIL)
_NUMBER = re.compile(r"[0-9]+(?:[.,:][0-9]+)*")


@dataclass
class NormaliseText(Rewrite):
    """Write every text in one way; at training and at prediction alike.

    Why: a model that learnt ``ＡＢＣ``, ``A&amp;B`` or a zero-width space as words of their own
    does not know them in the next text. Nothing is learnt but the version of the Unicode tables.

    Args:
        columns: Only these columns; every text feature when empty.
        form: Unicode form: ``NFC`` keeps what is seen, ``NFKC`` also writes ① as 1 and ﬁ as fi
            (and Chinese signs as ASCII ones), ``none`` leaves it.
        half_width: Full-width characters to ASCII: ``letters`` (letters, digits and the blank,
            so that ，。！ stay Chinese), ``all`` or ``none``.
        html: Take out elements, comments and scripts; write entities as characters.
        invisible: Take out control, zero-width and direction characters.
        blanks: ``lines`` writes runs of blanks as one and keeps line breaks, ``one`` writes line
            breaks as blanks too, ``keep`` leaves them.
        case: ``keep``, ``lower`` or ``fold`` (also ß to ss).
        urls: What stands for a web address: a text, ``""`` to delete it, null to keep it.
        emails: The same for an e-mail address.
        digits: The same for a number: ``"0"``.
        repeats: Longest run of one character (not of digits) that stays; 0 keeps all.

    Example:
        >>> normalise_text("ＡＢＣ&nbsp;<b>１２</b>\\u200b，  好")
        'ABC 12， 好'

    Source: Unicode Standard Annex 15 (normalisation forms), 2023; UAX 11 (width). Own: which
        joiners are idle and which elements are markup.
    """

    name: ClassVar[str] = "normalise_text"
    main: ClassVar[str] = "columns"

    form: Literal["NFC", "NFKC", "none"] = "NFC"
    half_width: Literal["letters", "all", "none"] = "letters"
    html: bool = True
    invisible: bool = True
    blanks: Literal["lines", "one", "keep"] = "lines"
    case: Literal["keep", "lower", "fold"] = "keep"
    urls: str | None = None
    emails: str | None = None
    digits: str | None = None
    repeats: int = 0

    def learned(self, dataset: Dataset, names: list[str]) -> Mapping[str, Json]:
        if self.repeats < 0:
            raise SpecError(
                "text.bad_range",
                operator=self.name,
                option="repeats",
                received=self.repeats,
                expected="≥ 0",
            )
        return {"pin": pin(UNICODE, self._write())}

    def writer(self, name: str) -> Writer:
        write = self._write()
        hold(self.name, self.state["pin"], write)
        return write

    def _write(self) -> Writer:
        steps: list[Callable[[str], str]] = [whole]
        if self.html:
            steps.append(without_markup)
        if self.form != "none":
            steps.append(partial(unicodedata.normalize, self.form))
        if self.half_width != "none":
            widths = _WIDTHS[self.half_width]
            steps.append(lambda text: text.translate(widths))
        if self.invisible:
            steps.append(visible)
        for pattern, mark in ((_EMAIL, self.emails), (_URL, self.urls), (_NUMBER, self.digits)):
            if mark is not None:
                steps.append(partial(_replaced, pattern, mark))
        if self.repeats:
            runs = re.compile(rf"([^0-9\s])\1{{{self.repeats},}}")
            steps.append(lambda text: runs.sub(lambda run: run[1] * self.repeats, text))
        if self.case != "keep":
            steps.append(str.lower if self.case == "lower" else str.casefold)
        if self.blanks != "keep":
            steps.append(_one_line if self.blanks == "one" else _lines)
        return partial(_through, tuple(steps))


def normalise_text(text: str, **options: object) -> str:
    """Return one text as `NormaliseText` with these options writes it.

    Example:
        >>> normalise_text("见 https://a.cn/b。", urls="网址")
        '见 网址。'
    """
    return NormaliseText(**options)._write()(text)  # type: ignore[arg-type]


def visible(text: str) -> str:
    """Return the text without characters that nobody sees; odd line ends become ``\\n``.

    Example:
        >>> visible("灵\\u200b渠\\ufeff 👩\u200d⚕️")
        '灵渠 👩\u200d⚕️'
    """
    text = _INVISIBLE.sub("", _LINES.sub("\n", text))
    if "\u200c" in text or "\u200d" in text:
        text = _IDLE.sub("", _JOINERS.sub(lambda run: run[0][0], text))
    return text


def _replaced(pattern: re.Pattern[str], mark: str, text: str) -> str:
    return pattern.sub(lambda _: mark, text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines())))


def _through(steps: tuple[Callable[[str], str], ...], text: str) -> str:
    for step in steps:
        text = step(text)
    return text
