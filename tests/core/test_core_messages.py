"""The message catalogue: both languages agree, and every key and fact that is raised is there."""

import ast
import re
import string
from importlib import import_module
from pathlib import Path

import pytest

import lingqu

SRC = Path(lingqu.__file__).parent
TABLES = SRC / "core" / "messages"
LARGE = sorted(path.parent.name for path in TABLES.glob("*/__init__.py"))
"""Rooms whose table is put together of several."""
ROOMS = sorted([path.stem for path in TABLES.glob("*.py") if path.stem != "__init__"] + LARGE)
CATALOGUE: dict[str, tuple[str, str]] = {
    key: pair
    for room in ROOMS
    for key, pair in import_module(f"lingqu.core.messages.{room}").MESSAGES.items()
}
CALLS = re.compile(r"(\w*Error|refusal|text|both|Phrase)")
KEY = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
HAN = r"[\u4e00-\u9fff]"
NOT_FACTS = {"status", "at", "to"}
"""Parameters of the errors and of `text` themselves."""


def placeholders(message: str) -> set[str]:
    fields = (field for _, field, _, _ in string.Formatter().parse(message) if field is not None)
    return {re.split(r"[.\[]", field)[0] for field in fields}


def raised() -> list[tuple[str, int, str, set[str] | None]]:
    """Return (file, line, key, names of the facts, or None where they come from a mapping)."""
    found = []
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            first = node.args[0]
            if not CALLS.fullmatch(called) or not isinstance(first, ast.Constant):
                continue
            if not isinstance(first.value, str) or not KEY.fullmatch(first.value):
                continue
            names = {keyword.arg for keyword in node.keywords}
            known = called != "Phrase" and None not in names
            facts = {name for name in names if name} - NOT_FACTS if known else None
            found.append((str(path.relative_to(SRC)), node.lineno, first.value, facts))
    return found


RAISED = raised()


@pytest.mark.parametrize("room", ROOMS)
def test_keys_belong_to_their_room_and_say_both_languages(room: str) -> None:
    for key, (english, chinese) in import_module(f"lingqu.core.messages.{room}").MESSAGES.items():
        assert key.startswith(f"{room}."), key
        assert placeholders(english).isdisjoint({"key", "to"}), key
        if re.search(r"[A-Za-z]{3}", re.sub(r"\{[^}]*\}|`[^`]*`", "", english)):
            assert re.search(HAN, chinese), key
        assert not re.search(HAN, english.replace("灵渠", "")), key


@pytest.mark.parametrize("room", LARGE)
def test_no_key_stands_in_two_parts_of_a_table(room: str) -> None:
    whole = import_module(f"lingqu.core.messages.{room}").MESSAGES
    names = [path.stem for path in (TABLES / room).glob("*.py") if path.stem != "__init__"]
    parts = [import_module(f"lingqu.core.messages.{room}.{name}").MESSAGES for name in names]
    assert sum(len(part) for part in parts) == len(whole) > 0


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_have_the_same_placeholders(room: str) -> None:
    for key, (english, chinese) in import_module(f"lingqu.core.messages.{room}").MESSAGES.items():
        if key == "core.either":
            assert placeholders(english) == {"english"}
            assert placeholders(chinese) == {"chinese"}
            continue
        assert placeholders(english) == placeholders(chinese), key


def test_every_key_that_is_raised_is_in_the_catalogue() -> None:
    assert len(RAISED) > 30
    unknown = [f"{file}:{line} {key}" for file, line, key, _ in RAISED if key not in CATALOGUE]
    assert unknown == []


def test_every_placeholder_is_given_a_fact() -> None:
    lacking = [
        f"{file}:{line} {key} lacks {sorted(missing)}"
        for file, line, key, facts in RAISED
        if facts is not None
        and key in CATALOGUE
        and (missing := placeholders(CATALOGUE[key][0]) - facts)
    ]
    assert lacking == []
