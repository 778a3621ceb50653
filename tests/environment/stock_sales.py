"""Sales of a few articles, made up for tests: some steady, some that come and go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl


def write_sales(folder: Path, weeks: int = 60, articles: int = 3) -> Path:
    """Write a table of sales and return its path."""
    draw = np.random.default_rng(7)
    rows = [
        (f"article {article}", week, int(pieces))
        for article in range(articles)
        for week, pieces in enumerate(
            draw.poisson(20 + 15 * np.sin(np.arange(weeks) / 6 + article))
        )
    ]
    path = folder / "sales.csv"
    pl.DataFrame(rows, schema=["article", "week", "pieces"], orient="row").write_csv(path)
    return path
