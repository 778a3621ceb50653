"""Load for one server: `wrk` sends real rows and counts what came back.

``wrk`` (https://github.com/wg/wrk; Debian package ``wrk``) is one thread of C, so that the second
core is left to the server.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LUA = """
local bodies, at = {}, 0
local wait = %(wait)d
function init(args)
  for line in io.lines(%(file)s) do
    bodies[#bodies + 1] = wrk.format("POST", nil, %(headers)s, line)
  end
end
function request()
  at = at %% #bodies + 1
  return bodies[at]
end
if wait > 0 then
  function delay() return wait end
end
function done(summary, latency, requests)
  local bad = summary.errors
  io.write(string.format(
    "\\nfound %%d %%d %%d %%d %%d %%d %%f %%f %%f\\n", summary.requests, summary.duration,
    bad.connect + bad.read + bad.write, bad.status, bad.timeout, latency.max,
    latency:percentile(50), latency:percentile(99), latency.mean))
end
"""
_FOUND = re.compile(r"^found ([\d. -]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Load:
    """What came of asking a server for some seconds.

    Args:
        requests: Requests that were answered.
        per_s: Requests a second.
        p50_ms: Median time to the reply.
        p99_ms: Time within which 99 of 100 came.
        max_ms: The longest.
        failed: Replies with another status than 2xx or 3xx, broken connections, and none in 10 s.
    """

    requests: int
    per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    failed: int


def wrk() -> str:
    """Return the program.

    Raises:
        SystemExit: It is not installed.
    """
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    return found


def wrk_version() -> str:
    """Return the version of wrk as it says it."""
    done = subprocess.run([wrk(), "-v"], capture_output=True, text=True)
    return (done.stdout + done.stderr).partition(" [")[0].strip()


def send(
    port: int,
    path: str,
    bodies: Sequence[Any],
    concurrency: int,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    wait_ms: int = 0,
) -> Load:
    """Ask for some seconds, one request after the other on each connection.

    Args:
        port: Of the server, on this machine.
        path: Where it is asked.
        bodies: JSON of the requests, in turn.
        concurrency: Connections.
        seconds: How long; whole seconds.
        headers: Beside the content type.
        wait_ms: How long each connection waits before the next request.
    """
    lines = "\n".join(json.dumps(body) for body in bodies) + "\n"
    words = {"Content-Type": "application/json", **(headers or {})}
    table = ", ".join(f"[{json.dumps(name)}] = {json.dumps(text)}" for name, text in words.items())
    with tempfile.TemporaryDirectory(prefix="lq-wrk-") as name:
        rows, lua = Path(name) / "rows.jsonl", Path(name) / "rows.lua"
        rows.write_text(lines)
        lua.write_text(
            LUA % {"wait": wait_ms, "file": json.dumps(str(rows)), "headers": f"{{{table}}}"}
        )
        command = [wrk(), "-t1", f"-c{concurrency}", f"-d{round(seconds)}s", "--timeout", "10s",
                   "-s", str(lua), f"http://127.0.0.1:{port}{path}"]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    found = _FOUND.search(done.stdout)
    if found is None:
        raise SystemExit(f"wrk said: {done.stdout[-500:]} {done.stderr[-500:]}")
    requests, duration, broken, status, late, most, p50, p99, _ = map(float, found[1].split())
    failed = int(broken + status + late)
    return Load(int(requests), requests / duration * 1e6, p50 / 1e3, p99 / 1e3, most / 1e3, failed)
