"""Write two shelves to ask about: equal stock, after weeks that sold little and much."""

import numpy as np
import polars as pl

from lingqu.environment.inventory import Inventory

store = Inventory("weekly.csv")
shelves = [np.array([6, 4, 0]), np.array([6, 4, 4])]
rows = []
for shelf in shelves:
    row = dict(zip(store.observation_names, shelf.tolist(), strict=True))
    room = zip(store.action_names, store.action_mask(shelf).tolist(), strict=True)
    rows.append(row | {f"allowed.{order}": there for order, there in room})
pl.DataFrame(rows).write_csv("asked.csv")
