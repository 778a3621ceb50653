"""A decoder from scratch: what it learns, how it writes, and that its memory changes nothing."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.core.errors import LingquError
from lingqu.learn.language.gpt import Gpt, Shape, windows
from lingqu.learn.language.write import Wish, write
from lingqu.learn.loop import Plan, fit
from lingqu.release.replies.alphabet import Alphabet
from lingqu.release.replies.drawing import drawn

TINY = Shape(tokens=12, context=16, width=16, layers=2, heads=2)


def decoder(seed: int = 0, shape: Shape = TINY) -> Gpt:
    torch.manual_seed(seed)
    return Gpt(shape)


def test_it_learns_a_text_and_writes_it_on() -> None:
    line = "the canal joins two rivers. "
    alphabet = Alphabet.of([line], most=20)
    ids = torch.tensor(alphabet.encode(line * 40))
    net = decoder(shape=Shape(len(alphabet), context=32, width=32, layers=2, heads=2))
    run = fit(net, {"x": windows(ids, 32)}, Plan(epochs=30, batch=8, learning_rate=5e-3))
    assert run.means == {} and not run.trouble
    said = list(write(net, alphabet.encode("the canal"), Wish(most=23, temperature=0)))
    assert "the canal" + alphabet.decode(said) == (line * 2)[:32]


def test_a_place_knows_nothing_of_those_behind_it() -> None:
    net = decoder().eval()
    ids = torch.tensor([[1, 2, 3, 4, 5, 6]])
    other = torch.tensor([[1, 2, 3, 9, 9, 9]])
    with torch.inference_mode():
        one, two = net(ids), net(other)
    assert torch.allclose(one[0, :3], two[0, :3], atol=1e-6)
    assert not torch.allclose(one[0, 3:], two[0, 3:], atol=1e-3)


@pytest.mark.parametrize("begun", [[1], [1, 2, 3], list(range(11)) * 2])
def test_what_is_remembered_gives_the_same_text_as_reading_all_again(begun: list[int]) -> None:
    net, text = decoder(3).eval(), list(begun)
    said = list(write(net, begun, Wish(most=10, temperature=0)))
    for token in said:
        if len(text) > 16:  # the context is full: later tokens are told from its newer half
            break
        with torch.inference_mode():
            assert int(net(torch.tensor([text]))[0, -1].argmax()) == token
        text.append(token)
    assert len(said) == 10


def test_the_seed_decides_and_a_stop_ends() -> None:
    net = decoder(1)
    one, two = (list(write(net, [1], Wish(most=30, seed=5))) for _ in range(2))
    assert one == two != list(write(net, [1], Wish(most=30, seed=6)))
    end = tuple(one[3:5])
    stopped = list(write(net, [1], Wish(most=30, seed=5, stop=(end,))))
    assert stopped == one[: len(stopped)] and tuple(stopped[-2:]) == end and len(stopped) <= 5


def test_top_k_and_top_p_draw_only_from_the_likeliest() -> None:
    scores = np.log([0.5, 0.3, 0.15, 0.05])
    generator = np.random.default_rng(0)

    def seen(wish: Wish) -> Counter[int]:
        return Counter(drawn(scores, wish, generator) for _ in range(300))

    assert set(seen(Wish())) == {0, 1, 2, 3}
    assert set(seen(Wish(top_k=2))) == {0, 1}
    assert set(seen(Wish(top_p=0.79))) == {0, 1} and set(seen(Wish(top_p=0.81))) == {0, 1, 2}
    assert set(seen(Wish(top_p=0.01))) == {0} == set(seen(Wish(temperature=0)))
    bold, shy = seen(Wish(temperature=5.0)), seen(Wish(temperature=0.3))
    assert bold[3] > 20 and shy[0] > 220


@pytest.mark.parametrize(
    "options", [{"top_p": 0.0}, {"top_p": 1.5}, {"temperature": -1.0}, {"top_k": -1}]
)
def test_numbers_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(LingquError, match=next(iter(options))):
        Wish(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("begun", [[], [99]])
def test_a_text_that_cannot_be_gone_on_from_is_refused(begun: list[int]) -> None:
    with pytest.raises(LingquError, match="from 0 to 11"):
        list(write(decoder(), begun, Wish()))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_what_an_alphabet_knows_comes_back(text: str) -> None:
    alphabet = Alphabet.of([text], most=1000)
    assert alphabet.decode(alphabet.encode(text)) == text
    assert max(alphabet.encode(text), default=0) < len(alphabet)
