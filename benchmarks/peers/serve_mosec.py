"""mosec: its front is written in Rust, its ``WORKERS`` workers batch."""

from typing import Any

import msgspec
from mosec import Server, Worker
from serve_model import BATCH, WORKERS, Rows, Served

_DECODER, _ENCODER = msgspec.json.Decoder(), msgspec.json.Encoder()


class Model(Worker):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.served = Served()

    def deserialize(self, data: bytes) -> Rows:
        rows: Rows = _DECODER.decode(data)["rows"]
        return rows

    def serialize(self, data: dict[str, Any]) -> bytes:
        return _ENCODER.encode(data)

    def forward(self, data: list[Rows]) -> list[dict[str, Any]]:
        return self.served.answers(data)


if __name__ == "__main__":
    server = Server()
    server.append_worker(Model, num=WORKERS, max_batch_size=BATCH, max_wait_time=1)
    server.run()
