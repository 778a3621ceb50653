"""The real clients of the protocols against a live server, unchanged: do they work?

Each peer is installed once into ``.bench/clients``: `tritonclient` (HTTP and gRPC), `kserve`, and
the TypeScript compiler, whose output Node.js then runs. `openai` is asked in the tests.

    PYTHONPATH=. python benchmarks/clients.py [--only triton,kserve,typescript]
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.outlets.asking import make_app, opened
from tests.outlets.live import live
from tests.outlets.outlet_samples import make_release
from tests.outlets.text_samples import DECODER, packed

from lingqu.core.nouns import Json
from lingqu.outlets.app import App
from lingqu.outlets.calling.client import Client
from lingqu.outlets.calling.typescript import client as typescript
from lingqu.outlets.protocols.grpc_server import GrpcServer

PLACE = Path(__file__).resolve().parents[1] / ".bench" / "clients"
PACKAGES: Mapping[str, Sequence[str]] = {
    "triton": ("tritonclient[http,grpc]",), "kserve": ("kserve",),
}  # fmt: skip
KEY = "probe-secret"
TRITON = """
import sys
import numpy as np
import tritonclient.grpc as rpc
import tritonclient.http as http

url, port, key = sys.argv[1:]
for kind, client in ((http, http.InferenceServerClient(url.removeprefix("http://"))),
                     (rpc, rpc.InferenceServerClient(f"127.0.0.1:{port}"))):
    def headers():
        return {"authorization": f"Bearer {key}"}
    assert client.is_server_live(headers=headers()) and client.is_server_ready(headers=headers())
    assert client.is_model_ready("digits", headers=headers())
    assert client.get_server_metadata(headers=headers())
    assert client.get_model_metadata("digits", headers=headers())
    image = np.linspace(0, 16, 128, dtype=np.float32).reshape(2, 8, 8)
    tensor = kind.InferInput("image", [2, 8, 8], "FP32")
    tensor.set_data_from_numpy(image)
    said = client.infer("digits", [tensor], headers=headers())
    assert said.as_numpy("probabilities").shape == (2, 10)
    wanted = [kind.InferRequestedOutput("prediction")]
    again = client.infer("digits", [tensor], outputs=wanted, headers=headers())
    assert again.as_numpy("prediction").tolist() == said.as_numpy("prediction").tolist()
    print(kind.__name__, "works")
"""
KSERVE = """
import asyncio
import sys
import numpy as np
from kserve import InferInput, InferRequest, InferenceGRPCClient, InferenceRESTClient, RESTConfig

url, port, key = sys.argv[1:]
headers = {"authorization": f"Bearer {key}"}
image = np.linspace(0, 16, 128, dtype=np.float32).reshape(2, 8, 8)


def request(binary):
    tensor = InferInput(name="image", shape=[2, 8, 8], datatype="FP32")
    tensor.set_data_from_numpy(image, binary_data=binary)
    return InferRequest(model_name="digits", infer_inputs=[tensor])


async def work():
    rest = InferenceRESTClient(RESTConfig(protocol="v2", retries=1))
    assert await rest.is_server_live(url, headers=headers)
    assert await rest.is_server_ready(url, headers=headers)
    assert await rest.is_model_ready(url, "digits", headers=headers)
    for binary in (False, True):
        said = await rest.infer(url, request(binary), headers=headers, model_name="digits")
        assert len(said.outputs[0].data or said.outputs[0].as_numpy()) == 2
    print("kserve REST works")
    grpc = InferenceGRPCClient(f"127.0.0.1:{port}")
    metadata = [("authorization", f"Bearer {key}")]
    assert await grpc.is_server_live(headers=metadata)
    said = await grpc.infer(request(False), headers=metadata)
    assert len(said.outputs) == 3
    print("kserve gRPC works")


asyncio.run(work())
"""
SCRIPT = """
import { Client, Refusal } from "./talks.js";
const client = new Client(process.argv[2], { key: process.argv[3] });
const options = { temperature: 2, seed: 5 };
const whole = await client.generate({ text_input: "open", parameters: options });
let text = "";
for await (const part of client.generateStream({ text_input: "open", parameters: options }))
  text += part.text_output;
let chat = "";
const messages = [{ role: "user", content: "open" }];
for await (const part of client.chatStream({ model: "talks", messages, ...options }))
  chat += part.choices[0]?.delta.content ?? "";
const rows = await client.predict({ rows: [{ text: "open" }], options }, { probabilities: 1 });
const said = new Set([whole.text_output, text, chat, rows.predictions[0]]);
if (said.size !== 1) throw new Error("differ");
try { await client.predict({ rows: [] }); throw new Error("not refused"); }
catch (error) { if (!(error instanceof Refusal) || error.status !== 400) throw error; }
console.log("typescript works");
"""


def python_of(name: str) -> Path:
    """Return the interpreter of a peer's own folder, made once."""
    folder = PLACE / name
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES[name]], check=True)
        (folder / "ready").touch()
    return python


def compiled(source: str) -> Path:
    """Return the folder in which the compiler has made JavaScript of a client."""
    folder = PLACE / "typescript"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"type": "module", "private": true}\n')
    if not (folder / "node_modules" / "typescript").exists():
        subprocess.run(["npm", "install", "--silent", "typescript@5"], cwd=folder, check=True)
    (folder / "talks.ts").write_text(source, encoding="utf-8")
    strict = ["--strict", "--target", "es2022", "--lib", "es2023,dom,dom.iterable",
              "--module", "es2022", "--moduleResolution", "bundler"]  # fmt: skip
    subprocess.run(["node_modules/.bin/tsc", *strict, "talks.ts"], cwd=folder, check=True)
    (folder / "run.mjs").write_text(SCRIPT)
    return folder


async def asked(app: App, commands: Sequence[Sequence[str]], url: str) -> int:
    """Open gRPC beside an app, run the clients, and return how many failed."""
    server = GrpcServer(app, 10_000_000)
    await server.open("127.0.0.1", 0)
    failed = 0
    for command in commands:
        told = [word.format(url=url, port=server.port, key=KEY) for word in command[:-1]]
        begun = time.monotonic()
        process = await asyncio.create_subprocess_exec(*told, cwd=command[-1])
        code = await process.wait()
        failed += code != 0
        if code:
            print(f"{Path(told[0]).name}: exit {code} after {time.monotonic() - begun:.1f} s")
    await server.close()
    return failed


def main() -> int:
    """Run the clients that were asked for; return 1 where one does not work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="triton,kserve,typescript")
    names = parser.parse_args().only.split(",")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        make_release(folder / "digits", "digits")
        packed(folder / "talks", "chat", "decoder", DECODER)
        alone = [make_app(opened(folder / name)) for name in ("digits", "talks")]
        app = App(alone[0].guard, [one.room for one in alone])
        commands: list[list[str]] = []
        for name, source in (("triton", TRITON), ("kserve", KSERVE)):
            if name in names:
                script = folder / f"ask_{name}.py"
                script.write_text(source)
                told = [str(script), "{url}", "{port}", "{key}", str(folder)]
                commands.append([str(python_of(name)), *told])
        with live(app) as url:
            if "typescript" in names:
                client = Client(url, "talks", KEY, headers={"x-channel": "talks"})
                document: Json = client.request("GET", "/openapi.json")
                place = compiled(typescript(document))
                commands.append(["node", "run.mjs", "{url}", "{key}", str(place)])
            return int(asyncio.run(asked(app, commands, url)) > 0)


if __name__ == "__main__":
    sys.exit(main())
