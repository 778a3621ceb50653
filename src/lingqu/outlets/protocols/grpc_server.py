"""The Open Inference Protocol over gRPC, beside HTTP and in the same event loop.

A call becomes a request of the path that says the same over HTTP, so keys, quotas, route, queue,
log and counters are those of every other request. A key comes as metadata ``authorization``; where
callers must show a certificate, one who shows none gets no connection.

Source: Open Inference Protocol V2, "GRPC API" (kserve/open-inference-protocol).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote

import grpc
import grpc.aio
import orjson

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.access.certificates import Certificates, Held, certificate_of
from lingqu.outlets.app import App
from lingqu.outlets.call import Call, Tensors
from lingqu.outlets.problems import Headers
from lingqu.outlets.protocols.grpc_messages import MESSAGES, METHODS, PACKAGE, SERVICE
from lingqu.outlets.protocols.grpc_tensors import given_of, message_of
from lingqu.outlets.protocols.v2 import files_of
from lingqu.outlets.reading.columns import Columns
from lingqu.outlets.request import Reply, Request
from lingqu.outlets.served import Answer

END_S = 2.0
"""Seconds that calls get to end after the server was asked to."""
_CODES: Mapping[int, grpc.StatusCode] = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    413: grpc.StatusCode.INVALID_ARGUMENT,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    499: grpc.StatusCode.CANCELLED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}


@dataclass(slots=True)
class GrpcRequest(Request):
    """One call on its way.

    Args:
        message: What was asked.
        size: Its bytes.
    """

    message: Any = None
    size: int = 0


class Message(Tensors):
    """Tensors of a gRPC message in and out."""

    @classmethod
    def taken(cls, call: Call, body: bytes | bytearray) -> tuple[Json, Columns]:
        request = call.request
        assert isinstance(request, GrpcRequest)
        call.entry.size = request.size
        given = given_of(request.message, files_of(call.served))
        return given, cls.read(call.served, given, call.room.limits.rows)

    @classmethod
    def told(cls, call: Call, answer: Answer) -> tuple[Headers, bytes]:
        request = call.request
        assert isinstance(request, GrpcRequest)
        written = message_of(cls.write(call, answer), bool(request.message.raw_input_contents))
        return [], written.SerializeToString()


class GrpcServer:
    """Listens until it is closed.

    Args:
        app: Who answers.
        largest: Bytes of a message at most.
        shared: Whether other processes listen on the same port.
    """

    def __init__(self, app: App, largest: int, shared: bool = False) -> None:
        self._app = app
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", largest),
                ("grpc.so_reuseport", int(shared)),
            ]
        )
        self._server.add_generic_rpc_handlers((self._handlers(),))
        self.port = 0

    async def open(self, host: str, port: int, shown: Certificates | None = None) -> None:
        """Listen.

        Args:
            host: Address.
            port: 0 takes any free one; see `port`.
            shown: The certificate that is shown to callers; none is plain.

        Raises:
            OutletError: The port cannot be opened.
        """
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if shown is None:
                self.port = self._server.add_insecure_port(where)
            else:
                self.port = self._server.add_secure_port(where, _credentials(shown))
        except RuntimeError as error:
            raise OutletError(
                "outlets.port_taken", host=host, port=port, problem=str(error)[:100]
            ) from error
        await self._server.start()

    async def close(self) -> None:
        """Let calls end, and stop."""
        await self._server.stop(END_S)

    def _handlers(self) -> Any:
        told: dict[str, Callable[..., Awaitable[Any]]] = {
            "ServerLive": partial(self._state, "/v2/health/live", "live"),
            "ServerReady": partial(self._state, "/v2/health/ready", "ready"),
            "ModelReady": partial(self._state, "", "ready"),
            "ServerMetadata": self._server_metadata,
            "ModelMetadata": self._model_metadata,
            "ModelInfer": self._infer,
        }
        return grpc.method_handlers_generic_handler(
            f"{PACKAGE}.{SERVICE}",
            {
                name: grpc.unary_unary_rpc_method_handler(
                    told[name], request_deserializer=partial(_read, MESSAGES[f"{name}Request"])
                )
                for name in METHODS
            },
        )

    async def _state(self, path: str, word: str, asked: Any, context: Any) -> bytes:
        message, _ = asked
        name = "ServerLive" if word == "live" else "ServerReady" if path else "ModelReady"
        path = path or f"{_model(message.name, message.version)}/ready"
        status, _, body = self._got(path, context)
        if status not in (200, 503):
            await _abort(context, status, body)
        state = orjson.loads(body).get(word, False)
        return _bytes(f"{name}Response", **{word: bool(state)})

    async def _server_metadata(self, asked: Any, context: Any) -> bytes:
        told = await self._json("/v2", context)
        return _bytes("ServerMetadataResponse", **told)

    async def _model_metadata(self, asked: Any, context: Any) -> bytes:
        message, _ = asked
        told = await self._json(_model(message.name, message.version), context)
        return _bytes("ModelMetadataResponse", **told)

    async def _infer(self, asked: Any, context: Any) -> bytes:
        message, size = asked
        path = f"{_model(message.model_name, message.model_version)}/infer"
        request = GrpcRequest("POST", path, message=message, size=size)
        _enter(request, context)
        app = self._app
        app.enter(request)
        replied: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def send(status: int, headers: Headers, body: bytes) -> None:
            if not replied.done():
                replied.set_result((status, headers, body))

        if request.failure is not None:
            send(*app.failed(request, request.failure))
        else:
            app.predict(request, b"", send, Message)
        try:
            status, _, body = await replied
        except asyncio.CancelledError:
            request.leave()
            raise
        app.tell(request, status, len(body))
        if status != 200:
            await _abort(context, status, body)
        return body

    async def _json(self, path: str, context: Any) -> dict[str, Json]:
        status, _, body = self._got(path, context)
        if status != 200:
            await _abort(context, status, body)
        told: dict[str, Json] = orjson.loads(body)
        return told

    def _got(self, path: str, context: Any) -> Reply:
        """Return the reply of a path that is answered at once."""
        request = Request("GET", path)
        _enter(request, context)
        replies: list[Reply] = []
        self._app.enter(request)
        self._app.handle(request, b"", lambda *reply: replies.append(reply))
        self._app.tell(request, replies[0][0], len(replies[0][2]))
        return replies[0]


def _enter(request: Request, context: Any) -> None:
    """Take over what gRPC knows of the caller."""
    request.client = _client(context.peer())
    for pem in context.auth_context().get("x509_pem_cert", ()):  # gRPC has verified it
        request.certificate = certificate_of(pem)
    metadata: Iterable[tuple[str, Any]] = context.invocation_metadata() or ()
    for name, value in metadata:
        request.header(name.encode(), value if isinstance(value, bytes) else value.encode())
    left = context.time_remaining()
    if left is not None:
        request.within_s = max(0.001, min(left, 1e6))


def _credentials(shown: Certificates) -> Any:
    """Return what gRPC shows to callers: asked before each handshake, as files may be renewed."""
    known = shown.held

    def renewed() -> Any:
        nonlocal known
        if shown.held is known:
            return None
        known = shown.held
        return _configured(known)

    return grpc.dynamic_ssl_server_credentials(_configured(known), renewed, bool(known.authority))


def _configured(held: Held) -> Any:
    pair = held.key, held.chain
    return grpc.ssl_server_certificate_configuration([pair], held.authority or None)


def _client(peer: str) -> str:
    """Return the address of a peer as gRPC writes it.

    Example:
        >>> _client("ipv4:127.0.0.1:5000"), _client("ipv6:%5B::1%5D:5000")
        ('127.0.0.1', '::1')
    """
    kind, _, rest = unquote(peer).partition(":")
    return rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else ""


def _model(name: str, version: str) -> str:
    return f"/v2/models/{name}/versions/{version}" if version else f"/v2/models/{name}"


def _read(kind: Any, data: bytes) -> tuple[Any, int]:
    return kind.FromString(data), len(data)


def _bytes(kind: str, /, **fields: Json) -> bytes:
    written: bytes = MESSAGES[kind](**fields).SerializeToString()
    return written


async def _abort(context: Any, status: int, body: bytes) -> None:
    """End a call with what the problem document says.

    Raises:
        grpc.aio.AbortError: Always.
    """
    detail = str(orjson.loads(body).get("detail", ""))
    await context.abort(_CODES.get(status, grpc.StatusCode.UNKNOWN), detail)
