"""How deep JSON may nest: what reads it calls itself, which a stranger must not exhaust."""

from __future__ import annotations

import re

import numpy as np

from lingqu.core.errors import DataError

DEPTH = 64
"""Lists and objects inside each other; a batch of pictures needs six."""
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
"""A text, or one that is not closed: each byte is looked at once, whatever a stranger sends."""
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1


def refuse_deep(body: bytes | bytearray) -> None:
    """Refuse JSON that nests deeper than anything that is meant.

    Args:
        body: JSON text; nearly every body has so few brackets that nothing else is looked at.

    Raises:
        DataError: It does (400).

    Example:
        >>> refuse_deep(b'[{"text": "' + b"[" * 100 + b'"}]')
        >>> try:
        ...     refuse_deep(b"[" * 65)
        ... except DataError as error:
        ...     print(error.key)
        use.too_deep
    """
    if body.count(b"[") + body.count(b"{") <= DEPTH:
        return
    if _depth(body) > DEPTH and _depth(_TEXT.sub(b"", body)) > DEPTH:
        raise DataError("use.too_deep", limit=DEPTH)


def _depth(body: bytes | bytearray) -> int:
    """Return how deep brackets nest, those in texts as well."""
    steps = _STEPS[np.frombuffer(body, dtype=np.uint8)]
    return int(np.cumsum(steps[steps != 0], dtype=np.int32).max(initial=0))
