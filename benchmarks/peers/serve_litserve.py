"""LitServe, ``WORKERS`` workers and fronts; ``BATCH`` above 1 turns its dynamic batching on."""

from typing import Any

import litserve
from serve_model import BATCH, PORT, WAIT_S, WORKERS, Rows, Served


class Api(litserve.LitAPI):  # type: ignore[misc]
    def setup(self, device: str) -> None:
        self.served = Served()

    def decode_request(self, request: dict[str, Any]) -> Rows:
        rows: Rows = request["rows"]
        return rows

    def batch(self, inputs: list[Rows]) -> list[Rows]:
        return inputs

    def unbatch(self, output: list[Any]) -> list[Any]:
        return output

    def predict(self, asked: Any) -> Any:
        return self.served.answers(asked) if BATCH > 1 else self.served.answer(asked)

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        return output


if __name__ == "__main__":
    api = Api(max_batch_size=BATCH, batch_timeout=WAIT_S)
    litserve.LitServer(api, accelerator="cpu", workers_per_device=WORKERS).run(
        host="127.0.0.1", port=PORT, num_api_servers=WORKERS, log_level="error",
        generate_client_file=False,
    )  # fmt: skip
