"""Small tables of pairs for the tests of verify: who somebody is hides behind what varies."""

from __future__ import annotations

import numpy as np
import polars as pl

from lingqu.core.data_section import DataSection
from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.flow.verify_rows import PART, paired


def people(count: int = 24, each: int = 6, seed: int = 0) -> Dataset:
    """Numbers, a word and a category of people: three numbers tell who it is, six only vary."""
    random = np.random.default_rng(seed)
    own = np.repeat(random.normal(0, 1, (count, 3)), each, axis=0)
    rows = count * each
    told = own + random.normal(0, 0.15, (rows, 3))
    other = random.normal(0, 3, (rows, 6))
    frame = pl.DataFrame(
        {
            **{f"own {place}": told[:, place] for place in range(3)},
            **{f"varies {place}": other[:, place] for place in range(6)},
            "place": random.choice(["left bank", "right bank"], rows),
            "who": np.repeat([f"person {number:02}" for number in range(count)], each),
        }
    )
    columns = [
        Column(name, "category" if name == "place" else "number") for name in frame.columns[:-1]
    ]
    schema = Schema((*columns, Column("who", "category", "target")))
    return Dataset(frame, schema, "people")


def faces(count: int = 16, each: int = 6, seed: int = 0) -> Dataset:
    """Pictures of 8 × 8: two bright spots whose places are the person; the light varies."""
    random = np.random.default_rng(seed)
    places = random.permutation(64 * 63)[:count]
    pictures = random.uniform(0, 3, (count, each, 64)).astype("float32")
    for person, place in enumerate(places.tolist()):
        one, two = divmod(place, 63)
        pictures[person, :, one] += 10
        pictures[person, :, two + (two >= one)] += 10
    pictures = pictures * random.uniform(0.6, 1.0, (count, each, 1)).astype("float32")
    cells = pl.Series(pictures.reshape(-1, 64).tolist(), dtype=pl.Array(pl.Float32, 64))
    frame = pl.DataFrame({"image": cells, "who": np.repeat([f"p{n}" for n in range(count)], each)})
    image = Column("image", "image", shape=(8, 8), low=0, high=16)
    return Dataset(frame, Schema((image, Column("who", "category", "target"))), "faces")


def notes(count: int = 20, each: int = 6, seed: int = 0) -> Dataset:
    """Texts of people: each has words of its own among those that all use."""
    random = np.random.default_rng(seed)
    common, own = [f"word{n}" for n in range(12)], [f"habit{n}" for n in range(8)]
    texts = []
    for _ in range(count):
        favourite = random.choice(own, 2, replace=False)
        for _ in range(each):
            said = [*random.choice(common, 4), *random.permutation(favourite)]
            texts.append(" ".join(random.permutation(said)))
    frame = pl.DataFrame({"note": texts, "who": np.repeat(np.arange(count).astype(str), each)})
    schema = Schema((Column("note", "text"), Column("who", "category", "target")))
    return Dataset(frame, schema, "notes")


def made(things: Dataset, seed: int = 42) -> Dataset:
    """Return the pairs that a channel makes of them, with the target `y`."""
    found = paired(things, DataSection(source="people.csv", seed=seed))
    ways = {name: name.replace("who", "y", 1) for name in found.frame.columns if "who" in name}
    columns = [
        Column(ways.get(c.name, c.name), c.kind, c.role, shape=c.shape, levels=c.levels)
        for c in found.schema
    ]
    return Dataset(found.frame.rename(ways), Schema(tuple(columns)), things.name)


def halves(table: Dataset) -> tuple[Dataset, Dataset]:
    """Return pairs to learn from and pairs of other identities."""
    part = table.frame["y" + PART]
    held = part.is_in(part.unique().sort().head(max(1, part.n_unique() // 3)).to_list())
    train, valid = (table.frame.filter(rows) for rows in (~held, held))
    return Dataset(train, table.schema, "train"), Dataset(valid, table.schema, "valid")
