"""Chinese and English from one key.

The catalogue lies in `lingqu.core.messages`: one module per room, each a literal table
``MESSAGES = {"room.key": ("English {fact}", "中文 {fact}")}``; two large rooms are packages.
The room is the part of the key before the first dot, so only what is used is imported.
"""

from __future__ import annotations

import json
import locale
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from string import Formatter
from typing import Any, Literal

from lingqu.core.column_names import quoted

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
        **facts: Values of the placeholders; a `Phrase` is worded in the same language.

    Raises:
        KeyError: The key is not in the catalogue (our own mistake, found by a test).

    Example:
        >>> text("core.bad_unit", to="en", value="5 mins", expected="s, min, h, d")[:12]
        "'5 mins' is "
    """
    pair = _table(key.partition(".")[0])[key]
    to = to or language()
    told = {n: worded(f, to) if isinstance(f, Phrase) else f for n, f in facts.items()}
    pattern = pair[1 if to == "zh" else 0]
    return _words.format(pattern, **told) if "!y}" in pattern else pattern.format(**told)


class _Words(Formatter):
    """Knows ``{name!y}`` too: a name as it must stand in YAML."""

    def convert_field(self, value: Any, conversion: Any) -> Any:
        if conversion == "y":
            return quoted(str(value))
        return super().convert_field(value, conversion)


_words = _Words()


@dataclass(frozen=True)
class Phrase:
    """A message inside a message: worded when it is shown, in the language of that moment.

    Example:
        >>> "expected " + str(Phrase("core.expects_list"))
        'expected a list, such as `[a, b]`'
    """

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return text(self.key, **self.facts)


def worded(message: Phrase | str, to: Language) -> str:
    """Return a message in a language; what is no phrase of ours stays as it is."""
    return text(message.key, to, **message.facts) if isinstance(message, Phrase) else message


Message = Phrase | str
"""What is worded when it is shown, or words of others."""


def each(message: Message) -> dict[Language, str]:
    """Return a message in both languages, for what is stored.

    Example:
        >>> each(joined([Phrase("core.expects_number"), "here"]))
        {'en': 'a number; here', 'zh': '数字；here'}
    """
    return {"en": worded(message, "en"), "zh": worded(message, "zh")}


def joined(messages: Iterable[Message]) -> Message:
    """Return several messages as one line; nothing where there are none."""
    said: Message = ""
    for message in messages:
        said = Phrase("core.and", {"said": said, "more": message}) if said else message
    return said


_OURS = "\x1e"
"""First character of a kept phrase, which nobody types (ASCII record separator)."""


def keepable(message: Phrase | str) -> str:
    """Return a message as text to be stored: whoever reads it does so in his own language.

    Example:
        >>> str(as_told(keepable(Phrase("core.expects_list"))))[:6], as_told(keepable("by hand"))
        ('a list', 'by hand')
    """
    if isinstance(message, Phrase):
        return _OURS + json.dumps([message.key, dict(message.facts)], ensure_ascii=False)
    return message.lstrip(_OURS)


def as_told(kept: str) -> Phrase | str:
    """Return the message that `keepable` made text of."""
    if not kept.startswith(_OURS):
        return kept
    key, facts = json.loads(kept[1:])
    return Phrase(key, facts)


def both(key: str, **facts: Any) -> dict[Language, str]:
    """Return the message in both languages, for reports with a language switch."""
    return {"en": text(key, "en", **facts), "zh": text(key, "zh", **facts)}
