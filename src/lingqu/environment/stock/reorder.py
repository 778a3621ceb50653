"""The rule (s, S) of stock-keepers: below s, order up to S; tuned by trying every pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingqu.environment.stock.sales import Sales


@dataclass(frozen=True)
class Costs:
    """What keeping stock costs: of a box that stays, of one that lacked, of an order."""

    holding: float
    shortage: float
    order: float

    def of(self, left: Any, lacking: Any, ordered: Any) -> Any:
        """Return the cost of a week, of one or of many at once."""
        placed = np.asarray(ordered) > 0
        return self.holding * left + self.shortage * lacking + self.order * placed


def tuned(sales: Sales, costs: Costs, lead: int, room: int, most: int) -> tuple[int, int]:
    """Return the s and S that cost least in the weeks of training.

    Every pair is walked through all weeks of all articles at once.

    Args:
        sales: Of which only the weeks of training are read.
        costs: Of keeping stock.
        lead: Weeks from an order to its arrival.
        room: Boxes for which there is room, in stock and due.
        most: Largest order.

    Example:
        >>> from lingqu.environment.stock.sales import Sales, levels_of
        >>> demand = np.full((1, 20), 4)
        >>> sales = Sales(("a",), demand, levels_of(demand, 4.0), 16, 4.0)
        >>> tuned(sales, Costs(1.0, 9.0, 0.0), 1, 12, 12)
        (5, 8)

    Source: Scarf, "The optimality of (S, s) policies in the dynamic inventory problem", 1960.
    """
    pairs = np.array([(low, high) for high in range(1, room + 1) for low in range(1, high + 1)])
    totals = _walk(sales, costs, lead, room, most, pairs)
    low, high = pairs[int(np.argmin(totals))]
    return int(low), int(high)


def _walk(
    sales: Sales, costs: Costs, lead: int, room: int, most: int, pairs: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the mean cost of a week under each pair, (pairs,)."""
    low, high = pairs[:, 0, None], pairs[:, 1, None]
    shape = len(pairs), len(sales.names)
    stock = np.full(shape, min(room, round(sales.boxes * lead)))
    due = [np.zeros(shape, dtype=np.int64) for _ in range(lead - 1)]
    total = np.zeros(len(pairs))
    for week in range(sales.first, sales.split):
        position = stock + sum(due, np.zeros(shape, dtype=np.int64))
        ordered = np.where(position < low, np.minimum(most, high - position), 0)
        wanted = sales.demand[None, :, week]
        sold = np.minimum(stock, wanted)
        total += costs.of(stock - sold, wanted - sold, ordered).mean(axis=1)
        due.append(ordered)
        stock = stock - sold + due.pop(0)
    return total / max(1, sales.split - sales.first)
