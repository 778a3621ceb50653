"""The contract of the ledger on SQLite and on a real Postgres; opening, refusing, migrating."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.contracts import ledger_contract as contract

from lingqu.core.errors import StoreError
from lingqu.core.nouns import Key, Run
from lingqu.store import tables
from lingqu.store.database import Database
from lingqu.store.ledger import Ledger, open_ledger
from lingqu.store.migrate import migrate
from lingqu.store.migrations import STEPS
from lingqu.store.process import is_dead, this_process
from lingqu.store.usage import Used


class TestChannels(contract.ChannelsContract):
    pass


class TestRuns(contract.RunsContract):
    pass


class TestStages(contract.StagesContract):
    pass


class TestCandidates(contract.CandidatesContract):
    pass


class TestDatasets(contract.DatasetsContract):
    pass


class TestReleases(contract.ReleasesContract):
    pass


class TestOutlets(contract.OutletsContract):
    pass


class TestRoutes(contract.RoutesContract):
    pass


class TestKeys(contract.KeysContract):
    pass


class TestUsage(contract.UsageContract):
    pass


class TestQuotas(contract.QuotasContract):
    pass


class TestFeedback(contract.FeedbackContract):
    pass


class TestFindings(contract.FindingsContract):
    pass


class TestActions(contract.ActionsContract):
    pass


class TestRevision(contract.RevisionContract):
    pass


class TestTransaction(contract.TransactionContract):
    pass


class TestMigrations:
    def test_a_new_ledger_has_todays_tables(self, ledger: Ledger) -> None:
        with ledger.snapshot() as connection:
            found = sa.inspect(connection)
            for table in tables.metadata.tables.values():
                names = {column["name"] for column in found.get_columns(table.name)}
                assert names == set(table.columns.keys()), table.name
            version = connection.execute(sa.select(tables.meta.c.schema_version)).scalar_one()
        assert version == len(STEPS)

    def test_another_step_is_walked_once_and_keeps_the_rows(self, ledger_url: str) -> None:
        ledger = open_ledger(ledger_url)
        ledger.runs.start(Run("r", "digits", "v", "done", "2026-11-01"))
        ledger.keys.add(contract.KeysContract.KEY)
        revision = ledger.revision()
        ledger.close()

        def add_an_index(connection: sa.Connection) -> None:
            connection.exec_driver_sql("CREATE INDEX runs_by_state ON runs (state)")

        database = Database(ledger_url)
        steps = [*STEPS, add_an_index]
        assert migrate(database, steps) == migrate(database, steps) == len(steps)
        with database.read() as connection:
            names = {index["name"] for index in sa.inspect(connection).get_indexes("runs")}
        assert "runs_by_state" in names
        newer = Ledger(database)
        assert newer.runs.get("r").channel == "digits"
        assert newer.revision() == revision
        database.close()

    def test_data_versions_of_a_first_ledger_get_their_ids(self, ledger_url: str) -> None:
        open_ledger(ledger_url).close()
        database = Database(ledger_url)
        with database.write() as connection:  # as version 1 made it
            connection.exec_driver_sql("DROP TABLE datasets")
            key = "INTEGER PRIMARY KEY" if database.is_sqlite else "BIGSERIAL PRIMARY KEY"
            words = ["digest", "channel", "name", "blob", "schema_json", "facts", "parents", "at"]
            words.append("erased")
            columns = ", ".join(f"{word} TEXT NOT NULL" for word in words)
            connection.exec_driver_sql(
                f"CREATE TABLE datasets (id {key}, {columns}, rows BIGINT NOT NULL, "
                "UNIQUE (digest, channel, name))"
            )
            for digest, parents in (("d1", "[]"), ("d2", '["d1"]')):
                values = f"'{digest}','c','train','x','[]','{{}}','{parents}','1','',7"
                connection.exec_driver_sql(
                    f"INSERT INTO datasets ({', '.join(words)}, rows) VALUES ({values})"
                )
            connection.execute(sa.update(tables.meta).values(schema_version=1))
        assert migrate(database) == len(STEPS)
        datasets = Ledger(database).datasets
        second = datasets.get("d2")
        assert second is not None and (second.parents, second.rows) == (("d1",), 7)
        assert (second.kind, second.operators, second.bytes, second.message) == ("table", [], 0, "")
        assert datasets.find(second.version[:8]) == second
        assert datasets.put("d2", "c", "train", "x", [], {}, 7, ["d1"], "2") == second.version
        assert [record.at for record in datasets.list()] == ["2", "1"]
        database.close()

    def test_keys_and_routes_of_a_second_ledger_say_more(self, ledger_url: str) -> None:
        open_ledger(ledger_url).close()
        database = Database(ledger_url)
        words = ["name", "hash", "channels", "quota", "expires", "created"]
        texts = ", ".join(f"{word} TEXT NOT NULL" for word in words)
        kind = "INTEGER PRIMARY KEY" if database.is_sqlite else "BIGSERIAL PRIMARY KEY"
        with database.write() as connection:  # as version 2 made it
            for table in ("keys", "usage", "routes", "quotas", "shadow_pairs", "human_queue"):
                connection.exec_driver_sql(f"DROP TABLE {table}")
            for statement in (
                f"CREATE TABLE keys (id TEXT PRIMARY KEY, {texts}, disabled BOOLEAN NOT NULL)",
                "CREATE TABLE usage (key TEXT, window_start BIGINT, amount BIGINT)",
                f"CREATE TABLE routes (id {kind}, channel TEXT, backends TEXT, fallback TEXT, "
                "changed TEXT, reason TEXT)",
                """INSERT INTO keys VALUES ('k1', 'app', 'h', '["c"]', '5/s', '', '1', FALSE)""",
                "INSERT INTO routes (channel, backends, fallback, changed, reason) "
                "VALUES ('c', '[]', 'old', '1', 'stop')",
            ):
                connection.exec_driver_sql(statement)
            connection.execute(sa.update(tables.meta).values(schema_version=2))
        assert migrate(database) == len(STEPS)
        newer = Ledger(database)
        assert newer.keys.list() == [
            Key("k1", "app", "h", ("c",), "5/s", created="1", account="k1")
        ]
        route = newer.routes.get("c")
        assert route is not None and (route.fallback, route.reason) == ("old", "stop")
        newer.usage.add([Used("k1", "c", "r", 3600, 1)])
        assert len(newer.usage.list()) == 1
        database.close()

    def test_a_newer_ledger_is_refused(self, ledger_url: str) -> None:
        database = Database(ledger_url)
        migrate(database, [*STEPS, lambda connection: None, lambda connection: None])
        database.close()
        with pytest.raises(StoreError) as caught:
            open_ledger(ledger_url)
        assert caught.value.key == "store.newer_schema"
        assert (caught.value.facts["found"], caught.value.facts["known"]) == (
            len(STEPS) + 2,
            len(STEPS),
        )
        assert "pip install --upgrade lingqu" in str(caught.value)

    def test_a_step_that_fails_leaves_the_old_version(self, ledger_url: str) -> None:
        open_ledger(ledger_url).close()

        def half(connection: sa.Connection) -> None:
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
            raise ZeroDivisionError

        database = Database(ledger_url)
        with pytest.raises(ZeroDivisionError):
            migrate(database, [*STEPS, half])
        with database.read() as connection:
            assert not sa.inspect(connection).has_table("half")
        database.close()
        open_ledger(ledger_url).close()

    def test_many_processes_may_make_it_at_once(self, ledger_url: str) -> None:
        program = (
            "import sys; from lingqu.store.ledger import open_ledger\n"
            "from lingqu.store.usage import Used\n"
            "ledger = open_ledger(sys.argv[1]); ledger.usage.add([Used('k', 'c', '', 0, 1)])\n"
            "ledger.close()"
        )
        command = [sys.executable, "-c", program, ledger_url]
        children = [subprocess.Popen(command) for _ in range(3)]
        assert [child.wait() for child in children] == [0, 0, 0]
        ledger = open_ledger(ledger_url)
        assert ledger.usage.list() == [Used("k", "c", "", 0, 3)]
        ledger.close()


class TestOpening:
    def test_folders_are_made(self, tmp_path: Path) -> None:
        open_ledger(f"sqlite:///{tmp_path}/a/b/ledger.db").close()
        with sqlite3.connect(tmp_path / "a/b/ledger.db") as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()

    def test_opening_again_writes_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        open_ledger(f"sqlite:///{path}").close()
        before = path.read_bytes()
        open_ledger(f"sqlite:///{path}").close()
        assert path.read_bytes() == before

    @pytest.mark.parametrize("url", ["sqlite://", "mysql://a:secret@b/c", "nonsense", ""])
    def test_other_urls_are_refused(self, url: str) -> None:
        with pytest.raises(StoreError) as caught:
            open_ledger(url)
        assert caught.value.key == "store.bad_url"
        assert "secret" not in str(caught.value)

    def test_a_postgres_that_is_not_there(self) -> None:
        with pytest.raises(StoreError) as caught:
            open_ledger("postgres://someone:hidden@127.0.0.1:9/none?connect_timeout=3")
        assert caught.value.key == "store.failed"
        assert "hidden" not in str(caught.value)

    def test_an_unwritable_folder(self, closed_folder: Path) -> None:
        for url in (f"sqlite:///{closed_folder}/l.db", f"sqlite:///{closed_folder}/new/l.db"):
            with pytest.raises(StoreError) as caught:
                open_ledger(url)
            assert caught.value.key == "store.unwritable"
            assert str(closed_folder) in str(caught.value)

    def test_a_file_that_is_no_ledger(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        path.write_bytes(b"this is not a database" * 100)
        with pytest.raises(StoreError) as caught:
            open_ledger(f"sqlite:///{path}")
        assert caught.value.key == "store.failed"
        assert "not a database" in str(caught.value)

    def test_a_full_disk_is_said_and_what_was_done_is_kept(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/ledger.db"
        program = (
            "import resource, sys\n"
            "from lingqu.core.errors import StoreError\n"
            "from lingqu.store.ledger import open_ledger\n"
            "ledger = open_ledger(sys.argv[1])\n"
            "ledger.events.append('first', 'x', {}, '2026-11-01')\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
            "try:\n"
            "    for n in range(1000): ledger.events.append('k', 'x', {'x': 'y' * 9000}, '1')\n"
            "except StoreError as error:\n"
            "    print(error.key, ledger.events.head().count)\n"
        )
        child = subprocess.run(
            [sys.executable, "-c", program, url], capture_output=True, text=True, check=True
        )
        key, count = child.stdout.split()
        assert key == "store.disk_full"
        ledger = open_ledger(url)
        assert ledger.events.head().count == int(count) > 1
        assert ledger.events.verify().ok
        ledger.close()
        assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY

    def test_a_lock_that_stays_is_said(self, sqlite_ledger: Ledger, tmp_path: Path) -> None:
        other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with sqlite_ledger.snapshot() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA busy_timeout=10")
        with pytest.raises(StoreError) as caught:
            sqlite_ledger.usage.add([Used("k", "c", "", 0, 1)])
        assert caught.value.key == "store.busy"
        other.execute("ROLLBACK")
        other.close()


class TestProcess:
    def test_another_host_is_not_known_to_be_dead(self) -> None:
        assert not is_dead({"host": "elsewhere", "pid": 1, "started": 0.0})

    def test_a_pid_given_again_is_another_process(self) -> None:
        assert is_dead({**this_process(), "started": 1.0})

    def test_a_child_that_was_not_waited_for_is_dead(self) -> None:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        import psutil

        described = {**this_process(), "pid": child, "started": psutil.Process(child).create_time()}
        assert is_dead(described)
        os.waitpid(child, 0)
        assert is_dead(described)
