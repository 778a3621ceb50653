"""S3 and what speaks its protocol, through s3fs."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import s3fs
from s3fs.core import botocore

from lingqu.core.errors import StoreError

FAILURES: tuple[type[Exception], ...] = (
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
)
"""What s3fs lets through besides `OSError`."""
OPTIONS = ("endpoint_url", "region_name")


def connect(url: str) -> tuple[Any, str]:
    """Return the file system and the root ``bucket/prefix`` of an S3 URL.

    Credentials come from the environment, the AWS configuration or the machine's role, as for
    every AWS tool. Listings are never cached, because other processes write too.

    Args:
        url: ``s3://bucket/prefix``, with ``?endpoint_url=`` and ``&region_name=`` if needed.

    Raises:
        StoreError: No bucket is named, or an option is unknown.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    unknown = [name for name in options if name not in OPTIONS]
    if not parts.netloc or unknown:
        problem = f"unknown option {unknown[0]!r}" if unknown else "no bucket is named"
        expected = f"s3://bucket/prefix with options {', '.join(OPTIONS)}"
        raise StoreError("store.bad_url", url=url, problem=problem, expected=expected)
    files = s3fs.S3FileSystem(
        endpoint_url=options.get("endpoint_url"),
        client_kwargs={"region_name": options["region_name"]} if "region_name" in options else {},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    return files, f"{parts.netloc}{parts.path}".rstrip("/")
