"""A real Postgres and a real S3 server for the tests of the store, one of each per session."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import s3fs
import sqlalchemy as sa
from tests.postgres import running_postgres

from lingqu.store.ledger import Ledger, open_ledger
from lingqu.store.signing import SigningKey

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a Postgres that listens on a socket only."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a fresh, empty schema."""
    url = sa.make_url(postgres_server).set(drivername="postgresql+psycopg")
    name = f"lingqu_{next(_numbers)}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    own = url.update_query_dict({"options": f"-csearch_path={name}"})
    yield own.set(drivername="postgresql").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def signing_key(tmp_path: Path) -> SigningKey:
    return SigningKey.open_or_create(tmp_path / "signing.pem")


@pytest.fixture
def ledger(ledger_url: str, signing_key: SigningKey) -> Iterator[Ledger]:
    opened = open_ledger(ledger_url, signing_key)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_ledger(tmp_path: Path, signing_key: SigningKey) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}", signing_key)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Endpoint of an S3 server on this machine, with a bucket ``lingqu``."""
    names = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setenv(name, value)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        endpoint = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            _until_it_answers(port)
            s3fs.S3FileSystem(endpoint_url=endpoint, skip_instance_cache=True).makedirs(
                "lingqu", exist_ok=True
            )
            yield endpoint
        finally:
            server.terminate()
            server.wait(10)


def _until_it_answers(port: int, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may write everywhere; act as a user who may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that may be read but not written, with the user for whom that is so."""
    with tempfile.TemporaryDirectory(prefix="lq-closed-") as folder:
        os.chmod(folder, 0o555)
        with _as_nobody():
            yield Path(folder)
        os.chmod(folder, 0o755)
