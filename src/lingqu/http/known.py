"""What a caller may name: channels by name, data files in one folder. Never any path."""

from __future__ import annotations

from pathlib import Path

from lingqu.core.errors import AccessError, SpecError
from lingqu.core.spec import Channel
from lingqu.http.forms import WhichChannel
from lingqu.workspace import Workspace


def channel_of(workspace: Workspace, which: WhichChannel) -> Channel:
    """Return the channel of a request; its relative paths begin beside the workspace."""
    if which.name:
        return known(workspace, which.name)
    return Channel.parse(which.channel, path=workspace.home.root.parent / "channel.yaml")


def known(workspace: Workspace, name: str) -> Channel:
    """Return a channel of the ledger: a name that comes over HTTP is no path.

    Raises:
        SpecError: The workspace knows no such channel.
    """
    found = workspace.home.ledger.channels.latest(name)
    if found is None:
        names = ", ".join(workspace.home.ledger.channels.names()) or "-"
        raise SpecError("flow.no_channel", channel=name, known=names)
    return Channel.parse(found[1], path=workspace.home.root.parent / "channel.yaml")


def data_file(workspace: Workspace, source: str) -> Path:
    """Return a file or folder beside the workspace, links followed.

    Raises:
        AccessError: It is elsewhere, in the workspace itself, or not there.
    """
    folder = workspace.home.root.parent.resolve()
    try:
        path = (folder / source).resolve()
        there = path.exists()
    except (OSError, ValueError, RuntimeError):  # a name that no file can have
        there = False
    if there and path.is_relative_to(folder):
        own = workspace.home.root.resolve()
        if not path.is_relative_to(own) and not own.is_relative_to(path):
            return path
    raise AccessError("http.outside", 422, source=source, folder=str(folder))
