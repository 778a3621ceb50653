"""Every message of the store exists, in both languages, with the same facts."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import lingqu.store
from lingqu.core.messages.store import MESSAGES

ROOM = Path(lingqu.store.__path__[0])
KEY = re.compile(r"\"(store\.[a-z_]+)\"")


def used() -> set[str]:
    return {key for path in ROOM.rglob("*.py") for key in KEY.findall(path.read_text())}


def test_every_key_that_is_used_is_there_and_the_other_way_round() -> None:
    assert used() == set(MESSAGES)


def test_both_languages_tell_the_same_facts() -> None:
    for key, (english, chinese) in MESSAGES.items():
        facts = [
            {name for _, name, _, _ in Formatter().parse(t) if name} for t in (english, chinese)
        ]
        assert facts[0] == facts[1], key
        assert re.search("[\u4e00-\u9fff]", chinese), key
