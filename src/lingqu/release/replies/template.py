"""How what was said becomes the text that a decoder goes on: stated once, in the release.

A template tells of each role what stands before and behind a message of it. What is asked may be a
text, which counts as one message of the user, or a JSON list of ``{"role": …, "content": …}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from lingqu.core.errors import DataError
from lingqu.core.nouns import Json

Template = Mapping[str, Sequence[str]]
Message = Mapping[str, Json]
Part = tuple[str, bool]
"""A piece of a prompt, and whether it stands in the template rather than in a message."""
PLAIN: dict[str, list[str]] = {
    "system": ["", "\v"], "user": ["", "\t"], "assistant": ["", "\n"],
}  # fmt: skip
"""Template of a decoder that reads characters: one sign ends a message, and says whose it was."""
ROLES = tuple(PLAIN)


def prompt_of(cell: str | None, template: Template, row: int = 1) -> str:
    """Return the text that a decoder of characters shall go on.

    Args:
        cell: A text, or messages as JSON.
        template: Role → what stands before and behind a message.
        row: Number of the row, for errors.

    Raises:
        DataError: Messages lack a role or a content, or the role is unknown.

    Example:
        >>> prompt_of("Who built it?", PLAIN)
        'Who built it?\\t'
        >>> said = '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]'
        >>> prompt_of(said, PLAIN)
        'Hi\\tYes?\\n'
    """
    parts = parts_of(messages_of(cell or ""), template, row=row)
    return "".join(text if told else folded(text) for text, told in parts)


def parts_of(
    messages: Sequence[Message], template: Template, lead: str = "", row: int = 1
) -> list[Part]:
    """Return what a decoder shall go on in pieces: those of the template, those of messages.

    Args:
        messages: What was said, in order.
        template: Role → what stands before and behind a message.
        lead: Stands before all, unless the first message is one of the system.
        row: Number of the row, for errors.

    Raises:
        DataError: A message lacks a role or a content, or the role is unknown.

    Example:
        >>> parts_of(messages_of("Hi"), {"user": ["U: ", "; "], "assistant": ["A: ", "; "]}, "> ")
        [('> U: ', True), ('Hi', False), ('; A: ', True)]
    """
    told = "" if messages and messages[0].get("role") == "system" else lead
    parts: list[Part] = []
    for message in messages:
        role, content = message.get("role"), message.get("content")
        if not isinstance(role, str) or role not in template or not isinstance(content, str):
            raise DataError("replies.bad_messages", row=row, received=message,
                            expected=", ".join(template))  # fmt: skip
        before, behind = template[role]
        parts += [(told + before, True), (content, False)]
        told = behind
    return [*parts, (told + template["assistant"][0], True)]


def messages_of(cell: str) -> list[Message]:
    """Return the messages of a cell; a text that is no list of them is one of the user.

    Example:
        >>> messages_of("[1, 2]")
        [{'role': 'user', 'content': '[1, 2]'}]
    """
    if cell.lstrip().startswith("["):
        try:
            read = json.loads(cell)
        except ValueError:
            read = None
        if isinstance(read, list) and read and all(isinstance(each, dict) for each in read):
            return read
    return [{"role": "user", "content": cell}]


def folded(text: str) -> str:
    """Return a text whose blanks, of any kind and number, are one space each.

    Example:
        >>> folded("  the\\n canal ")
        'the canal'
    """
    return " ".join(text.split())
