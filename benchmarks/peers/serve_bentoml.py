"""BentoML, ``WORKERS`` workers, access log and metrics off; ``BATCH`` above 1 lets it batch."""

from typing import Any

import bentoml
from serve_model import BATCH, WORKERS, Served


@bentoml.service(
    workers=WORKERS, traffic={"timeout": 60, "max_concurrency": 256},
    logging={"access": {"enabled": False}}, metrics={"enabled": False},
)  # fmt: skip
class Service:
    def __init__(self) -> None:
        self.served = Served()

    if BATCH > 1:

        @bentoml.api(batchable=True, max_batch_size=BATCH, max_latency_ms=1000)
        def predict(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return self.served.answers([[row] for row in rows])
    else:

        @bentoml.api
        def predict(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
            return self.served.answer(rows)
