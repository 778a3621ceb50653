"""YAML: plain data, lines of every part, and clear refusals."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import SpecError
from lingqu.core.yaml import dump, load

TEXT = """\
# a comment
channel: churn

data:
  source: a.csv
  drop: [x,
         y]
govern:
  - dedupe
  - impute: median
"""


def test_lines_of_keys_and_items() -> None:
    lines = load(TEXT).lines
    assert lines[("channel",)] == 2
    assert lines[("data", "source")] == 5
    assert (lines[("data", "drop", 0)], lines[("data", "drop", 1)]) == (6, 7)
    assert lines[("govern", 1, "impute")] == lines[("govern", 1)] == 10


def test_scalars_are_those_of_yaml_1_2() -> None:
    data = load(
        "{a: 1, b: 0x1F, c: 0o17, d: -3, e: 1e3, f: .5, g: true, h: ~, i: yes, j: 5 min,"
        " k: 2026-01-01, l: '1', m: 600/min, n: 12_000, o: =}"
    ).data
    assert data == {
        "a": 1, "b": 31, "c": 15, "d": -3, "e": 1000.0, "f": 0.5, "g": True, "h": None,
        "i": "yes", "j": "5 min", "k": "2026-01-01", "l": "1", "m": "600/min", "n": 12000, "o": "=",
    }  # fmt: skip


def test_only_plain_python_comes_out() -> None:
    def walk(value: object) -> None:
        assert type(value) in (dict, list, str, int, float, bool, type(None))
        for part in value.values() if isinstance(value, dict) else ():
            walk(part)
        for part in value if isinstance(value, list) else ():
            walk(part)

    walk(load(TEXT + "more: {1: a, true: b, 2.5: [c]}\n").data)


def test_keys_are_text() -> None:
    assert load("{1: a, true: b, 2.5: c}").data == {"1": "a", "true": "b", "2.5": "c"}


def test_nothing_is_none() -> None:
    assert load("").data is None
    assert load("# only a comment\n").data is None


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a: 1\n\tb: 2", "core.yaml_tab", 2),
        ("a:\n  b: 1\n\tc: 2", "core.yaml_tab", 3),
        ("a: [1\nb: 2", "core.bad_yaml", 2),
        ("a: 1\n b: 2", "core.bad_yaml", 2),
        ("a: 1\nb: 2\na: 3", "core.yaml_twice", 3),
        ("x:\n  a: 1\n  a: 3", "core.yaml_twice", 3),
        ("a: &x 1\nb: *x", "core.yaml_anchor", 1),
        ("a: &x 1\nb: &x 1", "core.yaml_anchor", 1),
        ("&k a: 1", "core.yaml_anchor", 1),
        ("a: *x", "core.bad_yaml", 1),
        ("--- 1\n--- 2", "core.bad_yaml", 2),
        ("a: 1\nb: \x01", "core.bad_yaml", 2),
        ("a: !!python/object:os.system x", "core.yaml_tag", 1),
        ("a: !!binary aaaa", "core.yaml_tag", 1),
        ("a: !<tag:yaml.org,2002:map> x", "core.yaml_tag", 1),
        ("a: !!int x", "core.yaml_number", 1),
        ("a: .inf", "core.yaml_number", 1),
        ("a: 1\nb: .nan", "core.yaml_number", 2),
        ("a: " + "9" * 5000, "core.yaml_number", 1),
        ("%YAML 1.1\n---\na: 1:30", "core.yaml_number", 3),
        ("? [1]\n: 2", "core.yaml_key", 1),
        (": 2", "core.yaml_key", 1),
        ("a: @x", "core.bad_yaml", 1),
    ],
)
def test_bad_yaml_is_refused_with_file_and_line(text: str, key: str, line: int) -> None:
    with pytest.raises(SpecError) as caught:
        load(text, "some.yaml")
    assert (caught.value.key, caught.value.facts["line"]) == (key, line)
    assert f"some.yaml line {line}" in str(caught.value)


def test_bottomless_nesting_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        load("[" * 2000)
    assert caught.value.key == "core.yaml_deep"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(":-[]{}&*!|>'\"\t\n #")))
def test_any_text_is_data_or_a_spec_error(text: str) -> None:
    try:
        load(text)
    except SpecError as error:
        assert str(error)


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=8)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | PRINTABLE,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(PRINTABLE.filter(bool), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(max_examples=150, deadline=None)
@given(PLAIN)
def test_what_is_written_reads_back(data: object) -> None:
    assert load(dump(data)).data == data
