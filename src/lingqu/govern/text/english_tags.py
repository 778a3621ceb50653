"""Parts of speech of English words, by the lexicon and rules that come with textblob."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from textblob.en import tag as _tag

from lingqu.govern.text.words import Word, segmenter

with warnings.catch_warnings():
    # The first use reads the lexicon, and leaves closing its file to the interpreter.
    warnings.simplefilter("ignore", ResourceWarning)
    _tag("a word", tokenize=False)

_SPOKEN = re.compile(r"[^\W_]")
_SHORT = re.compile(r"(?P<word>\w+?)(?:n['’]t|['’](?:s|re|ve|ll|d|m))", re.IGNORECASE)


class EnglishTagger:
    """Cuts English texts into words and tells their parts of speech.

    A short form (``don't``, ``they're``) stays one word and has the tag of its first part.

    Args:
        words: Words of the user, which stay whole; one with a tag has that tag.

    Example:
        >>> EnglishTagger().tagged("They didn't clean the noisy rooms.")[1:5]
        [("didn't", 'VBD'), ('clean', 'JJ'), ('the', 'DT'), ('noisy', 'JJ')]

    Source: Brill, "A simple rule-based part of speech tagger", 1992, doi:10.3115/974499.974526;
        tags: Marcus et al., "Building a large annotated corpus of English: the Penn Treebank",
        1993. The lexicon and rules are those of Pattern (De Smedt and Daelemans, 2012).
    """

    def __init__(self, words: Sequence[Word] = ()) -> None:
        self._cutter = segmenter(tuple(words), chinese=False)
        self._tags = {word: tag for word, _, tag in words if tag}

    def tagged(self, text: str) -> list[tuple[str, str]]:
        """Return the words with their tags, in the order of the text."""
        words = self._cutter.words(text)
        if not words:
            return []
        asked = " ".join(_first(word).replace(" ", "_") for word in words)
        tags = [tag for _, tag in _tag(asked, tokenize=False)]
        return [(word, self._told(word, tag)) for word, tag in zip(words, tags, strict=True)]

    def _told(self, word: str, tag: str) -> str:
        """Return the user's tag of a word, else the tagger's; a sign is never a noun."""
        sign = tag.startswith("NN") and _SPOKEN.search(word) is None
        return self._tags.get(word, "SYM" if sign else tag)


def _first(word: str) -> str:
    short = _SHORT.fullmatch(word)
    return short["word"] if short else word
