"""The SQL source on a real Postgres."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from tests.contracts.source_contract import SourceContract
from tests.postgres import running_postgres

from lingqu.core.errors import DataError
from lingqu.core.ports import Source
from lingqu.data.sql import Sql


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """URL of a Postgres with two tables."""
    with running_postgres() as url:
        with psycopg.connect(url) as connection:
            for name, age in (("people", 29), ("others", 30)):
                connection.execute(f"CREATE TABLE {name} (id int, age numeric, at timestamptz)")
                connection.execute(
                    f"INSERT INTO {name} VALUES (1, 41.5, '2024-01-05 08:00+08'), "
                    f"(2, {age}, '2024-01-06 00:00+00')"
                )
        yield url


def with_query(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"


class TestPostgres(SourceContract):
    @pytest.fixture
    def source(self, server: str) -> Source:
        return Sql(with_query(server, "table=people"))

    @pytest.fixture
    def changed(self, server: str) -> Source:
        return Sql(with_query(server, "table=others"))

    @pytest.fixture
    def absent(self, server: str) -> Source:
        return Sql(with_query(server, "table=nobody"))

    def test_types_arrive(self, source: Source) -> None:
        dataset = source.read()
        assert dataset.frame["age"].to_list() == [41.5, 29.0]
        assert dataset.schema["at"].kind == "datetime"
        assert dataset.frame["at"][0].isoformat() == "2024-01-05T00:00:00"

    def test_what_no_column_can_hold_is_read_as_its_text(self, server: str) -> None:
        made = "SELECT gen_random_uuid() AS u, inet '10.0.0.1' AS ip, 'a'::text AS t"
        rows = "daterange('2024-01-01', '2024-02-01') AS span FROM generate_series(1, 3)"
        frame = Sql(server, query=f"{made}, {rows}").read().frame
        assert frame["ip"].to_list() == ["10.0.0.1"] * 3
        assert all(len(text) == 36 for text in frame["u"])
        assert "2024-01-01" in frame["span"][0] and frame["t"][0] == "a"

    def test_the_connection_cannot_write(self, server: str) -> None:
        source = Sql(server, query="DELETE FROM people RETURNING age")
        with pytest.raises(DataError, match="read-only"):
            source.read()
        assert len(Sql(server, table="public.people").read()) == 2
        assert Sql(server, query="SELECT 1 AS a;").fingerprint()

    def test_a_changed_row_changes_the_fingerprint(self, server: str) -> None:
        source = Sql(server, query="SELECT age FROM others WHERE id = 2 -- '12:30'")
        before = source.fingerprint()
        with psycopg.connect(server) as connection:
            connection.execute("UPDATE others SET age = age + 1 WHERE id = 2")
        assert source.fingerprint() != before
