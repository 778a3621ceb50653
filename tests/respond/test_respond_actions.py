"""Every action on a real ledger: what it changes, what it leaves, and how it fails."""

from __future__ import annotations

import http.server
import inspect
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lingqu.core import catalog
from lingqu.core.errors import SpecError
from lingqu.core.nouns import Backend, Finding, Route
from lingqu.respond import ACTIONS
from lingqu.respond.act import act
from lingqu.respond.situation import Situation
from lingqu.store.ledger import Ledger

AT = "2026-11-21T08:00:00.000000+00:00"
OLD, NEW, THIRD = "a" * 64, "b" * 64, "c" * 64
Fires = Callable[..., Situation]


def states(ledger: Ledger) -> dict[str, str]:
    return {record.digest[0]: record.state for record in ledger.releases.list("churn")}


def answering(ledger: Ledger) -> list[tuple[str, float, str]]:
    route = ledger.routes.get("churn")
    assert route is not None
    return [(b.release[0], round(b.share, 6), b.arm) for b in route.backends]


@pytest.mark.parametrize("name", sorted(ACTIONS))
class TestEveryAction:
    def test_its_words_say_what_where_from_and_how(self, name: str) -> None:
        kind = catalog.load("actions", name)
        text = inspect.getdoc(kind) or ""
        assert kind.name == name
        assert "Example:" in text and ">>>" in text
        assert "Source:" in text

    def test_it_says_where_it_acts(self, name: str) -> None:
        kind = catalog.load("actions", name)
        assert kind.stages and kind.stages <= {"data", "gate", "live"}

    def test_its_main_option_is_a_field(self, name: str) -> None:
        kind = catalog.load("actions", name)
        fields = inspect.signature(kind).parameters
        assert kind.main == "" or kind.main in fields

    def test_an_unknown_option_is_refused_with_the_place(self, name: str) -> None:
        with pytest.raises(SpecError, match=r"respond\[0\].*line 9.*no_such"):
            catalog.build("actions", name, {"no_such": 1}, "`respond[0]` (channel.yaml line 9)")

    def test_a_failure_is_a_line_in_the_ledger_not_an_error(
        self, name: str, ledger: Ledger, fires: Fires
    ) -> None:
        done, effect = act(name, {"no_such": 1}, fires())
        assert (done.state, effect) == ("failed", None)
        assert "no_such" in done.detail["why"]
        assert ledger.actions.list("churn") == [done]
        assert [e.kind for e in ledger.events.list()] == ["action.failed"]


class TestTrace:
    def test_an_action_leaves_a_row_and_an_event_that_tell_the_same(
        self, ledger: Ledger, fires: Fires
    ) -> None:
        done, _ = act("notify", None, fires())
        (event,) = ledger.events.list()
        assert ledger.actions.list("churn") == [done]
        assert (event.kind, event.subject) == ("action.done", "churn/notify")
        assert event.detail["action"] == done.id
        assert event.detail["rule"] == "drift.psi > 0.2"
        assert event.detail["findings"] == ["drift.psi(age)"]
        assert event.detail["release"] == NEW
        assert ledger.events.verify().ok


class TestNotify:
    def test_without_a_hook_nothing_leaves_but_a_warning_is_logged(
        self, fires: Fires, caplog: pytest.LogCaptureFixture
    ) -> None:
        done, _ = act("notify", None, fires())
        assert done.state == "done" and done.detail["told"] == "log"
        assert "drift.psi > 0.2" in caplog.text

    def test_a_hook_gets_channel_rule_and_findings(self, fires: Fires, hook: Hook) -> None:
        done, _ = act("notify", hook.url, fires())
        assert done.state == "done"
        assert hook.heard == [
            {
                "channel": "churn",
                "rule": "drift.psi > 0.2",
                "findings": {"drift.psi(age)": 0.4},
            }
        ]

    def test_a_hook_that_refuses_is_a_failed_action(self, fires: Fires, hook: Hook) -> None:
        hook.status = 503
        done, _ = act("notify", hook.url, fires())
        assert done.state == "failed"
        assert hook.url in done.detail["why"] and "503" in done.detail["why"]

    def test_nobody_at_the_address(self, fires: Fires) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert act("notify", url, fires())[0].state == "failed"

    def test_an_answer_that_is_not_http(self, fires: Fires) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:

            def babble() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"moo\r\n\r\n")

            thread = threading.Thread(target=babble)
            thread.start()
            done, _ = act("notify", f"http://127.0.0.1:{server.getsockname()[1]}/", fires())
            thread.join()
        assert done.state == "failed" and "moo" in done.detail["why"]

    @pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://host/x", "not a url"])
    def test_only_the_web_is_a_hook(self, fires: Fires, url: str) -> None:
        done, _ = act("notify", url, fires())
        assert done.state == "failed"
        assert "http://" in done.detail["why"] and url in done.detail["why"]


class TestBlock:
    def test_in_use_the_channel_stops_and_the_release_is_blocked(
        self, live: Ledger, fires: Fires
    ) -> None:
        done, _ = act("block", None, fires())
        assert done.state == "done"
        assert answering(live) == []
        assert states(live)["b"] == "blocked"

    def test_a_blocked_canary_leaves_the_champion_with_everything(
        self, live: Ledger, fires: Fires
    ) -> None:
        canary = (Backend(OLD, 0.9), Backend(NEW, 0.1, "canary"))
        live.routes.set(Route("churn", canary, OLD, AT))
        act("block", None, fires())
        assert answering(live) == [("a", 1.0, "champion")]

    def test_a_blocked_champion_makes_the_canary_the_champion(
        self, live: Ledger, fires: Fires
    ) -> None:
        canary = (Backend(NEW, 0.9), Backend(OLD, 0.1, "canary"))
        live.routes.set(Route("churn", canary, NEW, AT))
        act("block", None, fires())
        assert answering(live) == [("a", 1.0, "champion")]
        route = live.routes.get("churn")
        assert route is not None and route.fallback == ""

    def test_the_same_alarm_again_blocks_what_is_blocked(self, live: Ledger, fires: Fires) -> None:
        act("block", None, fires())
        again, _ = act("block", None, fires())
        assert again.state == "done"
        assert answering(live) == [] and states(live)["b"] == "blocked"

    def test_at_the_gate_nothing_in_use_is_touched(self, live: Ledger, fires: Fires) -> None:
        done, _ = act("block", None, fires(stage="gate", release=""))
        assert done.state == "done"
        assert answering(live) == [("b", 1.0, "champion")]
        assert states(live)["b"] == "live"


class TestFallback:
    def test_all_traffic_goes_to_the_release_before(self, live: Ledger, fires: Fires) -> None:
        done, _ = act("fallback", None, fires())
        assert done.state == "done"
        assert done.detail["from"] == [NEW] and done.detail["to"] == OLD
        assert answering(live) == [("a", 1.0, "champion")]
        assert states(live)["b"] == "live"

    def test_the_same_alarm_again_does_not_flip_back(self, live: Ledger, fires: Fires) -> None:
        act("fallback", None, fires())
        again, _ = act("fallback", None, fires(release=OLD))
        assert again.state == "done" and again.detail["already"] is True
        assert answering(live) == [("a", 1.0, "champion")]

    def test_without_a_release_before_it_keeps_answering_and_says_so(
        self, live: Ledger, fires: Fires
    ) -> None:
        live.routes.set(Route("churn", (Backend(NEW, 1.0),), "", AT))
        done, _ = act("fallback", None, fires())
        assert done.state == "failed"
        assert "lingqu route churn --fallback" in done.detail["why"]
        assert answering(live) == [("b", 1.0, "champion")]

    def test_or_stops_if_the_channel_says_so_and_stays_stopped(
        self, live: Ledger, fires: Fires
    ) -> None:
        live.routes.set(Route("churn", (Backend(NEW, 1.0),), "", AT))
        done, _ = act("fallback", "stop", fires())
        assert done.state == "done" and done.detail["to"] is None
        again, _ = act("fallback", "stop", fires())
        assert again.state == "done" and again.detail["already"] is True
        assert answering(live) == []

    def test_never_to_a_release_that_was_blocked(self, live: Ledger, fires: Fires) -> None:
        live.releases.move(OLD, "blocked", AT)
        done, _ = act("fallback", None, fires())
        assert done.state == "failed" and OLD[:12] in done.detail["why"]
        assert answering(live) == [("b", 1.0, "champion")]

    def test_a_channel_that_is_not_deployed(self, ledger: Ledger, fires: Fires) -> None:
        done, _ = act("fallback", None, fires())
        assert done.state == "failed" and "lingqu deploy churn" in done.detail["why"]


class TestRollback:
    def test_the_release_before_answers_for_good(self, live: Ledger, fires: Fires) -> None:
        done, _ = act("rollback", None, fires())
        assert done.state == "done"
        assert answering(live) == [("a", 1.0, "champion")]
        assert states(live) == {"a": "live", "b": "retired", "c": "candidate"}
        route = live.routes.get("churn")
        assert route is not None and route.fallback == ""

    def test_a_retired_release_is_live_again(self, live: Ledger, fires: Fires) -> None:
        live.releases.move(OLD, "retired", AT)
        act("rollback", None, fires())
        assert states(live)["a"] == "live"

    def test_after_a_fallback_it_stays_there_and_retires_what_drifted(
        self, live: Ledger, fires: Fires
    ) -> None:
        act("fallback", None, fires())
        act("rollback", None, fires())
        assert answering(live) == [("a", 1.0, "champion")]
        assert states(live)["b"] == "retired"

    def test_never_to_a_release_that_was_blocked(self, live: Ledger, fires: Fires) -> None:
        live.releases.move(OLD, "blocked", AT)
        done, _ = act("rollback", None, fires())
        assert done.state == "failed"
        assert answering(live) == [("b", 1.0, "champion")]

    def test_there_must_be_a_release_before(self, live: Ledger, fires: Fires) -> None:
        live.routes.set(Route("churn", (Backend(NEW, 1.0),), "", AT))
        assert act("rollback", None, fires())[0].state == "failed"


class TestRetrain:
    def test_it_is_asked_for_once_until_it_is_carried_out(
        self, ledger: Ledger, fires: Fires
    ) -> None:
        first, _ = act("retrain", None, fires())
        second, effect = act("retrain", None, fires())
        assert first.state == "requested" and first.detail["next"] == "lingqu respond churn"
        assert second.id == first.id and effect is None
        assert len(ledger.actions.list("churn")) == len(ledger.events.list()) == 1
        ledger.actions.update(first.id, "done", {})
        assert act("retrain", None, fires())[0].id != first.id

    def test_another_rule_or_channel_asks_for_itself(self, ledger: Ledger, fires: Fires) -> None:
        act("retrain", None, fires())
        act("retrain", None, fires(rule="latency.p99_ms > 50"))
        act("retrain", None, fires(channel="credit"))
        assert len(ledger.actions.list()) == 3


class TestReweigh:
    GAP = Finding("fairness", "fairness.gap", 0.3, "sex", verdict="fail")

    def test_the_column_comes_from_the_finding(self, fires: Fires) -> None:
        done, effect = act("reweigh", None, fires(stage="gate", findings=(self.GAP,)))
        assert done.state == "done" and effect is not None
        assert effect.operators == (("reweigh", {"column": "sex"}),)

    def test_or_from_the_channel_file(self, fires: Fires) -> None:
        _, effect = act("reweigh", "age", fires(stage="gate", findings=(self.GAP,)))
        assert effect is not None
        assert effect.operators == (("reweigh", {"column": "age"}),)

    def test_without_either_it_says_what_to_write(self, fires: Fires) -> None:
        plain = Finding("fairness", "fairness.gap", 0.3)
        done, _ = act("reweigh", None, fires(stage="gate", findings=(plain,)))
        assert done.state == "failed" and "do: {reweigh: COLUMN}" in done.detail["why"]


class Hook:
    """A web hook on this machine."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.status = 204
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.heard.append(json.loads(body))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def hook() -> Iterator[Hook]:
    opened = Hook()
    thread = threading.Thread(target=opened.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield opened
    opened.server.shutdown()
    thread.join()
    opened.server.server_close()
