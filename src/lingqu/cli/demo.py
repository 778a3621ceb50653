"""`lingqu demo`: the whole path on real data, narrated, within a minute.

The images are scikit-learn's digits. The traffic is simulated, and the narration says so: the
images of the test part are sent to the server as they are, then with a fault added to them.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from lingqu.cli.progress import Live
from lingqu.cli.session import short
from lingqu.core.i18n import text
from lingqu.core.numbering import told_row
from lingqu.core.spec import Channel
from lingqu.outlets.calling.client import Client
from lingqu.workspace import Workspace

BATCH = 20


def channel_file() -> Path:
    """Return the channel file of the demo: the example beside the sources, or the packaged one."""
    example = Path(__file__).resolve().parents[3] / "examples" / "digits" / "channel.yaml"
    return example if example.is_file() else Path(str(files("lingqu.cli") / "digits.yaml"))


def walk_digits(folder: str = "") -> int:
    """Walk examples/digits end to end and return the exit code."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    root = Path(folder or f".lingqu/demo-{stamp}").absolute()
    with Workspace(root) as workspace:
        tour = Tour(workspace, Channel.load(channel_file()))
        try:
            tour.all()
        finally:
            workspace.undeploy(tour.channel.name)
        tour.ending()
    return 0


class Tour:
    """The steps of the demo, each told before it is done."""

    def __init__(self, workspace: Workspace, channel: Channel) -> None:
        self.workspace = workspace
        self.channel = channel
        self.console = Console(highlight=False, soft_wrap=True)
        self.began = time.monotonic()
        self.step = 0
        self.rows: list[tuple[str, str]] = []
        self.run: Any = None
        self.secrets: dict[str, str] = {}
        self.client: Any = None

    def tell(self, key: str, **facts: Any) -> None:
        self.step += 1
        spent = time.monotonic() - self.began
        line = text(f"cli.demo_{key}", **facts)
        self.console.print(f"\n[bold cyan]{self.step:>2}[/]  [dim]{spent:>3.0f} s[/]  {line}")

    def note(self, message: str) -> None:
        self.console.print(f"    {message}", markup=False)

    def all(self) -> None:
        self.plain_release()
        self.governance()
        self.best_release()
        self.judge()
        self.serve()
        self.traffic()
        self.prove()

    def plain_release(self) -> None:
        self.tell("plain")
        plain = self.channel.updated("train", algorithm="logistic", budget="10 s")
        done = self.workspace.run(plain)
        self.secrets = dict(self.workspace.deploy(plain).secrets)
        self.note(text("cli.demo_plain_done", release=short(done.release)))

    def governance(self) -> None:
        self.tell("govern")
        stages = {stage.name: stage.result for stage in self.workspace.runs(limit=1)[0].stages}
        data, governed = stages["data"], stages["govern"]
        self.note(
            text(
                "cli.demo_rows",
                rows=data["rows"],
                train=data["train"]["rows"],
                test=data["test"]["rows"],
            )
        )
        reports = {report["operator"]: report["report"] for report in governed["reports"]}
        rules = reports["contract"]["rules"]
        passed = sum(rule["verdict"] == "pass" for rule in rules)
        self.note(text("cli.demo_contract", passed=passed, rules=len(rules)))
        self.note(text("cli.demo_copies", copies=reports["dedupe"]["copies"]))
        suspects = reports["find_label_errors"]
        worst = suspects["samples"][0] if suspects["samples"] else None
        if worst is not None:
            facts = {name: worst[name] for name in ("given", "suggested")}
            facts |= {"row": told_row(worst["row"])}
            self.note(text("cli.demo_suspects", count=suspects["suspects"], **facts))

    def best_release(self) -> None:
        self.tell("run", budget=f"{self.channel.train.budget:g}")
        with Live(budget_s=self.channel.train.budget) as live:
            self.run = self.workspace.run(self.channel, tell=live.hear)
        self.rows.append((text("cli.demo_row_release"), short(self.run.release)))

    def judge(self) -> None:
        self.tell("judge")
        found = {f.subject: f for f in self.workspace.findings(self.run.id)}
        for name in ("accuracy", "calibration.ece", "leakage.exact", "leakage.near"):
            finding = found.get(name)
            if finding is None or finding.value is None:
                continue
            shown = f"{finding.value:.4f}"
            if finding.low is not None and finding.high is not None:
                shown += f"  [{finding.low:.4f}, {finding.high:.4f}]"
            self.note(f"{name:<18} {shown}   n = {finding.n}")
            if name == "accuracy":
                self.rows.append((text("cli.demo_row_accuracy"), shown))
        drops = [f for s, f in found.items() if s.startswith("robustness.drop") and f.value]
        if drops:
            worst = max(drops, key=lambda f: f.value or 0.0)
            self.note(text("cli.demo_robust", measure=worst.subject, drop=f"{worst.value:.3f}"))
        if not any(s.startswith("fairness.gap") for s in found):
            self.note(text("cli.demo_no_fairness"))

    def serve(self) -> None:
        self.tell("deploy")
        deployment = self.workspace.deploy(self.channel)
        outlet = deployment.outlets[0]
        self.client = Client(outlet.address, self.channel.name, self.secrets["demo-app"])
        self.note(text("cli.demo_open", address=outlet.address))
        self.rows.append((text("cli.demo_row_address"), outlet.address))

    def traffic(self) -> None:
        images = self._test_images()
        self.tell("normal", count=len(images))
        self._send(images)
        self._watch()
        self.tell("fault", count=len(images))
        self._send(_faulty(images))
        actions = self._watch()
        for action in actions:
            state = text(f"cli.state_{action.state}")
            line = text("cli.action_line", name=action.name, state=state, rule=action.rule)
            self.note(line)
            self.rows.append((text("cli.demo_row_action"), f"{action.name}: {state}"))
        route = self.workspace.route(self.channel.name)
        if route is not None and route.backends:
            self.note(text("cli.demo_now", release=short(route.backends[0].release)))

    def _test_images(self) -> np.ndarray[Any, Any]:
        from lingqu.flow.rows import kept_rows

        frame: pl.DataFrame = kept_rows(self.workspace.home, self.run.id, "test")
        return np.asarray(frame["image"].to_numpy(), dtype=float).reshape(-1, 8, 8)

    def _send(self, images: np.ndarray[Any, Any]) -> None:
        for start in range(0, len(images), BATCH):
            part = images[start : start + BATCH]
            self.client.predict([{"image": image.tolist()} for image in part])

    def _watch(self) -> list[Any]:
        deadline = time.monotonic() + 5
        windows: list[Any] = []
        while not windows and time.monotonic() < deadline:
            windows = self.workspace.watch(self.channel)
            time.sleep(0.2)
        for window in windows:
            drift = {f.subject: f for f in window.findings if f.check == "drift"}
            alarm = drift.get("drift.alarm")
            psi = drift.get("drift.psi")
            said = "cli.demo_drift" if alarm is not None and alarm.value else "cli.demo_quiet"
            shown = f"{psi.value:.2f}" if psi is not None and psi.value is not None else "?"
            self.note(text(said, rows=window.rows, psi=shown))
        return [action for window in windows for action in window.actions]

    def prove(self) -> None:
        self.tell("prove")
        for event in self.workspace.events(limit=8):
            subject = event.subject if len(event.subject) <= 24 else short(event.subject)
            self.note(f"{event.sequence:>3}  {event.kind:<20} {subject}")
        result = self.workspace.audit()
        self.note(text("cli.audit_ok", count=result.count, head=short(result.head)))
        problems = self.workspace.verify(self.run.release)
        self.note(text("cli.verified") if not problems else str(problems[0]))
        self.rows.append((text("cli.demo_row_trail"), f"{result.count} ✓"))

    def ending(self) -> None:
        self.tell("end")
        table = Table(show_header=False)
        for name, value in self.rows:
            table.add_row(name, value)
        table.add_row(text("cli.demo_row_time"), f"{time.monotonic() - self.began:.0f} s")
        self.console.print(table)
        self.console.print(text("cli.demo_after"), markup=False)
        where, name = self.workspace.home.root, self.channel.name
        for command in (f"show {self.run.id}", "audit log", f"deploy {name}", f"respond {name}"):
            self.console.print(f"    lingqu {command} -w {quote(str(where))}", markup=False)
        page = self.workspace.report(self.run.id)
        self.console.print(text("cli.report_at", path=str(page)), markup=False, soft_wrap=True)


def _faulty(images: np.ndarray[Any, Any], seed: int = 0) -> np.ndarray[Any, Any]:
    """Add the fault of a failing camera: a veil of light and noise, in the range 0–16."""
    noise = np.random.default_rng(seed).normal(0, 3, images.shape)
    faulty: np.ndarray[Any, Any] = np.clip(np.rint(images * 0.5 + 6 + noise), 0, 16)
    return faulty
