"""A channel of digits with two releases in a workspace, and an app that answers as it is routed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.outlets.asking import Reply, ask_all
from tests.outlets.outlet_samples import digits_model, make_release

from lingqu.core.nouns import ReleaseRecord
from lingqu.core.spec import Channel
from lingqu.outlets.access.guard import Guard
from lingqu.outlets.app import App
from lingqu.outlets.hosting.follow import Follower
from lingqu.outlets.hosting.tenants import Alone
from lingqu.outlets.routing.companions import Companions
from lingqu.outlets.routing.house import Tenant
from lingqu.store.feedback import Label
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

NAME = "digits"


def channel(**route: Any) -> Channel:
    """The declaration, with the given words under `access.route`."""
    return Channel.of(
        {
            "channel": NAME,
            "data": "sklearn:digits",
            "train": {"task": "classify", "target": "digit"},
            "access": {"route": route} if route else {},
        }
    )


def with_releases(home: Home, folder: Path, *seeds: int) -> list[str]:
    """Put approved releases into a workspace and return their digests."""
    digests = []
    for seed in seeds:
        made = folder / f"release{seed}"
        digest = make_release(made, NAME, seed=seed)
        shutil.copytree(made, home.root / "blobs" / "releases" / digest)
        record = ReleaseRecord(digest, NAME, "run", "approved", home.clock())
        home.ledger.releases.put(record)
        assert release_folder(home, digest).is_dir()
        digests.append(digest)
    return digests


@dataclass
class Serving:
    """An app of the channel in this process, in step with the ledger whenever it is asked."""

    home: Home
    follower: Follower = field(init=False)
    app: App = field(init=False)

    def __post_init__(self) -> None:
        guard = Guard()
        self.follower = Follower(self.home, guard, Alone(Tenant(NAME)))
        self.app = App(guard, self.follower.begin())
        self.beside = Companions(self.home, self.app)

    def ask(self, rows: list[Any], sessions: int = 0) -> list[Reply]:
        """Ask each row alone, as many callers or as nobody in particular."""
        self.follower.look(self.app)
        sent: list[tuple[str, str, Any, Mapping[str, str]]] = [
            ("POST", f"/c/{NAME}", [row], {"x-session": f"s{n % sessions}"} if sessions else {})
            for n, row in enumerate(rows)
        ]
        return ask_all(self.app, sent)

    def close(self) -> None:
        self.beside.close()
        self.follower.close()


def rows(count: int) -> tuple[list[Any], list[str]]:
    """Rows as callers send them, and their labels."""
    data, _ = digits_model()
    frame = data.frame.head(count)
    target = data.schema.target.name
    given = frame.drop(target).to_dicts()
    return given, [str(label) for label in frame[target].to_list()]


def label(home: Home, replies: list[Reply], labels: list[str]) -> None:
    """Feed labels back for the first row of each answer."""
    kept = [
        Label(reply.json["prediction_ids"][0], said)
        for reply, said in zip(replies, labels, strict=True)
        if reply.status == 200
    ]
    home.ledger.feedback.put(NAME, kept)


def logged(serving: Serving, rows: int) -> None:
    """Wait until the log holds so many rows."""
    room = serving.app.rooms[NAME]
    deadline = time.monotonic() + 60
    while room.records.logged < rows and time.monotonic() < deadline:
        time.sleep(0.02)
    assert room.records.logged >= rows
