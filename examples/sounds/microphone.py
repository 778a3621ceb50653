"""Play the test recordings as other microphones would hear them, and count the right answers."""

from pathlib import Path

import numpy as np
import polars as pl

import lingqu
from lingqu.release.sound import Sound, decode, encode

HEARD = {  # gain, seconds of silence before, noise below the voice in dB
    "as recorded": (1.0, 0.0, None),
    "four times quieter": (0.25, 0.0, None),
    "half a second later": (1.0, 0.5, None),
    "noise 15 dB below": (1.0, 0.0, 15),
    "all three": (0.25, 0.5, 15),
}


def heard(cell: bytes, gain: float, late: float, below: float | None) -> bytes:
    """Return a recording at another volume, behind silence, in noise."""
    sound = decode(cell)
    samples = np.pad(sound.samples, ((int(late * sound.rate), 0), (0, 0)))
    if below is not None:
        power = np.mean(np.square(sound.samples)) * 10 ** (-below / 10)
        samples = samples + np.sqrt(power) * np.random.default_rng(0).standard_normal(samples.shape)
    return encode(Sound(np.float32(gain * samples), sound.rate))


test = pl.read_parquet("test/rows.parquet")
with lingqu.open(".lingqu") as workspace:
    releases = [workspace.release(name) for name in ("plain", "sounds")]
    for name, change in HEARD.items():
        rows = pl.DataFrame({"audio": [heard(cell, *change) for cell in test["audio"]]})
        plain, prepared = ((r.predict(rows)["prediction"] == test["kind"]).sum() for r in releases)
        print(f"{name:20} plain {plain} of {len(test)}, prepared {prepared}")
first = test.row(0, named=True)
Path("call.wav").write_bytes(heard(first["audio"], 0.25, 0.5, None))
print(f"call.wav: {first['name']}, of {first['kind']}, quieter and later")
