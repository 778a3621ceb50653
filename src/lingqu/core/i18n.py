"""Chinese and English from one key.

The catalogue lies in `lingqu.core.messages`: one module per room, each a literal table
``MESSAGES = {"room.key": ("English {fact}", "中文 {fact}")}``. The room is the part of the key
before the first dot, so only the tables that are used are imported.
"""

from __future__ import annotations

import locale
import os
from functools import cache
from importlib import import_module
from typing import Any, Literal

Language = Literal["en", "zh"]


def language() -> Language:
    """Return the language of messages: ``LINGQU_LANGUAGE``, else the locale, else English."""
    wanted = os.environ.get("LINGQU_LANGUAGE") or _locale_language()
    return "zh" if wanted.lower().startswith("zh") else "en"


def _locale_language() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return value
    return locale.getlocale()[0] or "en"


@cache
def _table(room: str) -> dict[str, tuple[str, str]]:
    module = import_module(f"lingqu.core.messages.{room}")
    table: dict[str, tuple[str, str]] = module.MESSAGES
    return table


def text(key: str, to: Language | None = None, **facts: Any) -> str:
    """Return the message of `key` with `facts` filled in.

    Args:
        key: Catalogue key, ``"<room>.<name>"``.
        to: Language; the user's language when omitted.
        **facts: Values of the placeholders.

    Raises:
        KeyError: The key is not in the catalogue (our own mistake, found by a test).

    Example:
        >>> text("core.bad_unit", to="en", value="5 mins", expected="s, min, h, d")[:12]
        "'5 mins' is "
    """
    pair = _table(key.partition(".")[0])[key]
    return pair[1 if (to or language()) == "zh" else 0].format(**facts)


def both(key: str, **facts: Any) -> dict[Language, str]:
    """Return the message in both languages, for reports with a language switch."""
    return {"en": text(key, "en", **facts), "zh": text(key, "zh", **facts)}
