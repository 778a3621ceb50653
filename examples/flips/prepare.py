"""Write scikit-learn's digits as pictures with a list of labels; plant wrong labels and copies."""

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

digits = load_digits()
draw = np.random.default_rng(0)
old = 1400  # the last ones, by other writers, keep their labels
said = digits.target.copy()
planted = np.sort(draw.choice(old, round(0.05 * old), replace=False))
said[planted] = (said[planted] + draw.integers(1, 10, len(planted))) % 10
twice = np.sort(draw.choice(old, 20, replace=False))

folder, lines = Path("digits"), ["file,taken,digit"]
folder.mkdir(exist_ok=True)
for row, picture in enumerate(digits.images):
    Image.fromarray((picture * 15).astype(np.uint8)).save(folder / f"{row:04}.png")
    lines.append(f"{row:04}.png,{row},{said[row]}")
for row in twice:  # the same picture, saved again a little lighter
    lighter = Image.fromarray((digits.images[row] * 15.5 + 5).astype(np.uint8))
    lighter.save(folder / f"{row:04}b.png")
    lines.append(f"{row:04}b.png,{row},{said[row]}")
(folder / "labels.csv").write_text("\n".join(lines) + "\n")
truth = [f"{row:04}.png,{digits.target[row]}" for row in planted]
Path("planted.csv").write_text("\n".join(["file,digit", *truth]) + "\n")
print(len(planted), "of", old, "labels planted wrong,", len(twice), "pictures planted twice")
