"""An HTTP server with a gRPC server beside it, in one event loop: they open and close together."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import uvicorn

from lingqu.core.nouns import Json
from lingqu.outlets.access.certificates import Certificates
from lingqu.outlets.app import App
from lingqu.outlets.protocols.grpc_server import GrpcServer


class Beside(uvicorn.Server):
    """uvicorn's server, with gRPC on a port of its own.

    Args:
        config: uvicorn's settings.
        app: Who answers.
        settings: Of the outlet: host, `grpc_port`, `max_body`, processes.
        shown: The certificate that is shown to callers, if any.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        app: App,
        settings: Mapping[str, Json],
        shown: Certificates | None = None,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._settings = settings
        self._shown = shown
        self._grpc: GrpcServer | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        settings = self._settings
        shared = settings.get("processes", 1) != 1
        self._grpc = GrpcServer(self._app, settings["max_body"], shared=shared)
        await self._grpc.open(settings["host"], settings["grpc_port"], self._shown)
        await super().startup(sockets=sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        closing: list[Any] = [super().shutdown(sockets=sockets)]
        if self._grpc is not None:
            closing.append(self._grpc.close())
        await asyncio.gather(*closing)
