"""Figures of texts: near copies, leakage, words, the latency of one row."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import data_corpora
from data_lines import DataFigure, Peer, Run, best, of

LANGUAGES = ("en", "zh")
FAST = {"en": 15_000, "zh": 25_000}


SHORT = 20
"""Characters of the shortest text in the larger Chinese corpus."""


def _corpus(run: Run, language: str, least: int = 0) -> tuple[Path, list[data_corpora.Text]]:
    """Return the texts with planted copies, written once for each run."""
    path = run.scratch / f"{language}-{least}.jsonl"
    if path.exists():
        return path, [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = run.size(50_000, 4_000)
    made = data_corpora.planted(language, run.seed, rows, run.size(2500, 300), least)
    mark = data_corpora.write(made, path)
    mean = sum(len(row["text"]) for row in made) / len(made)
    copies = sum(row["kind"] == "near" for row in made)
    about = data_corpora.ABOUT[language]
    if least:
        about = about.replace(str(data_corpora.LEAST[language]), str(least))
    run.notes.append(
        f"corpus {language}: {about}; {len(made):,} texts of {mean:.0f} characters, among them "
        f"{copies:,} exact and {copies:,} near copies; sha256 {mark}"
    )
    return path, made


def near(run: Run) -> list[DataFigure]:
    """Near copies: speed, recall, and whether what is removed has a partner."""
    figures = []
    for language in LANGUAGES:
        path, rows = _corpus(run, language)
        roots = run.scratch / "roots.json"
        ours = run.task("near", run.times(), texts=path, roots=roots)
        judged = data_corpora.judged(rows, json.loads(roots.read_text()), language)
        rivals = [
            _rival(run, "rensa", language, path, rows),
            _rival(run, "datasketch", language, path, rows, most=10_000),
        ]
        speed, recall, right = (best(*(rival[i] for rival in rivals)) for i in range(3))
        run.notes.append(
            f"near {language}: {judged['pairs']:.0f} planted pairs with J >= 0.8, "
            f"{judged['exact']:.4f} of the exact copies found, {judged['removed']:.0f} removed; "
            f"peers: {_beside(rivals)}"
        )
        rate = ours.said["texts"] / ours.said["cpu_s"]
        name = f"near copies {language}"
        figures += [
            run.at_least(f"{name}, documents per CPU-s", rate, FAST[language], speed),
            run.at_least(f"{name}, recall at J >= 0.8", judged["recall"], 0.99, recall),
            run.at_least(f"{name}, removed with J >= 0.6", judged["right"], 0.95, right),
            *_more(run, language, path, len(rows)),
        ]
    path, rows = _corpus(run, "zh", SHORT)
    return [*figures, *_more(run, "zh", path, len(rows))]


def _rival(
    run: Run, name: str, language: str, path: Path, rows: list[Any], most: int = 0
) -> tuple[Peer, Peer, Peer]:
    """Return a peer's documents per CPU second, recall, and removed rows with a partner."""
    roots = run.scratch / "peer_roots.json"
    options = [name, language, path, roots, *([most] if most else [])]
    peer = run.peer("data_near.py", *options, times=1 if most else run.times())
    if isinstance(peer, Peer):
        return peer, peer, peer
    groups = json.loads(roots.read_text())
    # A copy of a text that was not shown to this peer counts as a text of its own.
    some = [
        row | {"kind": "base"} if row["of"] >= len(groups) else row for row in rows[: len(groups)]
    ]
    judged = data_corpora.judged(some, groups, language)
    how = f"first {len(groups):,} texts" if len(groups) < len(rows) else ""
    rate = len(groups) / float(peer.said["cpu_s"])
    return (
        of(peer, lambda _: rate, how),
        of(peer, lambda _: judged["recall"], how),
        of(peer, lambda _: judged["right"], how),
    )


def _beside(rivals: list[tuple[Peer, Peer, Peer]]) -> str:
    told = []
    for speed, recall, right in rivals:
        if speed.value is None or recall.value is None or right.value is None:
            told.append(speed.by)
        else:
            told.append(
                f"{speed.by} {speed.value:,.0f}/CPU-s, recall {recall.value:.4f}, "
                f"removed with a partner {right.value:.4f}"
            )
    return "; ".join(told)


def _more(run: Run, language: str, path: Path, count: int) -> list[DataFigure]:
    """What 1 % more rows cost: alone, and with all rows handed over again, as a walk does."""
    kept = run.scratch / f"kept-{path.stem}"
    runs = [run.task("more", texts=path, kept=kept).said for _ in range(run.times())]
    keys = ("full_s", "more_s", "all_s")
    full, more, every = (min(float(said[key]) for said in runs) for key in keys)
    run.notes.append(
        f"1 % more {language} of {count:,}: {runs[0]['new']} new texts, {more * 1e3:.1f} CPU-ms "
        f"alone and {every * 1e3:.1f} with all handed over again, beside {full * 1e3:.0f} for all "
        f"({runs[0]['pairs']:,} pairs known then, {runs[0]['pairs_at_once']:,} when looked at at "
        "once)"
    )
    name = f"near copies {language} ({count:,} texts), 1 % more rows"
    return [
        run.at_most(f"{name}, only the new handed over, share of a full run", more / full, 0.03),
        run.at_most(f"{name}, all handed over again, share of a full run", every / full, 0.03),
    ]


def leakage(run: Run) -> list[DataFigure]:
    """Near copies of training rows planted in test rows."""
    figures, copies = [], run.size(500, 60)
    for language in LANGUAGES:
        train, others, made = _sides(run, language, copies)
        paths = [run.scratch / f"{part}-{language}.jsonl" for part in ("train", "test")]
        for path, texts in zip(paths, (train, others + made), strict=True):
            data_corpora.write([{"text": text} for text in texts], path)
        said = run.task("leakage", run.times(), train=paths[0], test=paths[1]).said
        assert said["count"] == len(said["pairs"]), "the finding counts what the list holds"
        hit = {test: train[row] for row, test in said["pairs"]}
        found = sum(len(others) + i in hit for i in range(copies)) / copies
        false = {row: text for row, text in hit.items() if row < len(others)}
        alike = sum(
            data_corpora.jaccard(others[row], text, language) >= 0.6 for row, text in false.items()
        )
        run.notes.append(
            f"leakage {language}: {len(train):,} training rows, {len(others):,} test rows and "
            f"{copies} planted; {len(false)} unplanted rows were flagged, {alike} of them with "
            f"J >= 0.6: texts from one template; {said['shown']} pairs shown, both records side by "
            f"side: {said['side_by_side']}; {said['cpu_s']:.2f} CPU-s"
        )
        share = found if said["side_by_side"] else 0.0
        name, rest = f"leakage {language}", len(others)
        figures += [
            run.at_least(f"{name}, planted near copies found", share, 0.98),
            run.shown(f"{name}, unplanted rows flagged", len(false) / rest),
            run.shown(f"{name}, of them with J < 0.6, share of rows", (len(false) - alike) / rest),
        ]
    return figures


def _sides(run: Run, language: str, copies: int) -> tuple[list[str], list[str], list[str]]:
    """Return training texts, test texts, and near copies (J >= 0.8) of training texts."""
    draw = random.Random(f"{run.seed}:leakage:{language}")
    held = data_corpora.texts(language)
    draw.shuffle(held)
    held = held[: run.size(12_000, 2_000)]
    cut = len(held) * 5 // 6
    made: list[str] = []
    while len(made) < copies:
        text = draw.choice(held[:cut])
        copy = data_corpora.edited(text, language, draw.choice(data_corpora.RATES), draw)
        if copy != text and data_corpora.jaccard(text, copy, language) >= 0.8:
            made.append(copy)
    return held[:cut], held[cut:], made


def words(run: Run) -> list[DataFigure]:
    """Chinese word segmentation."""
    path, _ = _corpus(run, "zh")
    ours = run.task("words", texts=path).said
    few = run.scratch / "few.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    few.write_text("".join(lines[: len(lines) // 8]), encoding="utf-8")
    jieba = run.peer("data_words.py", few)
    rate = of(jieba, lambda c: c.said["characters"] / c.said["cpu_s"], "an eighth of the texts")
    speed = ours["characters"] / ours["cpu_s"]
    return [run.at_least("segmentation zh, characters per CPU-s", speed, 1_000_000, rate)]


def latency(run: Run) -> list[DataFigure]:
    """One text at a time through normalise, segment, stop words and features."""
    figures = []
    for language in LANGUAGES:
        path, _ = _corpus(run, language)
        few = run.scratch / f"few-{language}.jsonl"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        few.write_text("".join(lines[:3000]), encoding="utf-8")
        said = run.task("latency", texts=few, rows=1000).said
        name = f"one text through four operators {language}"
        figures.append(run.shown(f"{name}, median ms", said["p50_ms"]))
        run.notes.append(
            f"latency {language}: 99th percentile {said['p99_ms']:.2f} ms; the last operator "
            f"gives {said['width']} numbers"
        )
    return figures
