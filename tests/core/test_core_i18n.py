"""The language of messages: the variable first, then the locale, then English."""

import pytest

from lingqu.core.i18n import both, language, text

VARIABLES = ("LINGQU_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
FACTS = {"value": 1, "expected": "s"}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "C"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LINGQU_LANGUAGE": "en"}, "en"),
        ({"LANG": "C", "LINGQU_LANGUAGE": "ZH-cn"}, "zh"),
        ({"LINGQU_LANGUAGE": "", "LANG": "zh_CN"}, "zh"),
    ],
)
def test_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_text_follows_the_language_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINGQU_LANGUAGE", "zh")
    assert "不是一个量" in text("core.bad_unit", **FACTS)
    assert "not a quantity" in text("core.bad_unit", to="en", **FACTS)
    pair = both("core.bad_unit", **FACTS)
    assert pair == {
        "en": text("core.bad_unit", "en", **FACTS),
        "zh": text("core.bad_unit", "zh", **FACTS),
    }


@pytest.mark.parametrize("key", ["core.no_such_message", "core"])
def test_a_key_that_is_not_there_is_our_mistake(key: str) -> None:
    with pytest.raises(KeyError):
        text(key)
