"""The contract of the trail on SQLite and Postgres, and its speed-independent properties."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contracts import events_contract as contract

from lingqu.store.chain import GENESIS, EventHead, Walker, event_hash
from lingqu.store.tables import canonical

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class TestEvents(contract.EventsContract):
    pass


class TestTamper(contract.TamperContract):
    pass


class TestSeal(contract.SealContract):
    pass


@settings(max_examples=60, deadline=None)
@given(json_values)
def test_canonical_text_is_ascii_and_stable(value: object) -> None:
    text = canonical(value)
    assert text.isascii()
    assert canonical(json.loads(text)) == text


parts = st.tuples(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))


@settings(max_examples=60, deadline=None)
@given(parts, parts)
def test_different_events_have_different_hashes(
    one: tuple[str, str, str], two: tuple[str, str, str]
) -> None:
    hashes = [event_hash(1, "at", *three[:2], three[2], GENESIS) for three in (one, two)]
    assert (hashes[0] == hashes[1]) == (one == two)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.integers(0, 6), st.data())
def test_any_changed_field_is_found(count: int, field: int, data: st.DataObject) -> None:
    rows: list[list[object]] = []
    previous = GENESIS
    for n in range(1, count + 1):
        found = event_hash(n, "at", "kind", "subject", "{}", previous)
        rows.append([n, "at", "kind", "subject", "{}", previous, found])
        previous = found
    head = EventHead(count, previous, "")
    good = Walker()
    assert good.walk(rows) is None
    assert good.finish(head, None).ok
    place = data.draw(st.integers(0, count - 1))
    rows[place][field] = 77 if field == 0 else f"{rows[place][field]}x"
    walker = Walker()
    bad = walker.walk(rows) or walker.finish(head, None)
    assert not bad.ok
