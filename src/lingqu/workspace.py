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
    Key,
    OutletRecord,
    ReleaseRecord,
    Route,
    Run,
)
from lingqu.core.spec import Channel
from lingqu.flow.walk import Tell, hear_nothing
from lingqu.store.folders import release_folder
from lingqu.store.home import open_home
from lingqu.workspace_data import DataVerbs

if TYPE_CHECKING:
    from lingqu.release.release import Release


class Workspace(DataVerbs):
    """A folder in which channels are walked and everything that happened is kept.

    Args:
        path: Folder of the workspace; ``LINGQU_WORKSPACE``, else ``.lingqu`` here.
        ledger: SQLAlchemy URL of the ledger; SQLite inside the folder when empty.
        blobs: fsspec URL of the blobs; a folder inside the folder when empty.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, Workspace(folder) as workspace:
        ...     workspace.runs()
        []
    """

    def __init__(self, path: str | Path | None = None, ledger: str = "", blobs: str = "") -> None:
        root = Path(path or os.environ.get("LINGQU_WORKSPACE") or ".lingqu").absolute()
        self.home = open_home(root, ledger, blobs)

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
        from lingqu.flow.export import export

        return export(self.home, digest, Path(to))

    # Use

    def deploy(
        self, channel: str | Path | Channel, release: str = "", canary: float | None = None
    ) -> Any:
        """Open the outlets of a channel on a release."""
        from lingqu.flow.deploy import deploy

        return deploy(self.home, self.channel(channel), release=release, canary=canary)

    def undeploy(self, channel: str) -> list[str]:
        """Close the outlets of a channel."""
        from lingqu.flow.deploy import close

        return close(self.home, channel)

    def outlets(self, channel: str | None = None) -> list[OutletRecord]:
        """Return the outlets in the ledger."""
        return list(self.home.ledger.outlets.list(channel=channel))

    def call(
        self, channel: str, rows: Any, key: str = "", options: Mapping[str, Json] | None = None
    ) -> Any:
        """Ask a channel: over its open server with a key, or in this process without one."""
        from lingqu.flow.call import call

        return call(self.home, channel, rows, key, options)

    def keys(self) -> list[Key]:
        """Return the keys; their secrets are not kept."""
        return list(self.home.ledger.keys.list())

    def make_key(
        self, name: str, channels: Sequence[str] = (), quota: str = "", expires: str = ""
    ) -> tuple[Key, str]:
        """Make a key; the secret is returned once."""
        from lingqu.flow.access import make_key

        return make_key(self.home, name, channels, quota, expires)

    def disable_key(self, key: str) -> Key:
        """Disable a key at once, everywhere."""
        from lingqu.flow.access import disable_key

        return disable_key(self.home, key)

    def route(self, channel: str) -> Route | None:
        """Return who answers for a channel."""
        return self.home.ledger.routes.get(channel)

    def switch(
        self, channel: str, release: str, canary: float | None = None, fallback: str | None = None
    ) -> Route:
        """Change who answers for a channel."""
        from lingqu.flow.deploy import switch
        from lingqu.flow.find import find_release

        digest = find_release(self.home, release).digest
        back = find_release(self.home, fallback).digest if fallback else fallback
        return switch(self.home, channel, digest, canary=canary, fallback=back, reason="by hand")

    # Watch and respond

    def watch(self, channel: str | Path | Channel, partial: bool = False) -> list[Any]:
        """Look at the windows that closed since last time, and let the rules act."""
        from lingqu.flow.find import releases_of
        from lingqu.flow.watch import watch

        declared = self.channel(channel)
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

        return list(respond(self.home, self.channel(channel), frame=frame, tell=tell))

    def act(self, channel: str, action: str, options: Any = None) -> Action:
        """Do one action by hand: block, fallback, rollback, retrain, notify."""
        from lingqu.flow.respond import act_by_hand

        return act_by_hand(self.home, channel, action, options)

    # Prove and keep house

    def events(
        self, kind: str | None = None, subject: str | None = None, limit: int = 50
    ) -> list[Event]:
        """Return the newest events, oldest of them first."""
        from lingqu.flow.audit import newest

        return newest(self.home, kind, subject, limit)

    def audit(self) -> Any:
        """Verify the whole trail: every line, its links, the sealed count and head."""
        return self.home.ledger.events.verify()

    def prune(self, keep_days: float = 30.0, keep_last: int = 3, dry_run: bool = False) -> Any:
        """Remove what retention no longer asks for; events, live and approved releases stay."""
        from lingqu.flow.retention import prune

        return prune(self.home, keep_days, keep_last, dry_run)

    def erase(self, column: str, value: str) -> Any:
        """Erase a person's rows from every kept dataset version and log."""
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
