"""Secrets in text that a form proves: URLs with credentials, private keys, tokens of issuers.

Source: RFC 3986 (credentials in a URL), RFC 7468 (PEM), RFC 4880 (armour); tokens as
`lingqu.govern.privacy.token_forms` tells. What a cue tells is in `secrets_told`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lingqu.govern.privacy.token_forms import RUN, entropy, tokens

Found = Iterator[tuple[str, int, int]]

_URL = re.compile(
    r"(?<![0-9A-Za-z])[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s/@:\"'<>，。；、（）]{0,64}:"
    r"(?P<password>[^\s/\"'<>，。；、（）]{1,128})@[0-9A-Za-z\[][^\s\"'<>`，"
    r"。；、（）！？】》」”)\]]*"
)
_HOOK = re.compile(
    r"https://hooks\.slack\.com/(?:services|workflows)/[0-9A-Za-z/]{20,}|"
    r"https://(?:discord|discordapp)\.com/api/webhooks/[0-9]+/[0-9A-Za-z_-]{40,}"
)
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY"
    r"(?: BLOCK)?-----|(?:\\?[\r\n]+(?:[0-9A-Za-z+/=]{8,}|[A-Z][A-Za-z-]+: [^\n]{1,80}))*)"
)
_AWS = ("AKIA", "ASIA")
_AWS_SECRET = re.compile(r"(?<![0-9A-Za-z/+=])[0-9A-Za-z/+]{40}(?![0-9A-Za-z/+=])")
"""What belongs to an access key of AWS that stands in the same text."""
BLANK = re.compile(r"\$\{?\w|\{\{|%\(|\*{2}|x{4}|X{4}|•{2}|\.{3}|…|%[A-Z_]+%")
"""What stands where a secret will be filled in, or was taken out."""
_TRAILING = ".,;:!?)]}。，；：！？）】》"
_CHINESE = re.compile("[\u3000-\u9fff，。；：（）]")
_NEXT_FIELD = re.compile(r"[&;,][A-Za-z_][0-9A-Za-z_.-]{0,30}=")


def likely(text: str) -> bool:
    """Say whether a text has what one of them needs: few have."""
    return "://" in text or "PRIVATE KEY" in text or RUN.search(text) is not None


def certain(text: str) -> Found:
    """Return URLs with credentials, private keys and tokens of a published form."""
    if "://" in text:
        for match in _URL.finditer(text):
            if not BLANK.match(match["password"]) and "<" not in match["password"]:
                yield "url_credentials", match.start(), value_end(text, *match.span())
        for match in _HOOK.finditer(text):
            yield "secret", match.start(), match.end()
    if "PRIVATE KEY" in text:
        for match in _PEM.finditer(text):
            yield "secret", match.start(), match.end()
    for start, end in tokens(text):
        yield "secret", start, end
        if text.startswith(_AWS, start):
            for match in _AWS_SECRET.finditer(text):
                if entropy(match[0]) >= 4 and not match[0].islower():
                    yield "secret", match.start(), match.end()


def value_end(text: str, start: int, end: int) -> int:
    """Return where a value ends that punctuation of the sentence or a next field may follow.

    A single exclamation mark stays: people end passwords with it.
    """
    sign = _CHINESE.search(text, start, end)
    if sign is not None:
        end = sign.start()
    following = _NEXT_FIELD.search(text, start + 1, end)
    if following is not None:
        end = following.start()
    while end > start + 1 and text[end - 1] in _TRAILING and text[end - 1] != "!":
        end -= 1
    return end
