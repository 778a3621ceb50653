"""Who answers with tags, texts, spans and vectors: what depends on no net."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lingqu.core.errors import DataError
from lingqu.release.replies.alphabet import Alphabet
from lingqu.release.replies.decoder import Decoder
from lingqu.release.replies.drawing import Wish
from lingqu.release.replies.spans import CONTEXT, QUESTION, Asked, Numbering, Reader
from lingqu.release.replies.tags import Spelling, Tagger, batches, tokens_of
from lingqu.release.replies.template import PLAIN, messages_of, prompt_of

ALPHABET = Alphabet.of(["abcde\t\n"], most=20)


def after(letter: str) -> int:
    """The token that the made-up decoder writes behind another: the next letter, then the end."""
    following = {"\t": "a", "a": "b", "b": "c", "c": "\n"}
    return ALPHABET.encode(following.get(letter, "\n"))[0]


class Alphabetical:
    """A graph that knows the alphabet; it counts how often it is asked, and for how many rows."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def __call__(
        self, names: Sequence[str], feeds: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        ids = feeds["ids"]
        self.asked.append(ids.shape)
        scores = np.zeros((*ids.shape, len(ALPHABET)), np.float32)
        for place, token in np.ndenumerate(ids):
            letter = ALPHABET.decode([int(token)])
            scores[(*place, after(letter))] = 10.0
        grown = np.zeros((1, len(ids), 1, feeds["keys"].shape[3] + ids.shape[1], 1), np.float32)
        assert feeds["seen"].shape == (len(ids), grown.shape[3])
        return [scores, grown, grown][: len(names)]


def decoder(**wish: Any) -> Decoder:
    ends = (tuple(ALPHABET.encode("\n")),)
    told = Wish(**{"most": 10, "temperature": 0.0, "stop": ends, **wish})
    return Decoder({
        "columns": ["text"], "characters": ALPHABET.characters, "template": PLAIN, "context": 16,
        "wish": told.to_json(), "layers": 1, "heads": 1, "size": 1,
    })  # fmt: skip


def test_each_text_is_written_until_it_ends_and_costs_no_more() -> None:
    run, frame = Alphabetical(), pl.DataFrame({"text": ["d", "dd", None]})
    said = decoder().reply(frame, run)
    assert said.said == ("abc",) * 3 and said.beside["ended"] == [True] * 3
    assert run.asked == [(3, 3), (3, 1), (3, 1), (3, 1)]
    assert said.sure is not None and (said.sure > 0.99).all()


def test_what_is_too_long_is_cut_short_and_told() -> None:
    said = decoder(most=2).reply(pl.DataFrame({"text": ["d" * 40]}), Alphabetical())
    assert said.said == ("ab",) and said.beside == {"cut": [27], "ended": [False]}


def test_a_wish_of_chance_depends_on_no_neighbour() -> None:
    bold, texts = decoder(temperature=9.0, most=8), ["d", "e", "de"]
    together = bold.reply(pl.DataFrame({"text": texts}), Alphabetical()).said
    alone = [bold.reply(pl.DataFrame({"text": [t]}), Alphabetical()).said[0] for t in texts]
    assert list(together) == alone
    other = decoder(temperature=9.0, most=8, seed=1).reply(
        pl.DataFrame({"text": texts}), Alphabetical()
    )
    assert other.said != together


def test_the_truth_is_as_likely_as_the_graph_says() -> None:
    frame = pl.DataFrame({"text": ["d", "d"]})
    told = decoder().of_truth(frame, ["abc", "cba"], Alphabetical())
    assert told["tokens"] == [4, 4] and told["nats"][0] < 0.01 < 20 < told["nats"][1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["system", "user", "assistant"]), min_size=1, max_size=5))
def test_messages_become_one_text_that_tells_who_said_what(roles: list[str]) -> None:
    cell = json.dumps([{"role": role, "content": f" {n}\n{n} "} for n, role in enumerate(roles)])
    parts = [f"{n} {n}{PLAIN[role][1]}" for n, role in enumerate(roles)]
    assert prompt_of(cell, PLAIN) == "".join(parts)


@pytest.mark.parametrize("text", ["[not json", "[]", "[1]", "", "[\u4e2d]"])
def test_what_is_no_list_of_messages_is_a_text(text: str) -> None:
    assert messages_of(text) == [{"role": "user", "content": text}]


@pytest.mark.parametrize("message", [{"role": "robot", "content": "x"}, {"role": "user"}])
def test_a_message_of_nobody_is_refused_with_its_row(message: dict[str, str]) -> None:
    with pytest.raises(DataError, match="Row 7"):
        prompt_of(json.dumps([message]), PLAIN, row=7)


def test_words_are_read_by_their_ends_and_empty_rows_by_nobody() -> None:
    words, characters = Spelling(["ab"], "abcdef").numbers([["abcdef", "Ab"], ["?"]])
    assert words.tolist() == [[1, 2], [1, 0]]
    assert characters[0, 0].tolist() == [2, 3, 4, 5, 4, 5, 6, 7]
    assert characters[0, 1].tolist() == [1, 3, 0, 0, 0, 0, 1, 3]
    assert batches([0, 0]) == [] and batches([3, 1, 2]) == [[1, 2, 0]]


def test_tags_of_rows_of_unlike_length_are_put_back_in_order() -> None:
    def run(names: Sequence[str], feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        known = feeds["words"] == 2
        return [np.stack([~known * 0.75, known * 0.5], 2)]

    tagger = Tagger({"columns": ["t"], "tags": ["X", "Y"], "words": ["b"], "characters": "ab"})
    said = tagger.reply(pl.DataFrame({"t": ["a b a", None, "b"]}), run)
    assert said.said == (["X", "Y", "X"], [], ["Y"])
    assert said.sure is not None and said.sure.round(3).tolist() == [0.667, 1.0, 0.5]
    assert said.beside["tokens"] == [tokens_of("a b a"), [], ["b"]]


def test_an_answer_is_cut_out_of_its_text_as_it_stands() -> None:
    def run(names: Sequence[str], feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        starts, ends = np.full((2, *feeds["words"].shape), -9.0)
        first = (feeds["kinds"] == CONTEXT).argmax(1)
        starts[np.arange(len(first)), first + 2] = ends[np.arange(len(first)), first + 1] = -0.1
        ends[np.arange(len(first)), first + 3] = -0.2
        return [starts, ends]

    block = {"questions": ["q"], "context": "c", "words": ["who"], "most": 12, "longest": 2}
    frame = pl.DataFrame({"q": ["Who?", "Who?"], "c": ["It was Shi Lu, once.", ""]})
    said = Reader(block).reply(frame, run)
    assert said.said == ("Shi Lu", "") and said.beside["start"] == [7, -1]


def test_question_and_text_share_the_places_there_are() -> None:
    asked = Asked.of("a b c d e f g h", "The canal, dug long ago.", 8)
    assert asked.question == 4 and asked.spans == ((0, 3), (4, 9), (9, 10), (11, 14))
    assert asked.cut == 3
    made = Numbering(["canal"]).tensors([asked])
    assert made["kinds"][0].tolist() == [QUESTION] * 4 + [CONTEXT] * 4
    assert made["words"][0, 5] == 65 and (made["words"] > 0).all()
