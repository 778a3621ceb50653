"""A server outlet with gRPC on a port of its own, in a process of its own."""

from __future__ import annotations

import socket
from pathlib import Path

import grpc
import numpy as np
import pytest

from lingqu.core.errors import OutletError
from lingqu.outlets.protocols.grpc_messages import MESSAGES, PACKAGE, SERVICE
from lingqu.outlets.server import Server
from lingqu.release.release import Release
from lingqu.store.home import Home


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.mark.slow
def test_grpc_opens_and_closes_with_the_server(home: Home, releases: dict[str, Path]) -> None:
    port = free_port()
    server = Server(channel="digits", workspace=str(home.root), grpc_port=port)
    request = MESSAGES["ModelInferRequest"](model_name="digits")
    made = request.inputs.add(name="image", datatype="FP32", shape=[1, 8, 8])
    made.contents.fp32_contents.extend(np.zeros(64).tolist())
    try:
        server.open(str(releases["digits"]))
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            ask = channel.unary_unary(
                f"/{PACKAGE}.{SERVICE}/ModelInfer",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=MESSAGES["ModelInferResponse"].FromString,
            )
            said = ask(request, timeout=60)
        release = Release.open(releases["digits"])
        wanted = release.predict([{"image": [[0.0] * 8] * 8}])[0]["prediction"]
        assert said.outputs[0].contents.bytes_contents[0].decode() == wanted
        assert server.status()["requests"] == 1
    finally:
        server.close()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def test_a_port_that_is_none_is_refused(home: Home, releases: dict[str, Path]) -> None:
    server = Server(channel="digits", workspace=str(home.root), grpc_port=70_000)
    with pytest.raises(OutletError, match="grpc_port"):
        server.open(str(releases["digits"]))
