"""Series of shops, as rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from lingqu.core.nouns import Dataset
from lingqu.core.schema import Column, Schema
from lingqu.data.split import split

START = dt.datetime(2024, 1, 1)


def shops(count: int = 3, days: int = 120, seed: int = 0, known: bool = False) -> Dataset:
    """Sales by day with a weekly season; with `known`, days on which a shop advertised."""
    random = np.random.default_rng(seed)
    rows = []
    for shop in range(count):
        size = 20.0 * 3.0**shop
        advert = random.random(days) < 0.2
        for day in range(days):
            value = size * (1 + 0.4 * np.sin(2 * np.pi * day / 7) + 0.05 * random.standard_normal())
            value += 0.8 * size * advert[day] if known else 0.0
            rows.append((START + dt.timedelta(days=day), f"s{shop}", advert[day], round(value, 3)))
    frame = pl.DataFrame(rows, schema=["date", "shop", "advert", "sales"], orient="row")
    columns = [
        Column("date", "datetime", "time", seen=True),
        Column("shop", "category", "group", seen=True),
        Column("advert", "boolean"),
        Column("sales", "number", "target", seen=True),
    ]
    if not known:
        frame, columns = frame.drop("advert"), [c for c in columns if c.name != "advert"]
    return Dataset(frame, Schema(tuple(columns)), "shops")


def one(values: list[float], start: dt.datetime = START, days: int = 1) -> Dataset:
    """One series without a name."""
    times = [start + dt.timedelta(days=days * index) for index in range(len(values))]
    frame = pl.DataFrame({"date": times, "sales": values})
    columns = Column("date", "datetime", "time", seen=True), Column("sales", "number", "target")
    return Dataset(frame, Schema(columns), "one")


def halves(data: Dataset, horizon: int) -> tuple[Dataset, Dataset]:
    """The rows before the last steps of each series, and those."""
    cut = split(data, "forecast", horizon=horizon)
    return tuple(replace(data, frame=data.frame[rows]) for rows in (cut.train, cut.test))  # type: ignore[return-value]


def future(data: Dataset, horizon: int) -> pl.DataFrame:
    """Rows of the next steps of each series, without values."""
    last = data.frame.group_by("shop", maintain_order=True).agg(pl.col("date").max())
    rows = [
        {"date": when + dt.timedelta(days=step), "shop": shop}
        for shop, when in last.rows()
        for step in range(1, horizon + 1)
    ]
    return pl.DataFrame(rows)
