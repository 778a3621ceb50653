"""Clients of a channel in other languages, written from what the channel says of itself."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from lingqu.core.errors import SpecError
from lingqu.flow.call import answering
from lingqu.outlets.calling.typescript import client
from lingqu.outlets.served import Served
from lingqu.outlets.telling.openapi import document
from lingqu.release.release import Release
from lingqu.store.folders import release_folder
from lingqu.store.home import Home

LANGUAGES = ("typescript", "openapi")
"""What can be written: a client, or the document that any generator reads."""


def client_of(home: Home, channel: str, language: str = "typescript") -> str:
    """Return the source of a client of a channel, for the release that answers now.

    Args:
        home: The workspace.
        channel: Name of the channel.
        language: One of `LANGUAGES`.

    Raises:
        SpecError: There is no such language.
        OutletError: The channel is stopped.
    """
    if language not in LANGUAGES:
        expected = ", ".join(LANGUAGES)
        raise SpecError("protocols.bad_language", received=language, expected=expected)
    folder = release_folder(home, answering(home, channel).digest)
    with ThreadPoolExecutor(1) as threads:
        served = Served(Release.open(folder, paths=False), threads)
        described = document(served, channel)
    if language == "openapi":
        return json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    return client(described)
