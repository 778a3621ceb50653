"""Figures of texts: near copies, leakage, personal data, words, the latency of one row."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import data_corpora
from data_child import Child
from data_lines import DataFigure, Peer, Run, best, of

sys.path.insert(0, str(Path(__file__).parent / "pii"))
import make_set
import measure

LANGUAGES = ("en", "zh")
FAST = {"en": 15_000, "zh": 25_000}
PRESIDIO = {
    "CREDIT_CARD": ("BANK_CARD",),
    "US_SSN": ("SSN",),
    "IBAN_CODE": ("IBAN",),
    "EMAIL_ADDRESS": ("EMAIL",),
    "IP_ADDRESS": ("IP",),
    "MAC_ADDRESS": ("MAC",),
    "PHONE_NUMBER": ("PHONE", "MOBILE", "LANDLINE"),
    "US_PASSPORT": ("PASSPORT",),
    "PERSON": ("NAME",),
    "LOCATION": ("ADDRESS",),
}
"""Our labels for the peer's; what it calls by other names (dates, addresses of pages) is left."""

Found = list[tuple[tuple[str, ...], int, int]]


def _corpus(run: Run, language: str) -> tuple[Path, list[data_corpora.Text]]:
    """Return the texts with planted copies, written once for each run."""
    path = run.scratch / f"{language}.jsonl"
    if path.exists():
        return path, [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = run.size(50_000, 4_000)
    made = data_corpora.planted(language, run.seed, rows, run.size(2500, 300))
    mark = data_corpora.write(made, path)
    mean = sum(len(row["text"]) for row in made) / len(made)
    copies = sum(row["kind"] == "near" for row in made)
    run.notes.append(
        f"corpus {language}: {data_corpora.ABOUT[language]}; {len(made):,} texts of {mean:.0f} "
        f"characters, among them {copies:,} exact and {copies:,} near copies; sha256 {mark}"
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
            _more(run, language, path),
        ]
    return figures


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
    known = [row for row in rows[: len(groups)]]
    for row in known:
        if row["of"] >= len(groups):  # what it copies was not shown to this peer
            row = row | {"kind": "base"}
    some = [row | {"kind": "base"} if row["of"] >= len(groups) else row for row in known]
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


def _more(run: Run, language: str, path: Path) -> DataFigure:
    """What 1 % more rows cost, all texts handed over again, the signatures kept on disk."""
    kept = run.scratch / f"kept-{language}"
    kept.mkdir(exist_ok=True)
    runs = [run.task("more", texts=path, kept=kept).said for _ in range(run.times())]
    full, more = (min(float(said[key]) for said in runs) for key in ("full_s", "more_s"))
    run.notes.append(
        f"1 % more {language}: {runs[0]['new']} new texts, {more:.3f} CPU-s beside {full:.2f} for "
        f"all ({runs[0]['pairs']:,} pairs known then, {runs[0]['pairs_at_once']:,} when looked at "
        "at once)"
    )
    name = f"near copies {language}, 1 % more rows, share of a full run"
    return run.at_most(name, more / full, 0.03)


def leakage(run: Run) -> list[DataFigure]:
    """Near copies of training rows planted in test rows."""
    figures, copies = [], run.size(500, 60)
    for language in LANGUAGES:
        draw = random.Random(f"{run.seed}:leakage:{language}")
        held = data_corpora.texts(language)[: run.size(12_000, 2_000)]
        draw.shuffle(held)
        cut = len(held) * 5 // 6
        train, others = held[:cut], held[cut:]
        made = []
        while len(made) < copies:
            text = draw.choice(train)
            copy = data_corpora.edited(text, language, draw.choice(data_corpora.RATES), draw)
            if copy != text and data_corpora.jaccard(text, copy, language) >= 0.8:
                made.append(copy)
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
            f"{copies} planted; of {len(false)} unplanted rows that were flagged {alike} have "
            f"J >= 0.6; {said['shown']} pairs shown, both records side by side: "
            f"{said['side_by_side']}; {said['cpu_s']:.2f} CPU-s"
        )
        share = found if said["side_by_side"] else 0.0
        figures += [
            run.at_least(f"leakage {language}, planted near copies found", share, 0.98),
            run.shown(f"leakage {language}, unplanted rows flagged", len(false) / len(others)),
        ]
    return figures


def personal(run: Run) -> list[DataFigure]:
    """Personal data: the part of the labelled set that no rule was tuned on."""
    figures = []
    for language in LANGUAGES:
        each = run.size(8, 2)
        documents = make_set.documents(language, "test", each)
        path = run.scratch / f"personal-{language}.jsonl"
        data_corpora.write([{"text": text} for text, _ in documents], path)
        ours = run.task("personal", run.times(), language=language, per_frame=each)
        kinds = {kind: (label,) for kind, label in measure.LABELS.items()}
        told = [(ours, _scores(ours.said["found"], documents, kinds))]
        peer = run.peer("data_personal.py", language, path)
        if isinstance(peer, Child):
            told.append((peer, _scores(peer.said["found"], documents, PRESIDIO)))
        run.notes.append(f"personal {language}, by label: {_by_label(told[0][1])}")
        figures += _personal_lines(run, language, told, peer)
    return figures


def _personal_lines(
    run: Run, language: str, told: list[tuple[Child, dict[str, Counter[str]]]], peer: Child | Peer
) -> list[DataFigure]:
    def said(what: str, names: bool) -> tuple[float, Peer]:
        values = [_share(scores, what, names) for _, scores in told]
        how = "" if isinstance(peer, Peer) else str(peer.said["how"])
        return values[0], of(peer, lambda _: values[1], how)

    speeds = [child.said["documents"] / child.said["cpu_s"] for child, _ in told]
    name = f"personal data {language}"
    figures = [
        run.at_least(f"{name}, structured, recall", said("recall", False)[0], 0.99,
                     said("recall", False)[1]),
        run.at_least(f"{name}, structured, precision", said("precision", False)[0], 0.98,
                     said("precision", False)[1]),
        run.at_least(f"{name}, documents per CPU-s", speeds[0], 20_000,
                     of(peer, lambda _: speeds[1])),
    ]  # fmt: skip
    for what in ("recall", "precision"):
        ours, theirs = said(what, True)
        figures.append(run.shown(f"{name}, names, {what}", ours, theirs))
    return figures


def _scores(
    found: list[list[Any]], documents: list[make_set.Document], labels: dict[str, Any]
) -> dict[str, Counter[str]]:
    """Count by label: ``labelled``, ``hit``, ``found``, ``right``; nothing is printed of texts."""
    counts = {name: Counter[str]() for name in ("labelled", "hit", "found", "right")}
    for spans, (_, truth) in zip(found, documents, strict=True):
        mine: Found = [(labels[kind], a, b) for kind, a, b in spans if kind in labels]
        for label, start, end in truth:
            counts["labelled"][label] += 1
            near = any(_alike(span, (label, start, end)) for span in mine)
            counts["hit"][label] += near
        for span in mine:
            right = next((one[0] for one in truth if _alike(span, one)), "")
            counts["found"][right or span[0][0]] += 1
            counts["right"][right or span[0][0]] += bool(right)
    return counts


def _alike(span: tuple[tuple[str, ...], int, int], truth: make_set.Span) -> bool:
    """Say whether a span covers a labelled one, under one of the names it may mean."""
    labels, start, end = span
    return any(measure.alike((label, start, end), truth) for label in labels)


def _share(scores: dict[str, Counter[str]], what: str, names: bool) -> float:
    part, whole = ("hit", "labelled") if what == "recall" else ("right", "found")
    labels = [
        label
        for label in set(measure.LABELS.values())
        if (label == "NAME" if names else label not in measure.FREE)
    ]
    total = sum(scores[whole][label] for label in labels)
    return sum(scores[part][label] for label in labels) / total if total else 0.0


def _by_label(scores: dict[str, Counter[str]]) -> str:
    return ", ".join(
        f"{label} {scores['hit'][label]}/{scores['labelled'][label]} found, "
        f"{scores['right'][label]}/{scores['found'][label]} right"
        for label in sorted(set(measure.LABELS.values()))
        if scores["labelled"][label] or scores["found"][label]
    )


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
