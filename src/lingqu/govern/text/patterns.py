"""What text is made of: scripts, addresses, emoji. Shared by the operators of this folder.

Every pattern is linear: a run of letters is entered only at its beginning, so a hostile text of
a million letters costs no more than an honest one.
"""

from __future__ import annotations

import re

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
HANGUL = "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
LETTERS = "\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0300-\u1fff"
"""Letters and marks of the other alphabets, from Latin with accents to Greek extended."""

URL = (
    r"(?<![A-Za-z0-9])(?:(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://|[Ww][Ww][Ww]\.)"
    r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*[#$%&*+\-/0-9=@A-Z_a-z~]"
)
EMAIL = (
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}"
)
_PICTURE = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe"
_PICTURE += "\u2600-\u27bf\u2934-\u2935\u2b05-\u2b55\u3030\u303d\U0001f000-\U0001faff"
_SHOWN = f"[{_PICTURE}][\ufe0f\U0001f3fb-\U0001f3ff]*"
EMOJI = f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|{_SHOWN}(?:\u200d{_SHOWN})*)"
"""One emoji as it is seen: flags, skin tones and joined pictures stay together (UTS 51)."""

has_han = re.compile(f"[{HAN}]").search
han_runs = re.compile(f"[{HAN}]+").findall


def whole(text: str) -> str:
    """Return the text with lone surrogates, which no file can hold, replaced by U+FFFD.

    Example:
        >>> whole("a\\ud800b")
        'a\ufffdb'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
