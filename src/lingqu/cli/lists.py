"""How lists of items are shown to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from lingqu.core.i18n import text


def print_lists(answers: Sequence[Mapping[str, Any]]) -> None:
    """Print one list after the other, with what each rests on and the names that nobody knows."""
    for number, answer in enumerate(answers, start=1):
        based = text(f"recommend.based_on_{answer['based_on']}")
        typer.echo(text("recommend.answer", number=number, based=based))
        for place, (item, score) in enumerate(
            zip(answer["prediction"], answer["scores"], strict=True), start=1
        ):
            typer.echo(f"{place:>4}  {score:.4f}  {item}")
        if answer["unknown"]:
            typer.echo(text("recommend.answer_unknown", names=", ".join(answer["unknown"])))
