"""Lay out a market stall: real pictures of clothes; notes and prices are made up around them."""

from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image

from lingqu.data.assets import AssetData

SAID = {
    "t-shirt": ("short sleeves", "for the summer", "cotton, plain"),
    "pullover": ("wool, warm", "knitted by hand", "no buttons, pull it over"),
    "coat": ("lined, for the winter", "long, with a collar", "keeps the rain out"),
    "shirt": ("with a collar", "buttons, one is loose", "cotton, ironed once"),
}
COMMON = ("worn twice", "as new", "from a house without smoke", "size M", "collect it or I post it")
PRICE = {"t-shirt": 6, "pullover": 16, "coat": 35, "shirt": 12}
EACH = 120

items = AssetData("fashion-mnist").read().frame
random = np.random.default_rng(0)
Path("photos").mkdir(exist_ok=True)
rows = []
for kind in SAID:
    some = items.filter(pl.col("label").cast(pl.String).str.starts_with(kind)).head(EACH)
    for image in some["image"].to_list():
        number = len(rows)
        Image.fromarray(np.array(image, dtype=np.uint8)).save(f"photos/{number:04}.png")
        words = list(random.choice(COMMON, 2, replace=False))
        if random.random() < 0.5:  # half of the sellers say nothing that helps
            words.insert(random.integers(0, 3), str(random.choice(SAID[kind])))
        price = round(float(PRICE[kind] * np.exp(random.normal(0, 0.4))), 2)
        rows.append({"photo": f"photos/{number:04}.png", "note": ", ".join(words),
                     "price": price, "worn": str(random.choice(["new", "good", "old"])),
                     "kind": kind})  # fmt: skip
pl.DataFrame(rows).sample(fraction=1, shuffle=True, seed=0).write_csv("stall.csv")
print(f"stall.csv: {len(rows)} things, their photos beside it")
