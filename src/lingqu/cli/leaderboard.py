"""The leaderboard in full: scores with their errors, candidates beside the chosen, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from lingqu.cli.session import print_table
from lingqu.core.i18n import language, text
from lingqu.core.nouns import Run


def trained(done: Run) -> Mapping[str, Any]:
    """Return what the last walk of the algorithm stage left; nothing where there was none."""
    found = [s.result for s in done.stages if s.name.startswith("train") and s.result]
    return found[-1] if found else {}


def explained(done: Run) -> dict[str, Any]:
    """Return how the model of a run was chosen, for programs."""
    result = trained(done)
    return {
        "candidates": [
            {k: v for k, v in c.items() if k != "curve"} for c in result.get("candidates", ())
        ],
        **{name: result.get(name) for name in ("notes", "why", "account", "growth")},
    }


def print_leaderboard(candidates: Sequence[Mapping[str, Any]], metric: str) -> None:
    """Print every candidate, in the order in which they were placed, beside the chosen model."""
    from lingqu.cli.shown import heads, number, shown_score

    rows = [
        (
            c["name"],
            _about(shown_score(metric, c["score"]), c.get("error")),
            f"{c['weight']:.0%}" if c["weight"] else "",
            _gap(metric, c),
            f"{c['cpu_seconds']:.2f} s" if c["cpu_seconds"] else "",
            f"{number(1000 * c['size_mb'])} kB" if c.get("size_mb") else "",
            f"{c['row_ms']:.2g} ms" if c.get("row_ms") else "",
            _why(c),
        )
        for c in candidates
    ]
    columns = heads("candidate", "validation", "weight", "against", "cpu", "size", "row", "why")
    print_table(text("cli.candidates_title", metric=metric), columns, rows, whole=(1, 3))
    if any(c.get("error") is not None for c in candidates):
        typer.echo(text("cli.leaderboard_note"))


def print_forms(forms: Sequence[Mapping[str, Any]], metric: str) -> None:
    """Print the forms in which a model could be released, where it was compressed."""
    from lingqu.cli.shown import number, shown_score

    if not forms:
        return
    rows = [
        (
            form["name"] + (" *" if form["front"] else ""),
            _about(shown_score(metric, form["score"]), form.get("error")),
            _gap(metric, {**form, "weight": float(form["name"] == "original")}),
            f"{number(1000 * form['size_mb'])} kB",
            f"{_rounded(1000 * form['row_ms'])} µs",
            f"{_rounded(1000 * form['many_s'])} ms",
            ": ".join(filter(None, (text(f"compress.state_{form['state']}"), reason_of(form)))),
        )
        for form in forms
    ]
    names = ("form", "validation", "gap", "size", "row", "many", "found")
    columns = [text(f"compress.{name}") for name in names]
    print_table(text("compress.title"), columns, rows, whole=(0, 1, 2))
    typer.echo(text("compress.note"))


def _rounded(value: float) -> str:
    """Return two digits of a number, or all before its point."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _about(value: str, error: float | None) -> str:
    return value if not value or error is None else f"{value} ± {error:.2g}"


def _gap(metric: str, c: Mapping[str, Any]) -> str:
    """Return how a candidate differs from the chosen model, in the metric's own sign."""
    from lingqu.core.metrics import METRICS, greater_is_better

    gap = c.get("gap")
    if gap is None or c["weight"] == 1.0:
        return ""
    value = gap if metric not in METRICS or greater_is_better(metric) else -gap
    return _about(f"{value:+.2g}" if value else "0", c.get("gap_error"))


def _why(c: Mapping[str, Any]) -> str:
    state = "" if c["state"] == "done" else text(f"cli.state_{c['state']}")
    return ": ".join(part for part in (state, reason_of(c)) if part)


def reason_of(c: Mapping[str, Any]) -> str:
    """Return what is said of a candidate; records of earlier versions have it in one language."""
    return str((language() == "zh" and c.get("reason_zh")) or c["reason"])


def print_why(done: Run) -> None:
    """Print why the model won, and what more data would give."""
    result = trained(done)
    sentences = [*result.get("why", ())]
    words = (result.get("growth") or {}).get("words")
    for title, said in (("why", sentences), ("growth", [words] if words else [])):
        if said:
            typer.echo(f"\n{text(f'cli.{title}_title')}")
        for one in said:
            typer.echo(f"  · {one[language()]}")
