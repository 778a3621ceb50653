"""Names for the parts of speech of English; apart from the tagger, which needs a package."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH_GROUPS: Mapping[str, tuple[str, ...]] = {
    "noun": ("NN",),
    "name": ("NNP",),
    "verb": ("VB", "MD"),
    "adjective": ("JJ",),
    "adverb": ("RB", "WRB"),
    "pronoun": ("PRP", "WP", "EX"),
    "determiner": ("DT", "PDT", "WDT"),
    "number": ("CD",),
    "preposition": ("IN", "TO"),
    "conjunction": ("CC",),
    "particle": ("RP", "POS"),
    "interjection": ("UH",),
}
"""Words for tags; each stands for every tag that begins so (``noun`` for NN, NNS, NNP, NNPS)."""
_TAGS = (
    "CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP SYM TO UH "
    "VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB"
)
ENGLISH_TAGS = frozenset(_TAGS.split())
"""Tags of the Penn Treebank."""
