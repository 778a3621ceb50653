"""The progress bar: shown at a terminal, silent elsewhere."""

from __future__ import annotations

import io

from rich.console import Console
from tests.learn.test_learn_loop import Net, blobs, same, weights

from lingqu.learn.bar import bar
from lingqu.learn.loop import Plan, fit


def shown(terminal: bool) -> str:
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=100)
    plain, watched = Net(), Net()
    fit(plain, blobs(), Plan(epochs=3, batch=30))
    fit(watched, blobs(), Plan(epochs=3, batch=30), on=[bar(console)])
    assert same(weights(plain), weights(watched))
    return out.getvalue()


def test_a_terminal_sees_epochs_and_losses() -> None:
    said = shown(terminal=True)
    assert "epoch 3 of 3" in said and "main 1." in said


def test_a_log_sees_nothing() -> None:
    assert shown(terminal=False) == ""
