"""The servers that the page on Postgres and S3 speaks of."""

from tests.store.conftest import postgres_server, s3_server  # noqa: F401
