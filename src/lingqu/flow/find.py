"""Find what a user names: a channel, a run, a release, a report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lingqu.core.errors import GateError, SpecError, StoreError
from lingqu.core.nouns import ReleaseRecord, Run
from lingqu.core.spec import Channel
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

if TYPE_CHECKING:
    from lingqu.release.release import Release


def find_channel(home: Home, channel: str | Path | Channel) -> Channel:
    """Return a channel: itself, from a file or a folder with one, or by name from the ledger.

    Raises:
        SpecError: There is neither such a file nor such a channel.
    """
    if isinstance(channel, Channel):
        return channel
    path = Path(channel)
    if path.is_dir():
        path = path / "channel.yaml"
    if path.is_file():
        return Channel.load(path)
    known = home.ledger.channels.latest(str(channel))
    if known is None:
        names = ", ".join(home.ledger.channels.names()) or "-"
        raise SpecError("flow.no_channel", channel=str(channel), known=names)
    return Channel.parse(known[1], path=home.root.parent / "channel.yaml")


def find_run(home: Home, name: str) -> Run:
    """Return a run by id, by unique prefix, or the newest of the channel so named."""
    newest = home.ledger.runs.list(name, 1)
    return home.ledger.runs.get(newest[0].id if newest else name)


def find_release(home: Home, name: str) -> ReleaseRecord:
    """Return a release by digest, by unique prefix, or the newest of the channel so named.

    Raises:
        GateError: There is none.
    """
    of_channel = list(home.ledger.releases.list(name))
    if of_channel:
        return max(of_channel, key=lambda record: record.created)
    try:
        return home.ledger.releases.get(name)
    except StoreError as error:
        raise GateError("flow.unknown_release", release=name) from error


def releases_of(home: Home, channel: str) -> dict[str, Release]:
    """Open the releases of a channel that answer or could have answered, by digest."""
    # What finds a channel or a run starts before the libraries that read a release.
    from lingqu.release.release import Release

    return {
        record.digest: Release.open(release_folder(home, record.digest))
        for record in home.ledger.releases.list(channel)
        if record.state in ("approved", "live", "retired", "blocked")
    }


def report_file(home: Home, run: str) -> Path:
    """Return a local file with the HTML report of a run; of one that only cleaned, of its data.

    Raises:
        StoreError: The run wrote no report (it failed before), or the report was pruned.
    """
    cleaned = home.ledger.runs.get(run).summary.get("kind") == "clean"
    name, beside = f"{run}.html", f"{run}.data.html"
    if cleaned:
        name = beside
    local = home.root / "blobs" / "reports" / name
    if local.is_file():
        return local
    # The report links to that of the data, which lies beside it.
    for page in {name, *(p.rpartition("/")[2] for p in home.blobs.list(f"reports/{beside}"))}:
        with home.blobs.open(f"reports/{page}") as file:
            (home.folder("fetched", "reports") / page).write_bytes(file.read())
    return home.folder("fetched", "reports") / name
