"""Small releases for the tests of `lingqu.outlets`, packed from hand-written graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.release.release_samples import CLASSES, TEN, digits, ensemble, member, people

from lingqu.core.nouns import Dataset, Model
from lingqu.core.schema import Column, Schema
from lingqu.govern.impute import Impute
from lingqu.release.bundle import Contents, pack
from lingqu.release.profile import fit_profile, signals
from lingqu.release.runner import predict_model

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CREATED = "2026-03-01T08:00:00Z"


def digits_model(seed: int = 0) -> tuple[Dataset, Model]:
    """Images in, one of ten classes out."""
    data = digits(120)
    return data, Model("classify", TEN, (member(data, "linear", 10, seed=seed),))


def people_model(seed: int = 0) -> tuple[Dataset, Model]:
    """A table with every kind of column in, yes or no out."""
    data = people(80)
    return data, ensemble(data)


def prices_model(seed: int = 0) -> tuple[Dataset, Model]:
    """Three numbers in, a number out."""
    random = np.random.default_rng(9)
    frame = pl.DataFrame({name: random.normal(size=50) for name in ("a", "b", "c", "price")})
    schema = Schema(
        (
            Column("a", "number"),
            Column("b", "number"),
            Column("c", "number", nullable=True),
            Column("price", "number", "target"),
        )
    )
    data = Dataset(frame, schema, "prices")
    made = member(data, "linear", 1, seed=seed, task="regress")
    return data, Model("regress", (), (made,))


MODELS = {"digits": digits_model, "people": people_model, "prices": prices_model}


def make_release(folder: Path, name: str, seed: int = 0, **changes: Any) -> str:
    """Write a release of the sample `name` and return its digest."""
    data, model = MODELS[name](seed)
    operators: list[Any] = []
    governed = data
    if name == "people":
        impute = Impute()
        impute.fit(data)
        operators, governed = [impute], impute.apply(data)
    profile = fit_profile(signals(data.frame, data.schema), predict_model(model, governed.frame))
    contents = Contents(
        name=name,
        model=model,
        schema=data.schema,
        golden_rows=data.frame,
        operators=operators,
        profile=profile,
        findings=[],
        metrics={},
        facts={},
        lineage={},
        channel_text=f"channel: {name}\n",
        channel="c" * 64,
        data="d" * 64,
        seed=seed,
        **changes,
    )
    public = SECRET.public_key().public_bytes_raw()
    manifest = pack(folder, contents, created=CREATED, sign=SECRET.sign, public_key=public)
    return manifest.digest


__all__ = ["CLASSES", "MODELS", "make_release"]
