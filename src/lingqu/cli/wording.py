"""The words of the library behind the command line, in the user's language.

It writes its help and its complaints in English only. Each of its phrases is in our table with
a Chinese one; what is not in the table stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from lingqu.core.i18n import language, text

_PHRASES = (
    "usage_group",
    "usage_options",
    "usage",
    "arguments",
    "options",
    "commands",
    "help",
    "default",
    "variable",
    "required",
    "no_command",
    "no_option",
    "possible",
    "meant",
    "missing_argument",
    "missing_option",
    "missing_parameter",
    "extra",
    "needs_value",
    "invalid_for",
    "no_integer",
    "no_number",
)


def worded(said: str) -> str:
    """Return help or a complaint in the user's language.

    Example:
        >>> worded("No such command 'rnu'.") in ("No such command 'rnu'.", "没有命令 'rnu'。")
        True
    """
    if language() == "en":
        return said
    for pattern, chinese in _table():
        said = _replaced(said, pattern, chinese)
    return said


def _replaced(said: str, pattern: re.Pattern[str], chinese: str) -> str:
    return pattern.sub(lambda found: chinese.format(**found.groupdict()), said)


@cache
def _table() -> list[tuple[re.Pattern[str], str]]:
    """Return the phrases as patterns: ``{name}`` stands for any text within a line."""
    table = []
    for phrase in _PHRASES:
        key = f"cli.typer_{phrase}"
        names = {"name": "{name}"}
        escaped = re.escape(text(key, "en", **names)).replace(r"\{name\}", "(?P<name>.+?)")
        table.append((re.compile(escaped), text(key, "zh", **names)))
    return table


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return worded(super().get_help(ctx))


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return worded(super().get_help(ctx))


def word(app: typer.Typer) -> None:
    """Let an application and all its commands speak the user's language."""
    app.info.cls = _Group
    for command in app.registered_commands:
        command.cls = _Command
    for group in app.registered_groups:
        group.cls = _Group
        if group.typer_instance is not None:
            word(group.typer_instance)
