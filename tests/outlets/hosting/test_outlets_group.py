"""Several channels in one process: they come and go, and know nothing of each other."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from tests.outlets.asking import inputs, said

from lingqu.core.errors import AccessError, DataError, LingquError, OutletError
from lingqu.core.nouns import Backend, Route
from lingqu.outlets.access import keys
from lingqu.outlets.calling.client import Client
from lingqu.outlets.hosting.group import turn
from lingqu.outlets.server import Server
from lingqu.release.release import Release
from lingqu.store.home import Home


@pytest.fixture
def desk(serve: Callable[..., Server]) -> Callable[..., Server]:
    """Return what makes drivers of one group."""
    return partial(serve, group="desk")


def spoken(address: str, channel: str, release: Path, key: str = "") -> list[Any]:
    return [a["prediction"] for a in Client(address, channel, key).predict(inputs(release))]


def test_one_changes_a_group_at_a_time(tmp_path: Path):
    order: list[str] = []
    with turn(tmp_path, "desk"):
        waiting = threading.Thread(target=lambda: _enter(tmp_path, order))
        waiting.start()
        with turn(tmp_path, ""):
            order.append("alone")
        order.append("first")
    waiting.join()
    assert order == ["alone", "first", "second"]


def _enter(root: Path, order: list[str]) -> None:
    with turn(root, "desk"):
        order.append("second")


@pytest.mark.slow
def test_channels_of_a_group_share_a_process(
    home: Home, desk: Callable[..., Server], releases: dict[str, Path]
):
    digits, people = desk("digits"), desk("people", max_rows=20)
    first = digits.open(str(releases["digits"]))
    second = people.open(str(releases["people"]))
    assert (second["pid"], second["address"]) == (first["pid"], first["address"])
    address = first["address"]
    for name in ("digits", "people"):
        assert spoken(address, name, releases[name]) == said(releases[name])
    assert digits.status()["rows"] == len(inputs(releases["digits"]))
    with pytest.raises(AccessError) as refused:  # the limits are its own
        Client(address, "people").predict(inputs(releases["people"]) * 2)
    assert refused.value.status == 413
    assert Client(address, "digits").predict(inputs(releases["digits"]) * 2)

    with pytest.raises(DataError, match="digits, people"):
        Client(address, "digits").request("POST", "/invocations", b"{}")
    chosen = Client(address, "digits", headers={"x-channel": "digits"})
    body = b'{"instances": [{"image": 5}]}'
    with pytest.raises(DataError, match="image"):
        chosen.request("POST", "/invocations", body)

    people.close()
    assert not people.status()["alive"]
    assert digits.status()["alive"]
    with pytest.raises(OutletError, match="There is no"):
        Client(address, "people").predict(inputs(releases["people"]))
    port = int(address.rpartition(":")[2])
    again = desk("people", port=port).open(str(releases["people"]))
    assert again["pid"] == first["pid"]
    digits.close()
    assert spoken(address, "people", releases["people"]) == said(releases["people"])


@pytest.mark.slow
def test_what_goes_wrong_with_one_channel_leaves_the_others(
    home: Home, desk: Callable[..., Server], releases: dict[str, Path]
):
    digits = desk("digits")
    address = digits.open(str(releases["digits"]))["address"]
    with pytest.raises(OutletError, match="processes"):
        desk("people", processes=2).open(str(releases["people"]))
    digest = Release.open(releases["people"]).digest
    shutil.copytree(releases["people"], home.root / "blobs" / "releases" / digest)
    home.ledger.routes.set(Route("people", (Backend("f" * 64, 1.0),)))
    broken = desk("people")
    with pytest.raises(LingquError, match="did not start"):
        broken.open(str(releases["people"]))
    assert not broken.status()["alive"]
    assert home.ledger.outlets.get(broken.outlet).state == "failed"
    assert spoken(address, "digits", releases["digits"]) == said(releases["digits"])

    home.ledger.routes.set(Route("people", (Backend(digest, 1.0),)))
    key, secret = keys.make("app", ("people",), created=home.clock())
    home.ledger.keys.add(key)
    desk("people").open(str(releases["people"]))
    assert spoken(address, "people", releases["people"], secret) == said(releases["people"])
    with pytest.raises(AccessError):  # a key of one channel is none for another
        Client(address, "digits", secret).predict(inputs(releases["digits"]))
    asked = Request(f"{address}/metrics", headers={"X-API-Key": secret})
    with urlopen(asked) as reply:
        page = reply.read().decode()
    assert 'channel="people"' in page and 'channel="digits"' not in page
