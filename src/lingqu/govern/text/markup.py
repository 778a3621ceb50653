"""HTML out of text: elements, comments and scripts go, entities become their characters."""

from __future__ import annotations

import html
import re

_BREAKS = (
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 "
    "h6 header hr li main nav ol p pre section table tbody td tfoot th thead tr ul"
)
_INLINE = (
    "a abbr acronym area audio b base basefont bdi bdo big body button canvas caption center cite "
    "code col colgroup data datalist del details dfn dialog dir em embed figcaption font frame "
    "frameset head html i iframe img input ins kbd label legend link map mark menu meta meter "
    "noframes noscript object optgroup option output param picture progress q rp rt ruby s samp "
    "select slot small source span strike strong sub summary sup svg template textarea time title "
    "track tt u var video wbr"
)
_ELEMENT = re.compile(
    rf"</?({'|'.join(f'{_BREAKS} {_INLINE}'.split())})(?=[\s/>])[^<>]*>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAKING = frozenset(_BREAKS.split())
_HIDDEN = (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>"))


def without_markup(text: str) -> str:
    """Return the text that a browser would show; only known elements are taken for markup.

    Why only those: ``a <b and c> d`` and ``<someone@example.com>`` are text.

    Example:
        >>> without_markup("<p>5 &lt; 6 &amp; <b>bold</b></p><script>x()</script>").split()
        ['5', '<', '6', '&', 'bold']

    Source: Own; names of elements and entities: WHATWG HTML, 2024, sections 4 and 13.5.
    """
    if "<" in text:
        for start, end in _HIDDEN:
            text = _cut_out(text, start, end)
        text = _ELEMENT.sub(_break, text)
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text


def _break(match: re.Match[str]) -> str:
    """An element that starts a line ends one; the others stand between letters."""
    return "\n" if match[1].lower() in _BREAKING else ""


def _cut_out(text: str, start: str, end: str) -> str:
    """Remove every span from `start` to `end`; one that never ends is text."""
    low = text.lower()
    if len(low) != len(text):  # a few letters are longer in lower case
        low = text
    at = low.find(start)
    if at < 0:
        return text
    kept, done = [], 0
    while at >= 0:
        close = low.find(end, at + len(start))
        if close < 0:
            break
        kept.append(text[done:at])
        done = close + len(end)
        at = low.find(start, done)
    return " ".join([*kept, text[done:]])
