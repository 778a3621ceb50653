"""The one façade: every verb once, thin. It delegates and holds no logic of its own."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingqu.core import catalog
from lingqu.core.nouns import (
    Action,
    Event,
    Finding,
    Json,
    OutletRecord,
    ReleaseRecord,
    Run,
)
from lingqu.core.spec import Channel
from lingqu.flow.walk import Tell, hear_nothing
from lingqu.store.folders import release_folder
from lingqu.store.home import open_home
from lingqu.workspace_access import AccessVerbs
from lingqu.workspace_route import RouteVerbs

if TYPE_CHECKING:
    from lingqu.release.release import Release


class Workspace(AccessVerbs, RouteVerbs):
    """A folder in which channels are walked and everything that happened is kept.

    Args:
        path: Folder of the workspace; ``LINGQU_WORKSPACE``, else ``.lingqu`` here.
        ledger: SQLAlchemy URL of the ledger; SQLite inside the folder when empty.
        blobs: fsspec URL of the blobs; a folder inside the folder when empty.
        token: Of who acts, where roles are in use; ``LINGQU_TOKEN``, else the folder's owner.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, Workspace(folder) as workspace:
        ...     workspace.runs()
        []
    """

    def __init__(
        self, path: str | Path | None = None, ledger: str = "", blobs: str = "", token: str = ""
    ) -> None:
        root = Path(path or os.environ.get("LINGQU_WORKSPACE") or ".lingqu").absolute()
        self.home = open_home(root, ledger, blobs)
        self._begin(token or os.environ.get("LINGQU_TOKEN", ""))

    def _begin(self, token: str) -> None:
        from lingqu.flow.roles import begin

        try:
            begin(self.home, token)
        except BaseException:
            self.home.close()
            raise

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the ledger. Outlets stay open: they are processes of their own."""
        self.home.close()

    # Declare

    @staticmethod
    def init(source: str | Path, predict: str | None = None) -> str:
        """Return a drafted ``channel.yaml`` for a data file."""
        from lingqu.data.draft import draft

        return draft(str(source), predict)

    @staticmethod
    def draft_contract(drafted: str, file: str = "contract.yaml") -> tuple[str, str]:
        """Return a drafted channel with a line for its contract, and the contract's text."""
        from datetime import UTC, datetime

        from lingqu.flow.draft import with_contract

        return with_contract(drafted, datetime.now(UTC).replace(tzinfo=None), file)

    def channel(self, channel: str | Path | Channel) -> Channel:
        """Return a channel: itself, from a file, or the newest version known by name."""
        from lingqu.flow.find import find_channel

        return find_channel(self.home, channel)

    # Walk

    def plan(self, channel: str | Path | Channel, frame: Any = None) -> Any:
        """Return what a run would do, with every default that was chosen and why."""
        from lingqu.flow.data_stage import source_of
        from lingqu.flow.plan import plan
        from lingqu.flow.validate import validate

        declared = self.channel(channel)
        validate(declared)
        return plan(declared, source_of(declared, frame).read())

    def run(
        self,
        channel: str | Path | Channel,
        frame: Any = None,
        tell: Tell = hear_nothing,
        run_id: str = "",
    ) -> Run:
        """Walk a channel to a release."""
        from lingqu.flow.workers import workers_for

        declared = self.channel(channel)
        self._may("build", declared.name)
        workers = workers_for(self.home, declared)  # they import while we do

        from lingqu.flow.run import run

        return run(self.home, declared, frame=frame, tell=tell, run_id=run_id, workers=workers)[0]

    def runs(self, channel: str | None = None, limit: int = 50) -> list[Run]:
        """Return the newest runs first."""
        return list(self.home.ledger.runs.list(channel, limit))

    def show(self, run: str) -> Run:
        """Return a run by id or unique prefix, or the newest of the channel so named."""
        from lingqu.flow.find import find_run

        return find_run(self.home, run)

    def findings(self, run: str) -> list[Finding]:
        """Return what the checks of a run saw."""
        return list(self.home.ledger.findings.list(run_id=self.show(run).id))

    def report(self, run: str) -> Path:
        """Return the path of the HTML report of a run."""
        from lingqu.flow.find import report_file

        return report_file(self.home, self.show(run).id)

    def compare(self, first: str, second: str) -> list[dict[str, Json]]:
        """Return the measures of two runs side by side."""
        from lingqu.flow.compare import compare

        return compare(self.home, self.show(first), self.show(second))

    # Release

    def releases(self, channel: str | None = None) -> list[ReleaseRecord]:
        """Return the known releases, newest first."""
        return list(self.home.ledger.releases.list(channel))

    def release(self, digest: str) -> Release:
        """Open a release by digest, unique prefix, or the name of a channel (its newest)."""
        from lingqu.flow.find import find_release
        from lingqu.release.release import Release

        return Release.open(release_folder(self.home, find_release(self.home, digest).digest))

    def approve(self, digest: str, by: str) -> ReleaseRecord:
        """Approve a candidate that waits for a person."""
        self._may("approve")
        from lingqu.flow.approve import approve

        return approve(self.home, digest, by)

    def verify(self, digest: str) -> list[str]:
        """Return what is wrong with the bytes of a release; empty when every byte is right."""
        from lingqu.flow.find import find_release
        from lingqu.release.bundle import verify

        folder = Path(digest)
        if not (folder / "release.json").is_file():
            folder = release_folder(self.home, find_release(self.home, digest).digest)
        return [str(problem) for problem in verify(folder)]

    def export(self, digest: str, to: str | Path) -> Path:
        """Write a release to a folder, or to a ``.zip`` file."""
        self._may("build")
        from lingqu.flow.export import export

        return export(self.home, digest, Path(to))

    # Use

    def deploy(
        self, channel: str | Path | Channel, release: str = "", canary: float | None = None
    ) -> Any:
        """Open the outlets of a channel on a release."""
        from lingqu.flow.deploy import deploy

        declared = self.channel(channel)
        self._may("operate", declared.name)
        return deploy(self.home, declared, release=release, canary=canary)

    def undeploy(self, channel: str) -> list[str]:
        """Close the outlets of a channel."""
        self._may("operate", channel)
        from lingqu.flow.deploy import close

        return close(self.home, channel)

    def outlets(self, channel: str | None = None) -> list[OutletRecord]:
        """Return the outlets in the ledger."""
        return list(self.home.ledger.outlets.list(channel=channel))

    def call(
        self, channel: str, rows: Any, key: str = "", options: Mapping[str, Json] | None = None
    ) -> Any:
        """Ask a channel: over its open server with a key, or in this process without one."""
        self._may("call", channel)
        from lingqu.flow.call import call

        return call(self.home, channel, rows, key, options)

    def client(self, channel: str, language: str = "typescript") -> str:
        """Return the source of a client of a channel in another language."""
        from lingqu.flow.clients import client_of

        return client_of(self.home, channel, language)

    def feedback(self, channel: str, labels: Any, *, replace: bool = False) -> dict[str, int]:
        """Keep what was right after all: prediction id → label, or a frame of both."""
        self._may("call", channel)
        from lingqu.flow.feedback import take

        return take(self.home, channel, labels, replaces=replace)

    def look(self) -> Any:
        """Return what open outlets have counted until now, for `traffic`."""
        from lingqu.flow.status import look

        return look(self.home)

    def traffic(self, now: Any = None, before: Any = None) -> list[Any]:
        """Return requests, errors and latencies by channel, outlet, release and arm.

        Args:
            now: A look; one is taken when omitted.
            before: An earlier look: what was asked in between is told, with rates.
        """
        from lingqu.flow.status import traffic

        return traffic(self.look() if now is None else now, before)

    def score(
        self, channel: str, path: str | Path, out: str | Path, *, keep: Sequence[str] = (),
        **options: Any,
    ) -> Any:  # fmt: skip
        """Answer every row of a file, however large, in this process; see `lingqu.flow.score`."""
        self._may("call", channel)
        from lingqu.flow.score import score

        return score(self.home, channel, path, out, keep=keep, **options)

    # Watch and respond

    def watch(self, channel: str | Path | Channel, partial: bool = False) -> list[Any]:
        """Look at the windows that closed since last time, and let the rules act."""
        from lingqu.flow.find import releases_of
        from lingqu.flow.watch import watch

        declared = self.channel(channel)
        self._may("operate", declared.name)
        opened = releases_of(self.home, declared.name)
        return list(watch(self.home, declared, opened, partial=partial))

    def actions(self, channel: str | None = None, state: str | None = None) -> list[Action]:
        """Return what was done, and what is asked for."""
        return list(self.home.ledger.actions.list(channel=channel, state=state))

    def respond(
        self, channel: str | Path | Channel, frame: Any = None, tell: Tell = hear_nothing
    ) -> list[Action]:
        """Carry out the requested actions of a channel."""
        from lingqu.flow.respond import respond

        declared = self.channel(channel)
        self._may("operate", declared.name)
        done = list(respond(self.home, declared, frame=frame, tell=tell))
        self._await_outlets(declared.name)
        return done

    def act(self, channel: str, action: str, options: Any = None) -> Action:
        """Do one action by hand: block, fallback, rollback, retrain, notify."""
        from lingqu.flow.respond import act_by_hand

        self._may("block" if action in ("block", "fallback") else "operate", channel)
        done = act_by_hand(self.home, channel, action, options)
        self._await_outlets(done.channel)
        return done

    # Prove and keep house

    def events(
        self, kind: str | None = None, subject: str | None = None, limit: int = 50
    ) -> list[Event]:
        """Return the newest events, oldest of them first."""
        self._may("prove")
        from lingqu.flow.audit import newest

        return newest(self.home, kind, subject, limit)

    def audit(self) -> Any:
        """Verify the whole trail: every line, its links, the sealed count and head."""
        self._may("prove")
        return self.home.ledger.events.verify()

    def prune(self, keep_days: float = 30.0, keep_last: int = 3, dry_run: bool = False) -> Any:
        """Remove what retention no longer asks for; events, live and approved releases stay."""
        self._may("house")
        from lingqu.flow.retention import prune

        return prune(self.home, keep_days, keep_last, dry_run)

    def erase(self, column: str, value: str) -> Any:
        """Erase a person's rows from every kept dataset version and log."""
        self._may("house")
        from lingqu.flow.retention import erase

        return erase(self.home, column, value)

    def doctor(self) -> list[dict[str, Json]]:
        """Return what was looked at in this installation and how it is."""
        from lingqu.flow.doctor import doctor

        return doctor(self.home)

    @staticmethod
    def catalogue(family: catalog.Family) -> Mapping[str, str]:
        """Return the names of a family of plug-ins and what each is, in one line."""
        from lingqu.flow.describe import describe

        return describe(family)


def open(path: str | Path | None = None, ledger: str = "", blobs: str = "") -> Workspace:
    """Open a workspace, making it if it is new.

    Args:
        path: Folder; ``LINGQU_WORKSPACE``, else ``.lingqu`` in the current folder.
        ledger: SQLAlchemy URL, such as ``postgresql+psycopg://…``; SQLite when empty.
        blobs: fsspec URL, such as ``s3://bucket/prefix``; the folder itself when empty.
    """
    return Workspace(path, ledger, blobs)
