"""Figures of made pictures: digits of 8×8 and clothes of 28×28, judged by a net that tells them.

Each maker learns from 1,437 digits in a process of its own, with its defaults, and makes as many.
The net, the forest and the split are those of the design: 64 numbers before the last layer, 200
trees, 20 % test digits drawn by the seed 42. The test digits choose nothing. Clothes are 2,000
pictures of Fashion-MNIST beside 500 of its test pictures, in 120 seconds at most: what comes
of them is shown beside real ones by the same judges, since nothing was promised there.

    python benchmarks/generate_pictures.py [--seed 0]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from figures import Figure, report

SECONDS, FID, TSTR = 30.0, 25.0, 0.95
CLOTHES_S, CLOTHES = 120.0, (2_000, 500)
"""Wall seconds of a fit on clothes at most; pictures to learn from, and to judge by."""
MAKERS = ("picture_vae", "picture_gan")


def run(peers: bool = False, seed: int = 0) -> tuple[list[Figure], list[str]]:
    """Return the figures of both makers, and what they are set beside; there are no peers."""
    figures, notes, taught = [], [], {}
    for name in MAKERS:
        said = asked(name, seed, "digits")
        used, fid = said["cpu_s"], said["fid"]
        figures.append(Figure(f"digits: {name}, CPU s of the fit", used, None, f"<= {SECONDS:g}",
                              used <= SECONDS))  # fmt: skip
        figures.append(Figure(f"digits: {name}, FID of 1,437 made beside test digits", fid, None,
                              f"<= {FID:g}", fid <= FID))  # fmt: skip
        taught[name] = said["tstr"]
        notes += [
            f"{name}: TSTR {said['tstr']:.4f}, of the digit asked for {said['kept']:.3f}, "
            f"copies {said['copies']:.4f}, C2ST {said['c2st']:.3f}",
            f"  real training digits by the same judges: FID {said['real_fid']:.1f}, forest "
            f"{said['trtr']:.4f}",
        ]
    best = max(taught.values())
    figures.append(Figure("digits: accuracy on real of a forest taught by made, the better", best,
                          None, f">= {TSTR:g}", best >= TSTR))  # fmt: skip
    more, told = clothes(seed)
    return figures + more, notes + told


def clothes(seed: int) -> tuple[list[Figure], list[str]]:
    """Return what comes of clothes, beside real ones by the same judges."""
    figures, notes = [], []
    for name in MAKERS:
        said = asked(name, seed, "clothes")
        figures += [
            Figure(f"clothes: {name}, CPU s of the fit", said["cpu_s"], None, "shown", True),
            Figure(f"clothes: {name}, FID (beside: real training ones)", said["fid"],
                   said["real_fid"], "shown", True),
            Figure(f"clothes: {name}, forest taught by made (by real)", said["tstr"],
                   said["trtr"], "shown", True),
        ]  # fmt: skip
        notes.append(f"clothes, {name}: of the class asked for {said['kept']:.3f}, copies "
                     f"{said['copies']:.4f}, C2ST {said['c2st']:.3f}")  # fmt: skip
    return figures, notes


def asked(name: str, seed: int, data: str) -> dict[str, float]:
    """Let a process of its own fit a maker; return what judges say."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, "--seed", str(seed), "--data", data],
        check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def parts(data: str) -> tuple[Any, Any, str]:
    """Return pictures to learn from, pictures to judge by, and the column of their label."""
    from sklearn.model_selection import train_test_split

    from lingqu.core.nouns import Dataset
    from lingqu.data.resolve import resolve
    from lingqu.data.roles import ready

    if data == "clothes":
        names = ("asset:fashion-mnist", "asset:fashion-mnist-test")
        whole = [ready(resolve(name, {}).read(), target="label") for name in names]
        draw = np.random.RandomState(42)
        some = [draw.permutation(len(rows))[:n] for rows, n in zip(whole, CLOTHES, strict=True)]
        pairs = zip(whole, some, strict=True)
        train, test = (Dataset(rows.frame[part], rows.schema) for rows, part in pairs)
        return train, test, "label"
    rows = ready(resolve("sklearn:digits", {}).read(), target="digit")
    split = train_test_split(np.arange(len(rows)), test_size=0.2, random_state=42)
    train, test = (Dataset(rows.frame[part], rows.schema) for part in split)
    return train, test, "digit"


def child(name: str, seed: int, data: str) -> None:
    """Fit one maker, make as many pictures as it learned from, and print what judges say."""
    from sklearn.ensemble import RandomForestClassifier

    from lingqu.core import catalog
    from lingqu.core.frechet import frechet
    from lingqu.core.nouns import Dataset
    from lingqu.core.ports import Budget
    from lingqu.learn.generate.eyes import eyes
    from lingqu.learn.generate.judging import asked_like
    from lingqu.learn.generate.pictures import pictures
    from lingqu.release.made.eyes import Eyes, Pair
    from lingqu.release.made.levels import of_bytes, snapped
    from lingqu.release.made.png import pixels_of
    from lingqu.release.runner import Runner

    train, test, target = parts(data)
    maker = catalog.build("algorithms", name, {})
    nothing = Dataset(train.frame.head(0), train.schema)
    seconds = CLOTHES_S if data == "clothes" else 20 * SECONDS
    begun = time.process_time()
    model = maker.fit(train, nothing, Budget(seconds, seed=seed), lambda row: None)
    used = time.process_time() - begun
    said = Runner.of(model, threads=1).predict(asked_like(train.frame, target)).replies
    assert said is not None
    learned = pictures(train)
    held = pictures(test, learned.labels)
    made = of_bytes(np.stack([pixels_of(one) for one in said.said]), learned.levels)
    real, known = (snapped(side.x.numpy(), learned.levels) for side in (held, learned))
    y, asked = held.y.numpy(), learned.y.numpy()
    look = Eyes(eyes(learned, seed=1)).look
    seen, taken = look(made)
    held_rows = {row.tobytes() for row in known}

    def taught(x: np.ndarray) -> float:
        forest = RandomForestClassifier(200, random_state=0, n_jobs=1)
        fitted = forest.fit(x.reshape(len(x), -1), asked)
        return float(fitted.score(real.reshape(len(real), -1), y))

    print(json.dumps({
        "cpu_s": used, "fid": frechet(seen, look(real)[0]), "tstr": taught(made),
        "trtr": taught(known), "real_fid": frechet(look(known)[0], look(real)[0]),
        "kept": float((taken == asked).mean()),
        "copies": float(np.mean([row.tobytes() in held_rows for row in made])),
        "c2st": Pair(real, made[: len(real)], y, asked[: len(real)], 10).apart().value,
    }))  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--child", default="")
    parser.add_argument("--data", choices=("digits", "clothes"), default="digits")
    given = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
    if given.child:
        child(given.child, given.seed, given.data)
        return 0
    figures, notes = run(seed=given.seed)
    return report("made pictures, one thread, CPU seconds", figures, notes)


if __name__ == "__main__":
    sys.exit(main())
