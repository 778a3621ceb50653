"""Figures of tables and folders: rules, profile with its report, versions, 20 million rows."""

from __future__ import annotations

import sys
from pathlib import Path

import contract
import data_child
import polars as pl
from data_child import ABSENT
from data_corpora import wide_table
from data_lines import DataFigure, Peer, Run, best, of

LINGQU = Path(sys.executable).with_name("lingqu")
LEFT_OUT = [f"x{i}" for i in range(9)]


def rules(run: Run) -> list[DataFigure]:
    """Ten rules, counted and sampled; the table of `contract.py`."""
    rows, path = run.size(1_000_000, 50_000), run.scratch / "orders.parquet"
    contract.table(rows, run.seed).write_parquet(path)
    ours = run.task("rules", run.times(), table=path)
    gx = run.peer("data_rules.py", path, times=run.times())
    pandera = run.peer(contract.PEER, path, times=run.times())
    peers: list[Peer] = []
    peaks: list[Peer] = []
    for peer in (gx, pandera):
        version = "" if isinstance(peer, Peer) else str(peer.said.get("version", ""))
        peers.append(of(peer, lambda child: float(child.said["cpu_s"]), version))
        peaks.append(of(peer, lambda child: child.peak_mb, version))
    beside = "; ".join(
        f"{cpu.by} {cpu.value:.2f} CPU-s, peak {peak.value:.0f} MB"
        for cpu, peak in zip(peers, peaks, strict=True)
        if cpu.value is not None and peak.value is not None
    )
    run.notes.append(
        f"rules: {rows:,} rows, {ours.said['failures']:,.0f} failures counted, "
        f"{ours.said['samples']:.0f} rows kept as samples; memory beyond the table "
        f"{ours.said['extra_mb']:.0f} MB; peers (GX results as SUMMARY, pandera lazy): "
        f"{beside or ABSENT}"
    )
    title = f"10 rules on {rows:,} rows"
    return [
        run.at_most(f"{title}, CPU-s", ours.said["cpu_s"], 0.5, best(*peers, least=True)),
        run.at_most(f"{title}, peak MB", ours.peak_mb, 600, best(*peaks, least=True)),
    ]


def profile(run: Run) -> list[DataFigure]:
    """A profile of 20 columns with its page, whole processes."""
    rows, path = run.size(1_000_000, 50_000), run.scratch / "wide.parquet"
    wide_table(rows, run.seed).write_parquet(path)
    pages = run.scratch / "ours.html", run.scratch / "skrub.html"
    command = [LINGQU, "data", "scan", path, "--to", pages[0], "-w", run.scratch / "scan"]
    ours = min(
        (data_child.run(command, run.scratch) for _ in range(run.times())),
        key=lambda child: child.cpu_s,
    )
    if f"{rows:,}" not in pages[0].read_text(encoding="utf-8"):
        raise data_child.ChildError(f"the page does not tell of {rows:,} rows")
    skrub = run.peer("data_report.py", path, pages[1], times=run.times())
    size = [page.stat().st_size / 1e6 if page.exists() else 0.0 for page in pages]
    title = f"profile and page of {rows:,} x 20"
    run.notes.append("profile: whole processes, imports and reading included, on both sides")
    return [
        run.at_most(f"{title}, CPU-s", ours.cpu_s, 6, of(skrub, lambda c: c.cpu_s)),
        run.at_most(f"{title}, peak MB", ours.peak_mb, 600, of(skrub, lambda c: c.peak_mb)),
        run.at_most(f"{title}, page in MB", size[0], 1, of(skrub, lambda _: size[1])),
    ]


def commit(run: Run) -> list[DataFigure]:
    """Versions of a folder of small files."""
    folders, each = run.size(100, 10), run.size(1000, 100)
    root = run.scratch / "many"
    for folder in range(folders):
        place = root / f"{folder:03}"
        place.mkdir(parents=True)
        for file in range(each):
            (place / f"{file:04}.txt").write_bytes(f"{folder} {file} ".encode() * 60)
    done = run.task("commit", folder=root, home=run.scratch / "versions")
    first, *same, changed = done.said["steps"]
    slowest = max(same, key=lambda step: float(step["wall_s"]))
    files = folders * each
    run.notes.append(
        f"commit: first of {files:,} files {first['wall_s']:.1f} s; unchanged (slower of two) "
        f"{slowest['wall_s']:.2f} s, {slowest['cpu_s']:.2f} CPU-s, files read {slowest['read']}; "
        f"peak {done.peak_mb:.0f} MB"
    )
    right = run.at_most(f"commit of {files:,} unchanged files, wall s", slowest["wall_s"], 5)
    read = float(changed["read"])
    return [right, run.exactly("files read again after one changed", read, 1)]


def large(run: Run) -> list[DataFigure]:
    """Twenty million rows: profile, contract, exact copies, version, in one process."""
    millions, chunk = run.size(20, 2), run.size(1_000_000, 100_000)
    path, planted = run.scratch / "large.parquet", 0
    parts = []
    for part in range(millions):
        rows = contract.table(chunk, run.seed + part).drop(LEFT_OUT)
        rows = rows.with_columns(pl.col("order_id") + part * chunk)
        rows = pl.concat([rows.head(chunk - 500), rows.head(500)])
        planted += 500
        parts.append(run.scratch / f"part{part:02}.parquet")
        rows.write_parquet(parts[-1])
    pl.scan_parquet(parts).sink_parquet(path)
    for file in parts:
        file.unlink()
    done = run.task("many_rows", table=path, home=run.scratch / "large")
    steps = ", ".join(
        f"{name} {step['cpu_s']:.0f} CPU-s (peak {step['peak_mb']:.0f} MB)"
        for name, step in done.said["steps"].items()
    )
    run.notes.append(
        f"large: {done.said['rows']:,} rows x 11 columns, {path.stat().st_size / 1e9:.2f} GB "
        f"Parquet; {steps}; {done.said['removed']:,} copies left out, {done.said['kept']:,} kept; "
        f"wall {done.wall_s:.0f} s"
    )
    path.unlink()
    title = f"{done.said['rows']:,} rows: profile, contract, copies, commit"
    return [
        run.at_most(f"{title}; peak MB", done.peak_mb, 4096),
        run.at_least("exact copies found of those planted", done.said["copies"] / planted, 1),
    ]
