"""Draw faces of people who do not exist: SYNTHETIC, as no labelled faces may be had offline.

Who somebody is lies in the geometry of the face alone: its outline, where eyes, brows, nose and
mouth are and how large. From picture to picture the head turns and tilts, comes nearer, speaks and
looks elsewhere, light falls from another side, and the camera adds noise.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE, FINE = 48, 4
"""Pixels of a picture, and by how much finer it is drawn."""


def geometry(random: np.random.Generator) -> dict[str, float]:
    """Return what makes a person, in shares of the picture's side."""
    between = {
        "wide": (0.26, 0.36), "high": (0.34, 0.44), "jaw": (0.55, 0.95), "eyes": (0.11, 0.17),
        "eye_high": (-0.12, -0.02), "eye": (0.030, 0.055), "brow": (0.050, 0.100),
        "slope": (-0.03, 0.03), "nose": (0.06, 0.16), "nostrils": (0.025, 0.055),
        "mouth": (0.07, 0.15), "mouth_low": (0.17, 0.26), "hair": (0.16, 0.30),
    }  # fmt: skip
    return {name: float(random.uniform(*ends)) for name, ends in between.items()}


def face(person: dict[str, float], random: np.random.Generator) -> Image.Image:
    """Return one picture of a person."""
    p, size = person, SIDE * FINE
    turn, zoom = random.uniform(-0.05, 0.05), random.uniform(0.9, 1.1)
    smile, look = random.uniform(-0.02, 0.04), random.uniform(-0.01, 0.01)
    picture = Image.new("L", (size, size), int(random.uniform(60, 140)))
    draw = ImageDraw.Draw(picture)

    def at(x: float, y: float) -> tuple[float, float]:
        return size * (0.5 + zoom * x), size * (0.5 + zoom * y)

    angles = np.linspace(0, 2 * np.pi, 60)
    narrow = np.where(np.sin(angles) > 0, 1 - (1 - p["jaw"]) * np.sin(angles), 1.0)
    x, y = p["wide"] * np.cos(angles) * narrow, p["high"] * np.sin(angles)
    draw.polygon([at(a, b) for a, b in zip(x, y, strict=True)], fill=200)
    top = [at(a, b) for a, b in zip(x, y, strict=True) if b < -p["hair"]]
    draw.polygon(top, fill=40)
    for side in (-1, 1):
        eye = side * p["eyes"] + turn
        box = [at(eye - 1.6 * p["eye"], p["eye_high"] - p["eye"]),
               at(eye + 1.6 * p["eye"], p["eye_high"] + p["eye"])]  # fmt: skip
        draw.ellipse([*box[0], *box[1]], fill=245)
        centre, iris = eye + look, 0.8 * p["eye"]
        ball = [at(centre - iris, p["eye_high"] - iris), at(centre + iris, p["eye_high"] + iris)]
        draw.ellipse([*ball[0], *ball[1]], fill=30)
        brow = p["eye_high"] - p["brow"]
        draw.line([at(eye - 0.06, brow + side * p["slope"]),
                   at(eye + 0.06, brow - side * p["slope"])], fill=50, width=2 * FINE)  # fmt: skip
    low = p["eye_high"] + p["nose"]
    nose = [at(turn, p["eye_high"]), at(1.4 * turn - p["nostrils"], low),
            at(1.4 * turn + p["nostrils"], low)]  # fmt: skip
    draw.polygon(nose, fill=165)
    mouth = [at(turn - p["mouth"], p["mouth_low"] - smile), at(turn, p["mouth_low"] + smile),
             at(turn + p["mouth"], p["mouth_low"] - smile)]  # fmt: skip
    draw.line(mouth, fill=90, width=2 * FINE)
    shift = [int(size * step) for step in random.uniform(-0.05, 0.05, 2)]
    tilted = picture.rotate(random.uniform(-12, 12), Image.Resampling.BILINEAR, translate=shift,
                            fillcolor=picture.getpixel((0, 0)))  # fmt: skip
    return lit(tilted.filter(ImageFilter.GaussianBlur(FINE / 2)), random)


def lit(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Return a picture in some light, as a camera takes it."""
    pixels = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=float)
    across, down = np.meshgrid(*[np.linspace(-1, 1, SIDE)] * 2)
    angle = random.uniform(0, 2 * np.pi)
    light = random.uniform(0.7, 1.2) + 0.3 * (across * np.cos(angle) + down * np.sin(angle))
    noisy = pixels * light + random.normal(0, 10, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    draws = np.random.default_rng(214)
    for number in range(60):
        somebody = geometry(draws)
        folder = Path("people") / f"person-{number + 1:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        for picture in range(6):
            face(somebody, draws).save(folder / f"{picture + 1}.png")
    pairs = ("001/1 001/2", "001/1 002/2")
    asked = [",".join(f"people/person-{one}.png" for one in pair.split()) for pair in pairs]
    Path("ask.csv").write_text("\n".join(["image,image.other", *asked]), encoding="utf-8")
    print("60 people drawn, 6 pictures of each: SYNTHETIC")
