"""Stock-keeping as a small Markov decision process, fitted to the weeks of training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lingqu.core.errors import SpecError
from lingqu.environment.mdp import Mdp
from lingqu.environment.stock.reorder import Costs
from lingqu.environment.stock.sales import LEVELS, Sales

MOST = 20_000
"""States that a table may have."""
_TAIL = 0.995
"""Quantile of demand at which it is cut: one order of a lifetime is no demand to plan for."""


def process(sales: Sales, costs: Costs, lead: int, room: int, most: int) -> Mdp:
    """Return the process in which demand depends on nothing but how the last weeks sold.

    A state is the boxes in stock, those due in each of the next weeks, and the level of demand;
    how often which demand and which next level followed a level is counted in training.

    Args:
        sales: Of which only the weeks of training are read.
        costs: Of keeping stock.
        lead: Weeks from an order to its arrival.
        room: Boxes for which there is room, in stock and due.
        most: Largest order.

    Raises:
        SpecError: There would be too many states.
    """
    sizes = (room + 1, *[most + 1] * (lead - 1), LEVELS)
    if int(np.prod(sizes)) > MOST:
        raise SpecError("tables.many_states", states=int(np.prod(sizes)), limit=MOST)
    demand, after, chance = follows(sales)
    states = np.stack(np.unravel_index(np.arange(np.prod(sizes)), sizes), axis=1)  # (S, k)
    orders = np.arange(most + 1)
    position = states[:, :-1].sum(axis=1)
    allowed = (orders == 0) | (position[:, None] + orders[None, :] <= room)  # (S, A)
    stock, level = states[:, :1], states[:, -1]
    left = np.maximum(stock - demand, 0)  # (S, D)
    lacking = np.maximum(demand - stock, 0)
    kept = (chance[level] * costs.of(left, lacking, 0)).sum(axis=1)
    reward = -(kept[:, None] + costs.of(0, 0, orders)[None, :])
    to = _after(states, left, after, orders, sizes, room)  # (S, A, D)
    rows = np.broadcast_to(np.arange(allowed.size).reshape(*allowed.shape, 1), to.shape)
    weight = np.broadcast_to(chance[level][:, None, :], to.shape)
    used = (weight > 0) & allowed[..., None]
    size = allowed.size, len(states)
    transition = csr_array((weight[used], (rows[used], to[used])), shape=size)
    return Mdp(transition, reward, allowed)


def _after(
    states: NDArray[np.int64], left: NDArray[np.int64], after: NDArray[np.int64],
    orders: NDArray[np.int64], sizes: tuple[int, ...], room: int,
) -> NDArray[np.int64]:  # fmt: skip
    """Return the number of the next state for each state, order and outcome, (S, A, D)."""
    shape = len(states), len(orders), len(after)
    ordered = np.broadcast_to(orders[None, :, None], shape)
    due = [np.broadcast_to(states[:, k, None, None], shape) for k in range(1, len(sizes) - 1)]
    coming = [*due, ordered]
    stock = np.minimum(left[:, None, :] + coming[0], room)
    levels = np.broadcast_to(after[None, None, :], shape)
    parts = [np.broadcast_to(stock, shape), *coming[1:], levels]
    return np.ravel_multi_index(tuple(parts), sizes).astype(np.int64)


def follows(
    sales: Sales,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return which demand and which next level followed each level, and how often.

    Returns:
        Demand of each outcome (D,), its next level (D,), and its probability by level
        (`LEVELS`, D). A level that never came is as all weeks together.
    """
    weeks = slice(sales.first, sales.split)
    last = slice(sales.first + 1, sales.split + 1)
    wanted = sales.demand[:, weeks].ravel()
    wanted = np.minimum(wanted, int(np.quantile(wanted, _TAIL)))
    before, later = sales.levels[:, weeks].ravel(), sales.levels[:, last].ravel()
    outcomes, which = np.unique(wanted * LEVELS + later, return_inverse=True)
    counts = np.zeros((LEVELS, len(outcomes)))
    np.add.at(counts, (before, which), 1.0)
    counts[counts.sum(axis=1) == 0] = counts.sum(axis=0)
    chance = counts / counts.sum(axis=1, keepdims=True)
    return outcomes // LEVELS, outcomes % LEVELS, chance
