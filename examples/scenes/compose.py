"""Compose labelled scenes: real digits, at random places and sizes, on made-up backgrounds.

The digits are images of scikit-learn's `digits`; scene, place and background are COMPOSED, as no
labelled scenes may be had offline. Digits are dealt into parts: a scene holds digits of one part
only, so that none of a part that is set aside was ever seen.
"""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

WIDE, HIGH = 72, 56
PARTS, SCENES = 10, 30
"""Parts of the digits, and scenes composed of each."""


def background(random: np.random.Generator) -> np.ndarray:
    """Return a ground that is light here and dark there, with blots that are no digits."""
    coarse = Image.fromarray(random.uniform(20, 110, (3, 4)).astype(np.uint8))
    ground = np.asarray(coarse.resize((WIDE, HIGH), Image.Resampling.BICUBIC), dtype=float)
    for _ in range(int(random.integers(0, 4))):
        x, y = random.integers(0, WIDE), random.integers(0, HIGH)
        w, h = random.integers(2, 14, 2)
        ground[y : y + h, x : x + w] += random.uniform(20, 70)
    return ground + random.normal(0, 6, ground.shape)


def scene(digits: np.ndarray, names: np.ndarray, random: np.random.Generator) -> tuple:
    """Return the pixels of a scene and its boxes; digits hardly cover each other."""
    ground, boxes = background(random), []
    for _ in range(int(random.integers(1, 6))):
        which, side = int(random.integers(len(digits))), int(random.integers(14, 31))
        ink = Image.fromarray((digits[which] * 255 / 16).astype(np.uint8))
        drawn = np.asarray(ink.resize((side, side), Image.Resampling.BICUBIC), dtype=float) / 255
        rows, columns = np.nonzero(drawn.max(1) > 0.2)[0], np.nonzero(drawn.max(0) > 0.2)[0]
        drawn = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        high, wide = drawn.shape
        x, y = int(random.integers(0, WIDE - wide)), int(random.integers(0, HIGH - high))
        if any(x < b["x"] + b["width"] and b["x"] < x + wide and y < b["y"] + b["height"]
               and b["y"] < y + high for b in boxes):  # fmt: skip
            continue
        light = random.uniform(150, 250)
        under = ground[y : y + high, x : x + wide]
        ground[y : y + high, x : x + wide] = under * (1 - drawn) + light * drawn
        label = str(names[which])
        boxes.append({"label": label, "x": x, "y": y, "width": wide, "height": high})
    return Image.fromarray(ground.clip(0, 255).astype(np.uint8)), boxes


if __name__ == "__main__":
    images, labels = load_digits(return_X_y=True)
    images, draws = images.reshape(-1, 8, 8), np.random.default_rng(214)
    part_of = draws.permutation(len(images)) % PARTS
    Path("pictures").mkdir(exist_ok=True)
    with Path("scenes.jsonl").open("w", encoding="utf-8") as file:
        for part in range(PARTS):
            mine = part_of == part
            for number in range(SCENES):
                picture, boxes = scene(images[mine], labels[mine], draws)
                name = f"pictures/{part}-{number:02d}.png"
                picture.save(name)
                row = {"picture": name, "part": f"part {part}", "objects": boxes}
                file.write(json.dumps(row) + "\n")
    print(f"{PARTS * SCENES} scenes composed of {len(images)} real digits")
