"""Keys with scopes and rotation; people, roles and separation of duty; use in sums and files."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lingqu.core.errors import AccessError, GateError, SpecError, StoreError
from lingqu.core.nouns import ReleaseRecord
from lingqu.core.roles import ROLES, who_could
from lingqu.core.spec import Channel
from lingqu.flow.access import Scope, disable_key, is_open, make_key, rotate_key
from lingqu.flow.approve import approve
from lingqu.flow.usage import usage, write_usage
from lingqu.store.actor import OWNER, Actor, acting, acting_as
from lingqu.store.home import Home, open_home
from lingqu.store.usage import Used
from lingqu.workspace import Workspace

AT = "2026-11-21T08:00:00.000000+00:00"
DIGEST = "ab" * 32
CHANNEL = """\
channel: loans
data: loans.csv
train: {task: classify, target: paid}
release: {approve: human}
"""


@pytest.fixture
def still(tmp_path: Path) -> Iterator[Home]:
    """A workspace whose clock stands."""
    opened = open_home(tmp_path / "still", clock=lambda: AT)
    yield opened
    opened.close()


class TestScope:
    def test_it_is_kept_as_it_is_meant(self, home: Home) -> None:
        key, _ = make_key(
            home, "app", ["loans"], "600 / min,20000 rows/day", verbs=["call"],
            networks=["10.0.0.0/8"], certificate="sha256:AB:CD",
        )  # fmt: skip
        assert home.ledger.keys.get(key.id) == key
        assert (key.quota, key.verbs, key.account) == ("600/min, 20000 rows/d", ("call",), key.id)
        assert key.certificate == "sha256:abcd"
        (event,) = home.ledger.events.list(kind="key.made")
        assert event.detail["networks"] == ["10.0.0.0/8"]
        assert "by" not in event.detail

    @pytest.mark.parametrize(
        ("wrong", "key"),
        [
            ({"verbs": ["cal"]}, "access.unknown_verb"),
            ({"networks": ["10.0.0.1/8"]}, "access.bad_network"),
            ({"certificate": "CN=x"}, "access.bad_certificate"),
            ({"certificate": "subject:"}, "access.bad_certificate"),
            ({"role": "boss"}, "access.unknown_role"),
            ({"quota": "5 EUR/h, 5 USD/d"}, "core.bad_quota"),
        ],
    )
    def test_what_cannot_be_read_is_refused(
        self, home: Home, wrong: dict[str, Any], key: str
    ) -> None:
        with pytest.raises(SpecError) as caught:
            make_key(home, "app", **wrong)
        assert caught.value.key == key
        assert str(caught.value)
        assert home.ledger.keys.list() == []

    def test_a_checked_scope_is_the_same_again(self) -> None:
        checked = Scope(["a"], ["read"], "1/s", ["::/0"], "sha256:aa", "viewer").checked()
        assert checked.checked() == checked


class TestRotation:
    def test_both_secrets_hold_until_the_old_one_ends(self, still: Home) -> None:
        first, _ = make_key(still, "app", ["loans"], "9/h", verbs=["call"])
        second, secret = rotate_key(still, "app", "2 h")
        before = still.ledger.keys.get(first.id)
        assert before is not None and before.expires == "2026-11-21T10:00:00+00:00"
        assert (second.replaces, second.account) == (first.id, first.id)
        assert (second.verbs, second.quota, second.expires) == (("call",), "9/h", "")
        assert secret not in (still.root / "ledger.db").read_bytes().decode("latin-1")
        third, _ = rotate_key(still, "app", "0 s")
        assert third.account == first.id
        now = still.clock()
        open_now = [key.id for key in still.ledger.keys.list() if is_open(key, now)]
        assert set(open_now) in ({first.id, third.id}, {second.id, third.id})
        assert len(still.ledger.events.list(kind="key.rotated")) == 2

    def test_a_key_that_ends_sooner_is_not_kept_alive(self, still: Home) -> None:
        first, _ = make_key(still, "app", expires="1 h")
        rotate_key(still, first.id, "24h")
        kept = still.ledger.keys.get(first.id)
        assert kept is not None and kept.expires == first.expires

    def test_disabling_a_name_disables_every_secret(self, still: Home) -> None:
        make_key(still, "app")
        rotate_key(still, "app")
        disable_key(still, "app")
        assert all(key.disabled for key in still.ledger.keys.list())
        with pytest.raises(AccessError):
            rotate_key(still, "app")

    @pytest.mark.parametrize("overlap", ["soon", "-1 h", "1e300 s"])
    def test_an_overlap_is_a_duration(self, still: Home, overlap: str) -> None:
        make_key(still, "app")
        with pytest.raises(SpecError):
            rotate_key(still, "app", overlap)
        assert len(still.ledger.keys.list()) == 1


@pytest.fixture
def as_person(tmp_path: Path) -> Iterator[Callable[..., Workspace]]:
    """Open one workspace as somebody with a role."""
    opened: list[Workspace] = []
    with Workspace(tmp_path / "shared") as owner:
        owner.home.ledger.channels.put("loans", "v1", CHANNEL, AT)

        def become(role: str, *channels: str, name: str = "") -> Workspace:
            _, token = owner.add_person(name or f"{role}-{len(opened)}", role, channels)
            opened.append(Workspace(tmp_path / "shared", token=token))
            return opened[-1]

        yield become
        for workspace in opened:
            workspace.close()


def calls() -> dict[str, tuple[str, Callable[[Workspace], object]]]:
    """Verbs of the façade that need a role: what is needed, and a call that then goes further."""
    loans = Channel.parse(CHANNEL)
    return {
        "run": ("build", lambda w: w.run(loans)),
        "data_commit": ("build", lambda w: w.data_commit("none.csv")),
        "data_fix": ("build", lambda w: w.data_fix("loans", [], "x", "")),
        "deploy": ("operate", lambda w: w.deploy(loans)),
        "undeploy": ("operate", lambda w: w.undeploy("loans")),
        "respond": ("operate", lambda w: w.respond(loans)),
        "switch": ("route", lambda w: w.switch("loans", DIGEST)),
        "call": ("call", lambda w: w.call("loans", [{}])),
        "approve": ("approve", lambda w: w.approve(DIGEST, "x")),
        "block": ("block", lambda w: w.act("loans", "block")),
        "make_key": ("keys", lambda w: w.make_key("k")),
        "disable_key": ("keys", lambda w: w.disable_key("k")),
        "add_person": ("people", lambda w: w.add_person("p", "admin")),
        "make_certificate": ("people", lambda w: w.make_certificate()),
        "events": ("prove", lambda w: w.events()),
        "audit": ("prove", lambda w: w.audit()),
        "usage": ("prove", lambda w: w.usage()),
        "prune": ("house", lambda w: w.prune()),
        "erase": ("house", lambda w: w.erase("id", "7")),
    }


class TestRoles:
    @pytest.mark.parametrize("role", ROLES)
    def test_a_role_brings_its_verbs_and_no_other(
        self, as_person: Callable[..., Workspace], role: str
    ) -> None:
        workspace = as_person(role)
        for name, (verb, call) in calls().items():
            refused: LookupError | Exception | None = None
            try:
                call(workspace)
            except Exception as error:  # what comes after the role is of no interest here
                refused = error
            by_role = isinstance(refused, AccessError) and refused.key == "access.wrong_role"
            assert by_role == (verb not in ROLES[role]), (name, refused)
            if by_role:
                assert ", ".join(who_could(verb)) in str(refused)
        assert workspace.runs() is not None
        assert workspace.releases() == []

    def test_duties_are_separate(self) -> None:
        assert "operate" not in ROLES["risk-officer"]
        assert "approve" not in ROLES["operator"] | ROLES["builder"]
        assert ROLES["auditor"] == {"see", "prove"}
        for role in ("viewer", "builder", "operator", "risk-officer", "auditor"):
            assert not ROLES[role] & {"people", "house"}

    def test_who_did_what_stands_in_every_event(self, as_person: Callable[..., Workspace]) -> None:
        operator = as_person("operator", name="olga")
        operator.make_key("app")
        admin = as_person("admin", name="ada")
        admin.make_certificate()
        told = {event.kind: event.detail["by"] for event in admin.events()[-2:]}
        assert told == {"person.added": "owner", "tls.signed": "ada"}
        (made,) = admin.events(kind="key.made")
        assert made.detail["by"] == "olga"
        known = admin.keys()
        assert {key.name: key.made_by for key in known}["app"] == "olga"
        assert admin.audit().ok

    def test_a_channel_bounds_a_role(self, as_person: Callable[..., Workspace]) -> None:
        operator = as_person("operator", "cars")
        for call in (
            lambda: operator.undeploy("loans"),
            lambda: operator.make_key("app", ["loans"]),
            lambda: operator.make_key("app"),
            lambda: operator.make_key("app", ["cars", "loans"]),
        ):
            with pytest.raises(AccessError) as caught:
                call()
            assert caught.value.key == "access.other_channel"
        operator.make_key("app", ["cars"])
        operator.disable_key("app")

    def test_a_token_that_is_nobodys_opens_nothing(self, as_person: Any, tmp_path: Path) -> None:
        admin = as_person("admin")
        _, callers = admin.make_key("app")
        _, gone = admin.add_person("joe", "viewer")
        admin.disable_key("joe")
        for token in ("lq_x", "Bearer", callers, gone, "lq_abcdefgh_" + "x" * 43):
            with pytest.raises(AccessError) as caught:
                Workspace(tmp_path / "shared", token=token)
            assert (caught.value.key, caught.value.status) == ("access.no_person", 401)

    def test_an_operator_cannot_raise_himself(self, as_person: Callable[..., Workspace]) -> None:
        as_person("admin", name="ada")
        operator = as_person("operator")
        for call in (
            lambda: operator.add_person("me", "admin"),
            lambda: operator.make_key("me", role="admin"),
            lambda: operator.rotate_key("ada"),
            lambda: operator.disable_key("ada"),
        ):
            with pytest.raises(AccessError) as caught:
                call()
            assert caught.value.facts["verb"] == "people"

    def test_contexts_are_kept_apart(self) -> None:
        with acting_as(Actor("ann", "viewer")):
            with acting_as(OWNER):
                assert acting() == OWNER
            assert acting() == Actor("ann", "viewer")
        assert acting() is None


def candidate(home: Home, by: str = "") -> None:
    """Leave a release that waits for a person, from a run that `by` began."""
    home.ledger.releases.put(ReleaseRecord(DIGEST, "loans", "run-1", "candidate", AT))
    with acting_as(Actor(by, "builder")):
        home.ledger.events.append("run.started", "run-1", {"channel": "loans"}, AT)


class TestApproval:
    def test_nobody_approves_his_own_run(self, as_person: Callable[..., Workspace]) -> None:
        ada = as_person("admin", name="ada")
        candidate(ada.home, "ada")
        with pytest.raises(AccessError) as caught:
            ada.approve(DIGEST, "somebody else")
        assert caught.value.key == "access.approve_own"
        assert "risk-officer" in str(caught.value)
        rita = as_person("risk-officer", name="rita")
        assert rita.approve(DIGEST, "not me").state == "approved"
        (event,) = rita.events(kind="release.approved")
        assert event.detail == {"by": "rita"}

    def test_where_roles_are_in_use_the_owner_must_say_who_he_is(
        self, as_person: Callable[..., Workspace], tmp_path: Path
    ) -> None:
        candidate(as_person("viewer").home, "bob")
        with Workspace(tmp_path / "shared") as owner:
            with pytest.raises(AccessError) as caught:
                owner.approve(DIGEST, "rita")
            assert caught.value.key == "access.approve_unknown"
            assert owner.releases()[0].state == "candidate"

    def test_without_roles_it_is_as_it_was(self, home: Home) -> None:
        home.ledger.channels.put("loans", "v1", CHANNEL, AT)
        candidate(home, "bob")
        with pytest.raises(GateError):
            approve(home, DIGEST, " ")
        assert approve(home, DIGEST, "bob").state == "approved"


class TestUsage:
    def used(self, home: Home) -> str:
        first, _ = make_key(home, "app")
        second, _ = rotate_key(home, "app")
        hour = 1_800_000_000 // 3600 * 3600
        home.ledger.usage.add(
            [
                Used(first.id, "loans", "r1" * 9, hour, 2, 1, 5, 7, 0.5),
                Used(second.id, "loans", "r2" * 9, hour + 3600, 1, 0, 1),
                Used("", "cars", "r3" * 9, hour + 86_400, 1),
            ]
        )
        return first.id

    def test_sums_are_by_what_is_asked(self, home: Home) -> None:
        self.used(home)
        zero = {"errors": 0, "tokens": 0, "money": 0}
        assert usage(home) == [
            {"key": "-", "channel": "cars", "requests": 1, "rows": 0, **zero},
            {"key": "app", "channel": "loans", "requests": 3, "errors": 1, "rows": 6, "tokens": 7,
             "money": 0.5},
        ]  # fmt: skip
        assert [row["day"] for row in usage(home, ["day"])] == ["2027-01-15", "2027-01-16"]
        assert [row["release"] for row in usage(home, ["release"], channel="loans")] == [
            "r1" * 6,
            "r2" * 6,
        ]
        assert usage(home, ["month"], "2027-01-16")[0]["requests"] == 1
        assert usage(home, [], "2028-01-01") == []
        assert usage(home, ["hour"])[0]["hour"] == "2027-01-15T08:00"
        with pytest.raises(SpecError):
            usage(home, ["keys"])
        with pytest.raises(SpecError):
            usage(home, since="lately")
        assert usage(home, since="1e300 d") == usage(home)

    def test_files_hold_the_same(self, home: Home, tmp_path: Path) -> None:
        self.used(home)
        rows = usage(home, ["key", "day"])
        for ending in ("csv", "json", "parquet"):
            write_usage(rows, tmp_path / f"usage.{ending}")
        assert json.loads((tmp_path / "usage.json").read_text()) == rows
        assert pl.read_parquet(tmp_path / "usage.parquet").to_dicts() == rows
        with (tmp_path / "usage.csv").open() as file:
            assert [row["requests"] for row in csv.DictReader(file)] == [
                str(row["requests"]) for row in rows
            ]
        with pytest.raises(SpecError):
            write_usage(rows, tmp_path / "usage.xlsx")
        with pytest.raises(StoreError):
            write_usage(rows, tmp_path / "none" / "usage.csv")

    def test_no_name_is_a_formula(self, tmp_path: Path) -> None:
        write_usage([{"key": "=1+1", "requests": 1}], tmp_path / "usage.csv")
        assert "'=1+1" in (tmp_path / "usage.csv").read_text()
