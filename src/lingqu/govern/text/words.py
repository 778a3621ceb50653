"""Text → words, Chinese and English and both in one sentence. Nothing is lost between them.

Chinese is cut by jieba's dictionary and hidden Markov model (in Rust). What that would break
(addresses, words with an apostrophe or an accent, other alphabets, emoji) is set aside first, and
text without a Chinese character is read by one pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import rjieba

from lingqu.govern.text.patterns import (
    EMAIL,
    EMOJI,
    HANGUL,
    KANA,
    LETTERS,
    URL,
    han_runs,
    has_han,
    whole,
)

Word = tuple[str, int | None, str | None]
"""A word of a user's dictionary: the word, its frequency, its part of speech."""

Cut = Callable[[str], list[str]]
PACKAGE = "rjieba"
_FOREIGN = f"{LETTERS}{KANA}{HANGUL}"
_AMOUNT = r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?%?"
_CODE = r"(?<![A-Za-z])[A-Za-z]{1,3}(?:\+\+|#)(?![\w+#])"
_APART = (
    rf"(?P<x>{URL}|{EMAIL}|{EMOJI})|(?P<m>{_AMOUNT})"
    rf"|(?P<eng>(?<![A-Za-z])[A-Za-z]+['’][A-Za-z]+(?:['’][A-Za-z]+)*"
    rf"|(?<![A-Za-z])[A-Za-z]*[{_FOREIGN}][A-Za-z{_FOREIGN}]*)"
)
_TOKEN = re.compile(
    rf"{URL}|{EMAIL}|{EMOJI}|{_CODE}"
    r"|(?<![\w.])(?:[A-Za-z]\.){2,}|\d+(?:[.,:]\d+)+%?(?!\w)|\d+%"
    r"|[\w\u0300-\u036f]+(?:['’\-][\w\u0300-\u036f]+)*|\s+|.",
    re.DOTALL,
)


class Segmenter:
    """Cuts text into words, with the words of a user on top of the dictionary.

    Args:
        words: The user's words. A word without a frequency gets one that keeps it whole where
            its parts alone would win; a word that the dictionary's alphabet cannot hold (it has
            a blank, an emoji …) is set aside before the text is cut.
        hmm: Find words that are not in the dictionary by the hidden Markov model.
        chinese: False reads Chinese characters as if they were letters, and cuts nothing.

    Example:
        >>> Segmenter([("灵渠工程", None, None)]).words("灵渠工程很棒，I don't know C++!")
        ['灵渠工程', '很棒', '，', 'I', "don't", 'know', 'C++', '!']
    """

    def __init__(self, words: Sequence[Word] = (), hmm: bool = True, chinese: bool = True) -> None:
        self._hmm, self._chinese = hmm, chinese
        self._jieba = rjieba.Jieba()
        for word, frequency, tag in words:
            self._jieba.add_word(word, frequency, tag)
        self._tags = {word: tag or "nz" for word, _, tag in words}
        odd = [word for word, _, _ in words if self._jieba.cut(word, hmm) != [word]]
        own = "|".join(_bounded(word) for word in sorted(odd, key=lambda w: (-len(w), w)))
        self._own = re.compile(own).search if odd else None
        self._apart = re.compile(f"(?P<own>{own})|{_APART}" if odd else _APART)

    def pieces(self, text: str) -> list[str]:
        """Return the words and what stands between them: joined, they are the text."""
        text = whole(text)
        if not (self._chinese and has_han(text)):
            if self._own is None or self._own(text) is None:
                return _TOKEN.findall(text)
            return self._around(text, _TOKEN.findall)
        return self._around(text, self._cut)

    def words(self, text: str) -> list[str]:
        """Return the words, signs and numbers of a text, without blanks."""
        return [piece for piece in self.pieces(text) if not piece.isspace()]

    def tagged(self, text: str) -> list[tuple[str, str]]:
        """Return the words with their parts of speech, in jieba's tag set."""
        found: list[tuple[str, str]] = []
        text, end = whole(text), 0
        for match in self._apart.finditer(text):
            found += self._jieba.tag(text[end : match.start()], self._hmm)
            tag = match.lastgroup or "x"
            found.append((match[0], self._tags[match[0]] if tag == "own" else tag))
            end = match.end()
        found += self._jieba.tag(text[end:], self._hmm)
        known = self._tags.get
        return [(word, tag or known(word, "x")) for word, tag in found if not word.isspace()]

    def _cut(self, text: str) -> list[str]:
        found: list[str] = self._jieba.cut(text, self._hmm)
        return found

    def _around(self, text: str, cut: Cut) -> list[str]:
        """Cut what lies between the spans that stay whole."""
        found: list[str] = []
        end = 0
        for match in self._apart.finditer(text):
            if match.start() > end:
                found += cut(text[end : match.start()])
            found.append(match[0])
            end = match.end()
        if end == 0:
            return cut(text)
        return found + cut(text[end:]) if end < len(text) else found


@lru_cache(maxsize=8)
def segmenter(words: tuple[Word, ...] = (), hmm: bool = True, chinese: bool = True) -> Segmenter:
    """Return a segmenter, made once for each dictionary: making one takes 0.1 s.

    Example:
        >>> segmenter().words("我爱北京天安门")
        ['我', '爱', '北京', '天安门']
    """
    return Segmenter(words, hmm, chinese)


def is_segmented(texts: Iterable[str]) -> bool:
    """Tell whether blanks already separate the words of Chinese texts.

    They do when at least 70 % of the runs of Chinese characters are one word or one character.
    Text without Chinese is not segmented: its words are still to be parted from its signs.

    Example:
        >>> is_segmented(["我 爱 北京 天安门"]), is_segmented(["我爱北京天安门"])
        (True, False)
    """
    cut = segmenter().pieces
    runs = [run for text in texts for run in han_runs(text)]
    alone = sum(len(run) == 1 or len(cut(run)) == 1 for run in runs)
    return bool(runs) and alone >= 0.7 * len(runs)


def is_word(token: str) -> bool:
    """Tell a word or number from a sign: it holds a letter, a digit or an emoji.

    Example:
        >>> [is_word(token) for token in ("灵渠", "C++", "，", "...", "😀")]
        [True, True, False, False, True]
    """
    return _WORD(token) is not None


_WORD = re.compile(rf"[^\W_]|{EMOJI}").search


def _bounded(word: str) -> str:
    """Return a pattern of the word that does not begin or end inside a Latin word."""
    before = r"(?<![A-Za-z0-9])" if re.match(r"[A-Za-z0-9]", word) else ""
    after = r"(?![A-Za-z0-9])" if re.search(r"[A-Za-z0-9]$", word) else ""
    return before + re.escape(word) + after
