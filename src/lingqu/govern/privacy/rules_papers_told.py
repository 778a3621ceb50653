"""What an English word right before a number makes it the number of.

Source: Own: a noun in front names what is numbered (``locker H12345678``); behind a verb, a
preposition, a name of a person or a comma the number stands for the thing itself.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.rules import before, words

_PAPERS = re.compile(
    r"(?:\bdoc(?:ument)?s?|\bids?|identity|identification|passports?|\bppt|permits?|\bpass|\bcard|"
    r"papers?|\beep|\bhrp|\bmtp|\bhkmo?)[\W_]{0,3}(?:(?:no|nr|num|number|type|id|used|code|is|was|"
    r"are|of|reads?|shown|one)\b[\W_]{0,3}){0,3}$",
    re.IGNORECASE,
)
_LAST = re.compile(r"(?P<word>[A-Za-z][A-Za-z'’.-]*)(?P<sign>\W*)$")
_LEADS = re.compile(
    r"(?:\b(?:numbers?|no|nr|num|code|id|ref)\b\W*)?(?:\b(?:is|was|are|were|being|reads?)\b\W*)?$",
    re.IGNORECASE,
)
_DOES = re.compile(r"\b(?:to|will|can|must|should|may|did|does|not|i|we|they|you) $", re.IGNORECASE)
_FREE = frozenset(
    words(
        "a an the on in at to of with by for from and or as is was are were be been under against "
        "via per that this it its than then now not no only also holds hold held shows show shown "
        "reads read took kept gave sent lost found presents present use uses using carries carry "
        "wrote writes typed copied says said gets got has had have bears bear into onto about "
        "between after before because whether if when while holding carrying showing presenting "
        "old new previous current former full correct right wrong same other first second last "
        "see replaces matches belongs scanned entered checked submitted received provided returned "
        "quoting quote down up out off over "
        "named number numbers nr mine hers his ours theirs me him her us them both"
    )
)
_PEOPLE = frozenset(
    words(
        "passenger passengers guest guests traveller travellers traveler travelers visitor "
        "visitors holder holders resident residents student students member members name names "
        "list lists details applicant applicants owner national nationals citizen citizens "
        "tourist tourists crew pilgrim pilgrims woman man wife husband mother father son daughter "
        "child children british irish french german italian spanish dutch swiss korean japanese "
        "chinese indian thai filipino canadian american australian male female adult minor "
        "clerk user client"
    )
)


def thing(text: str, start: int) -> str:
    """Return the noun right before a number that names another thing; nothing where none does.

    Example:
        >>> thing("Locker H1234567", 7), thing("she lost H1234567", 9)
        ('locker', '')
    """
    head = before(text, start, 40).rstrip(" \t\"'`“*")
    if not head or _PAPERS.search(head) is not None:
        return ""
    if head[-1] in ",;|/(\\→>-–—":
        return ""
    led = _LEADS.search(head)
    head = head[: led.start()] if led is not None else head
    match = _LAST.search(head)
    if match is None:
        return ""
    word, sign = match["word"], match["sign"].strip()
    if (sign and sign[-1] in ",;|/(\\→>-–—\n") or "\n" in text[start - 2 : start]:
        return ""
    lower = word.lower().replace("’", "'").strip(".'-").removesuffix("'s")
    if lower in _FREE or lower in _PEOPLE or lower.endswith("ed"):
        return ""
    if _DOES.search(head, 0, match.start()) is not None:
        return ""
    front = head[: match.start()]
    if word[0].isupper() and (_named(front, word) or (sign and front[-2:-1].islower())):
        return ""  # of a person or a place
    return lower


def _named(head: str, word: str) -> bool:
    """Say whether a word with a capital is the end of a name: another stands before it."""
    last = _LAST.search(head.rstrip())
    if last is None:
        return False
    return last["word"].isupper() if word.isupper() else last["word"][0].isupper()


def alone(text: str, start: int) -> bool:
    """Say whether no noun before a number makes it the number of another thing."""
    return thing(text, start) == ""
