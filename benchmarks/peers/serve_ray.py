"""Ray Serve, ``WORKERS`` replicas, no logs, no dashboard; ``BATCH`` above 1 lets it batch."""

import os
import time
from typing import Any

import ray
from ray import serve
from serve_model import BATCH, PORT, WAIT_S, WORKERS, Rows, Served
from starlette.requests import Request

PASSED = (
    "RELEASE",
    "BATCH",
    "THREADS",
    "WORKERS",
    "PYTHONPATH",
    "OMP_NUM_THREADS",
    "TOKENIZERS_PARALLELISM",
)


@serve.deployment(
    max_ongoing_requests=256, num_replicas=WORKERS,
    logging_config={"enable_access_log": False, "log_level": "ERROR"},
)  # fmt: skip
class Model:
    def __init__(self) -> None:
        self.served = Served()

    @serve.batch(max_batch_size=max(BATCH, 2), batch_wait_timeout_s=WAIT_S)
    async def together(self, requests: list[Rows]) -> list[Any]:
        return self.served.answers(requests)

    async def __call__(self, request: Request) -> Any:
        rows = (await request.json())["rows"]
        return await self.together(rows) if BATCH > 1 else self.served.answer(rows)


if __name__ == "__main__":
    variables = {name: os.environ[name] for name in PASSED if name in os.environ}
    ray.init(
        num_cpus=2, include_dashboard=False, logging_level="ERROR",
        runtime_env={"env_vars": variables}, object_store_memory=200_000_000,
    )  # fmt: skip
    serve.start(
        http_options={"host": "127.0.0.1", "port": PORT},
        logging_config={"log_level": "ERROR", "enable_access_log": False},
    )
    serve.run(Model.bind(), route_prefix="/predict")
    while True:
        time.sleep(3600)
