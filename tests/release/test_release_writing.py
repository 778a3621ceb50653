"""How a request says that answers shall be written: what is read, refused, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.release.replies.alphabet import Alphabet
from lingqu.release.replies.decoder import Decoder
from lingqu.release.replies.drawing import Wish
from lingqu.release.replies.script import cut
from lingqu.release.replies.template import PLAIN
from lingqu.release.replies.writing import SCHEMA, Writing

LETTERS = Alphabet.of(["abcdef\t\n"], most=20)


class Steady:
    """A graph that writes a, b, c … and finds two other letters half as likely."""

    def __call__(
        self, names: Sequence[str], feeds: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        ids = feeds["ids"]
        scores = np.full((*ids.shape, len(LETTERS)), -9.0, np.float32)
        for place, token in np.ndenumerate(ids):
            last = LETTERS.decode([int(token)])
            following = {"\t": "a", "a": "b", "b": "c", "c": "d", "d": "e", "e": "f"}
            scores[(*place, LETTERS.encode(following.get(last, "\n"))[0])] = 2.0
            scores[(*place, LETTERS.encode("e")[0])] += 10.3
        grown = np.zeros((1, len(ids), 1, feeds["keys"].shape[3] + ids.shape[1], 1), np.float32)
        return [scores, grown, grown][: len(names)]


def said(**asked: Any) -> tuple[str, bool]:
    ends = (tuple(LETTERS.encode("\n")),)
    block = {
        "columns": ["text"], "characters": LETTERS.characters, "template": PLAIN, "context": 40,
        "wish": Wish(30, 0.0, stop=ends).to_json(), "stop": [], "layers": 1, "heads": 1, "size": 1,
    }  # fmt: skip
    writing = Writing.of(asked) if asked else None
    replies = Decoder(block).reply(pl.DataFrame({"text": ["d"]}), Steady(), writing)
    return str(replies.said[0]), bool(replies.beside["ended"][0])


def test_a_request_changes_the_writing_of_its_own_answers_only() -> None:
    assert said() == ("abcdef", True)
    assert said(max_tokens=2) == ("ab", False)
    assert said(stop="d") == ("abc", True) and said(stop=["zz", "bc"]) == ("a", True)
    bold = {said(temperature=2.0, seed=seed)[0] for seed in range(8)}
    assert len(bold) > 2 and said(temperature=2.0, seed=1) == said(temperature=2.0, seed=1)
    assert said(temperature=2.0, top_k=1, seed=3) == said() == said(temperature=1.0, top_p=0.01)
    assert said() == ("abcdef", True)  # nothing of it stays


def test_no_answer_is_longer_than_the_context() -> None:
    long, ended = said(max_tokens=10**9, temperature=2.0, stop=[], seed=5)
    assert ended or len(long) < 40


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"temperature": -0.1}, "temperature"), ({"temperature": "warm"}, "temperature"),
        ({"temperature": True}, "temperature"), ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 0}, "top_p"), ({"top_p": 1.5}, "top_p"), ({"top_k": 1.5}, "top_k"),
        ({"seed": -1}, "seed"), ({"seed": 2**63}, "seed"), ({"max_tokens": 0}, "max_tokens"),
        ({"stop": ""}, "stop"), ({"stop": ["a"] * 5}, "stop"), ({"stop": [1]}, "stop"),
        ({"stop": "x" * 101}, "stop"), ({"n": 2}, "options"), ([], "options"), ("hot", "options"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(asked: Any, named: str) -> None:
    with pytest.raises(DataError, match=named) as caught:
        Writing.of(asked)
    assert caught.value.key == "replies.bad_writing"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "temperature": st.floats(0, 2),
            "top_k": st.integers(0, 500),
            "top_p": st.floats(0.001, 1),
            "stop": st.one_of(st.text("ab\n", min_size=1), st.lists(st.just("x"), max_size=4)),
            "seed": st.integers(0, 2**63 - 1),
            "max_tokens": st.integers(1, 9999),
        },
    )
)
def test_what_was_read_can_be_said_and_read_again(asked: dict[str, Any]) -> None:
    read = Writing.of(asked)
    assert Writing.of(read.to_json()) == read and set(read.to_json()) == set(asked)
    assert set(asked) <= set(SCHEMA["properties"]) and hash(read) == hash(Writing.of(asked))


def test_a_text_is_cut_at_the_first_of_its_stops() -> None:
    assert cut("a. b; c", ["; ", ". "]) == ("a", True) and cut("abc", []) == ("abc", False)
