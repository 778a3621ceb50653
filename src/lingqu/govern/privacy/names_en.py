"""Names of people in English text and in pinyin: a known first name, or a cue in front.

Source: Own lists: first names that are common in many countries, surnames and syllables of the
Hanyu pinyin (ISO 7098). Words that are also first names in ordinary text (Will, May, Mark, Art) are
left out and need a cue.
"""

from __future__ import annotations

import re

from lingqu.govern.privacy.lists_names_en import FIRST, NO_SURNAME, PINYIN_SURNAMES
from lingqu.govern.privacy.rules import words
from lingqu.govern.privacy.secrets import Found

_TITLE = r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Madam|Mme|Herr|Frau|Señor|Señora)\.? "
_WORD = r"[A-ZÀ-ÖØ-Þ](?:['’][A-Z])?[A-Za-zÀ-ÖØ-öø-ÿ]+(?:[-'’][A-ZÀ-Þ]?[A-Za-zÀ-ÿ]+)*"
_LINK = (
    r"(?:de la|de los|de|del|della|di|da|dos|van der|van den|van de|van|von der|von|bin|ibn|al|el|"
    r"le|la|ter|ten|af|O'|Mc)"
)
_RUN = re.compile(
    rf"(?<![0-9A-Za-z_.@/'’-]){_WORD}(?: (?:[A-Z]\.?(?= )|{_WORD}|{_LINK}(?= "
    rf"[A-Z]))){{1,5}}(?![0-9A-Za-z_@]|-\w)"
)
_CUES = re.compile(
    rf"(?:(?:^|[^A-Za-z])(?:full[ _]?name|name|customer|patient|client|guest|tenant|landlord|"
    rf"landlady|holder|cardholder|"
    rf"applicant|subscriber|beneficiary|payee|payer|sender|recipient|receiver|consignee|consignor|"
    rf"employee|staff|candidate|student|teacher|driver|passenger|owner|witness|suspect|victim|"
    rf"caller|"
    rf"contact|next of kin|kin|mother|father|daughter|son|wife|husband|sister|brother|spouse|"
    rf"partner|"
    rf"daughter,|son,|attn|attention|signed|signed by|from|to|cc|dear|hi|hello|hey|i'm|i am|"
    rf"my name is|this is|named|called|ask|ask for|call|ring|ship to|deliver to|delivered to|bill "
    rf"to|"
    rf"regards,?|sincerely,?|thanks,?|cheers,?|best,?|yours,?|author|reviewer|assignee|reporter|"
    rf"manager|"
    rf"supervisor|nurse|surgeon|physician|officer|detective|judge|attorney|trustee|executor|heir|"
    rf"borrower|lender|guarantor|insured|insurer|claimant|plaintiff|defendant|member|visitor|"
    rf"resident|neighbou?r|colleague|boss|friend|with|by|for|and|names|interview(?:ed)?|met)"
    rf"[\"']?\s*[:=;,>]?\s*[\"'“(]?|{_TITLE})$",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"\s?(?:Street|St\b|Road|Rd|Avenue|Ave|Lane|Drive|Boulevard|Court|Place|Way|Square|Garden|"
    r"Gardens|Park|Bridge|Airport|"
    r"University|College|School|Hospital|Clinic|Church|Cathedral|Museum|Library|Theatre|Theater|"
    r"Stadium|Arena|Centre|Center|"
    r"Hall|Tower|Island|Islands|River|Lake|Mountain|Beach|Bay|County|City|Inc|Ltd|LLC|LLP|Corp|"
    r"GmbH|AG|PLC|Co\b|Company|Group|"
    r"Foundation|Institute|Award|Prize|Cup|Open|Day|Act|Law|Effect|Theorem|Process|Method|Model|"
    r"Test|Algorithm|Equation|"
    r"Chase|Stanley|Sachs|Lynch|Motors?|Bank|Hotel|Inn|Store|Stores|Records|Press|Books|Films?|"
    r"Series)(?![a-z])"
)
_SYLLABLE = (
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:iang|iong|uang|ang|eng|ong|ian|iao|ing|uai|uan|ai|ei|"
    r"ao|ou|an|en|ia|ie|iu|in|ua|uo|ui|un|"
    r"üe|ve|ue|er|a|o|e|i|u|v|ü)"
)
_PINYIN = re.compile(rf"(?:{_SYLLABLE}){{1,2}}|(?:{_SYLLABLE})-(?:{_SYLLABLE})", re.IGNORECASE)
_TWO = re.compile(
    r"(?<![0-9A-Za-z_@./-])([A-Z][a-zü]+|[A-Z]{2,})[ /]([A-Z][a-zü]+(?:-?[a-zü]+)?|"
    r"[A-Z]{2,}(?:-[A-Z]+)?)(?![0-9A-Za-z_@]|-\w)"
)
_PINYIN_CUE = re.compile(
    r"[\u4e00-\u9fff]|name|passport|traveller|passenger|dear|mr|ms|contact|holder", re.IGNORECASE
)


PAIR = re.compile(r"[A-ZÀ-ÖØ-Þ][^\s]*[ /](?:[A-ZÀ-ÖØ-Þ]|[adeiltbv][a-z]* )")
"""Two words with capitals, or one and a particle: less than that is no full name."""


def names(text: str) -> Found:
    """Return the names of people in an English text, and names in pinyin.

    Example:
        >>> text = "Dear Ingrid N. Müller, Madison Square Garden is sold out."
        >>> [text[a:b] for _, a, b in names(text)]
        ['Ingrid N. Müller']
    """
    for match in _RUN.finditer(text):
        found = _person(text, match)
        if found is not None:
            yield "name", *found
    for match in _TWO.finditer(text):
        if _is_pinyin(match[1], match[2]) and (not text.isascii() or _PINYIN_CUE.search(text)):
            yield "name", match.start(), match.end()


def _person(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Return where a name stands in a run of capitalised words."""
    parts = match[0].split(" ")
    start = match.start()
    for place, word in enumerate(parts[:-1]):
        if word in FIRST and _is_surname(parts[place + 1 :]):
            length = _extent(parts[place:])
            end = start + len(" ".join(parts[place : place + length]))
            if length > 1 and not _FIRM.match(text, end):
                return start, end
        if place == 0 and word not in NO_SURNAME and _cued(text[max(0, start - 24) : start]):
            length = _extent(parts)
            if 2 <= length <= 4 and length == len(parts) and _strict(text, start):
                end = match.end()
                return None if _FIRM.match(text, end) else (start, end)
        start += len(word) + 1
    return None


_LAST_WORDS = frozenset(
    words(
        "name customer patient client guest tenant landlord landlady holder cardholder applicant "
        "subscriber beneficiary payee payer sender recipient receiver consignee consignor employee "
        "staff candidate student teacher driver passenger owner witness suspect victim caller "
        "contact kin mother father daughter son wife husband sister brother spouse partner attn "
        "attention signed by from to cc dear hi hello hey i'm am is named called ask for call ring "
        "regards sincerely thanks cheers best yours author reviewer assignee reporter manager "
        "supervisor nurse surgeon physician officer detective judge attorney trustee executor heir "
        "borrower lender guarantor insured insurer claimant plaintiff defendant member visitor "
        "resident neighbor neighbour colleague boss friend with and names interview interviewed "
        "met mr mrs ms miss mx dr prof professor sir madam mme herr frau señor señora"
    )
)
"""The last word of every cue: to look it up is quick."""


def _cued(head: str) -> bool:
    """Say whether a cue stands at the end of a text."""
    tail = head.rstrip(" \t\n\r\f\v:=;,>\"'“(.").lower()
    place = len(tail)
    while place and ("a" <= tail[place - 1] <= "z" or tail[place - 1] in "'ñ"):
        place -= 1
    return tail[place:].strip("'") in _LAST_WORDS and _CUES.search(head) is not None


_STRONG = re.compile(
    rf"(?:(?<![A-Za-z])(?:name|full[ _]name|my name is|i'm|i am|dear|attn|attention|holder|"
    rf"cardholder|next of kin|signed|named|"
    rf"applicant|subscriber|consignee|recipient|landlord|guest|patient|passenger|tenant|payee|"
    rf"beneficiary)"
    rf"[\"']?\s*[:=]?\s*[\"'“]?|{_TITLE})$",
    re.IGNORECASE,
)


def _strict(text: str, start: int) -> bool:
    return _STRONG.search(text[max(0, start - 24) : start]) is not None


def _is_surname(rest: list[str]) -> bool:
    """Say whether what follows a first name holds a surname and no other word."""
    first = rest[0]
    if len(first.rstrip(".")) == 1 or not first[0].isupper():
        return len(rest) > 1
    return first not in NO_SURNAME


def _extent(words: list[str]) -> int:
    """Return how many words a name has: first names, initials, particles and one surname or two."""
    length = 1
    while length < len(words):
        word = words[length]
        if word in NO_SURNAME:
            break
        length += 1
        ends = len(word.rstrip(".")) > 1 and word[0].isupper()
        if ends and (length == len(words) or words[length] in NO_SURNAME or length >= 3):
            break
    return length


def _is_pinyin(one: str, other: str) -> bool:
    if one.isupper() != other.isupper() and not one.isupper():
        return False
    for surname, given in ((one, other), (other, one)):
        if surname.lower() in PINYIN_SURNAMES and _PINYIN.fullmatch(given):
            return len(one) + len(other) >= 5
    return False
