"""Keeping stock: an environment of our own, whose demand is a real series of sales."""

from __future__ import annotations

from typing import Any, Literal, SupportsInt

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete, MultiDiscrete
from numpy.typing import NDArray

from lingqu.core.errors import SpecError
from lingqu.environment.mdp import Mdp
from lingqu.environment.stock.process import process
from lingqu.environment.stock.reorder import Costs, tuned
from lingqu.environment.stock.sales import LEVELS, Sales, read_sales

Counts = NDArray[np.int64]


class Inventory(gymnasium.Env[Counts, SupportsInt]):
    """Order what will be sold, before it is known what will be sold.

    A step is a week. What was ordered `lead` weeks ago arrives; an order of some boxes is placed;
    customers take what is there, and what lacks is lost. A box that stays costs `holding`, one
    that lacked `shortage`, and placing an order at all costs `order`. An observation is the boxes
    in stock, those due in each of the next weeks, and how the last weeks sold.

    Orders for which there would be no room are not allowed: `action_mask` says which.

    Args:
        sales: CSV file of the sales, a row for each article and week.
        article: Column with the article; one article when it is not among the columns.
        time: Column with the week.
        amount: Column with the pieces sold.
        part: ``train``: any weeks before the held-out ones. ``test``: the held-out weeks, from the
            first to the last.
        held: Held-out weeks, the last ones.
        weeks: Weeks of an episode of training.
        boxes: Boxes that an article sells in a mean week of training: the size of its box.
        lead: Weeks from an order to its arrival, 1 to 3.
        room: Boxes for which there is room, in stock and due.
        most: Largest order.
        holding: Cost of a box that stays, a week.
        shortage: Cost of a box that lacked.
        order: Cost of an order.
        noise: Half-width, in shares, of what each week of training is multiplied by at random.

    Raises:
        DataError: The file cannot be read or has too few weeks.
        SpecError: An option is out of range.

    Example:
        >>> import polars as pl, tempfile
        >>> rows = {"week": list(range(40)), "pieces": [8, 12, 10, 30] * 10}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     pl.DataFrame(rows).write_csv(folder + "/sales.csv")
        ...     stock = Inventory(folder + "/sales.csv", held=8, weeks=8)
        >>> observation, told = stock.reset(seed=0)
        >>> len(observation), stock.action_names[:2], bool(told["action_mask"][0])
        (3, ('order 0', 'order 1'), True)

    Source: Own; the model is that of Arrow, Harris and Marschak, "Optimal inventory policy", 1951,
        doi:10.2307/1906813, with sales that are lost.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012  the name is Gymnasium's

    def __init__(
        self, sales: str = "weekly.csv", article: str = "article", time: str = "week",
        amount: str = "pieces", part: Literal["train", "test"] = "train", held: int = 26,
        weeks: int = 26, boxes: float = 4.0, lead: int = 2, room: int = 24, most: int = 12,
        holding: float = 1.0, shortage: float = 9.0, order: float = 8.0, noise: float = 0.0,
    ) -> None:  # fmt: skip
        for option, value, right, expected in (
            ("part", part, part in ("train", "test"), "train, test"),
            ("lead", lead, 1 <= lead <= 3, "1 … 3"),
            ("room", room, room >= 1, "≥ 1"),
            ("most", most, 1 <= most <= room, f"1 … {room}"),
            ("weeks", weeks, weeks >= 1, "≥ 1"),
            ("boxes", boxes, boxes > 0, "> 0"),
            ("noise", noise, 0 <= noise < 1, "≥ 0, < 1"),
        ):
            if not right:
                raise SpecError("tables.bad_option", algorithm="Inventory", option=option,
                                expected=expected, received=value)  # fmt: skip
        self.sales: Sales = read_sales(sales, article, time, amount, held, boxes)
        self.part, self.lead, self.room, self.most = part, lead, room, most
        self.weeks = weeks if part == "train" else held
        self.noise = noise if part == "train" else 0.0
        self.costs = Costs(holding, shortage, order)
        sizes = [room + 1, *[most + 1] * (lead - 1), LEVELS]
        self.observation_space = MultiDiscrete(np.array(sizes))
        self.action_space = Discrete(most + 1)
        due = ["due"] if lead == 2 else [f"due_{week}" for week in range(1, lead)]
        self.observation_names = ("stock", *due, "demand")
        self.action_names = tuple(f"order {boxes_of}" for boxes_of in range(most + 1))
        self._rule: tuple[int, int] | None = None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Counts, dict[str, Any]]:
        """Start with a week's sales in stock, at some week of some article."""
        super().reset(seed=seed)
        count = len(self.sales.names)
        drawn = seed is None or self.part == "train"
        # Seeds in a row judge different articles: no episode counts twice before all have.
        self._article = int(self.np_random.integers(count)) if drawn else int(seed or 0) % count
        first, last = self.sales.first, self.sales.split
        if self.part == "test":
            self._week = last
        else:
            self._week = int(self.np_random.integers(first, max(first, last - self.weeks) + 1))
        self._end = min(self._week + self.weeks, self.sales.weeks if self.part == "test" else last)
        self._stock = min(self.room, round(self.sales.boxes * self.lead))
        self._due = [0] * (self.lead - 1)
        return self._seen(), self._told()

    def step(self, action: SupportsInt) -> tuple[Counts, float, bool, bool, dict[str, Any]]:
        """Order, sell, pay; the reward is what it cost, below 0."""
        free = self.room - self._stock - sum(self._due)
        ordered = max(0, min(int(action), free))
        wanted = self.sales.demand[self._article, self._week]
        if self.noise:
            wanted = round(wanted * (1 + self.noise * self.np_random.uniform(-1, 1)))
        sold = min(self._stock, int(wanted))
        left, lacking = self._stock - sold, int(wanted) - sold
        self._due.append(ordered)
        self._stock = left + self._due.pop(0)
        self._week += 1
        cost = self.costs.of(left, lacking, ordered)
        return self._seen(), -float(cost), False, self._week >= self._end, self._told()

    def _seen(self) -> Counts:
        level = self.sales.levels[self._article, min(self._week, self.sales.weeks)]
        return np.array([self._stock, *self._due, level], dtype=np.int64)

    def _told(self) -> dict[str, Any]:
        return {
            "action_mask": self.action_mask(self._seen()),
            "article": self.sales.names[self._article], "week": self._week,
        }  # fmt: skip

    def action_mask(self, observation: Counts) -> NDArray[np.bool_]:
        """Return which orders there is room for, (A,)."""
        free = self.room - int(np.sum(observation[:-1]))
        return np.arange(self.most + 1) <= max(0, free)

    @property
    def reorder(self) -> tuple[int, int]:
        """The rule (s, S) that costs least in the weeks of training."""
        if self._rule is None:
            self._rule = tuned(self.sales, self.costs, self.lead, self.room, self.most)
        return self._rule

    def rule(self, observation: Counts) -> int:
        """Return what the tuned rule (s, S) orders: below s boxes in stock and due, up to S."""
        low, high = self.reorder
        position = int(np.sum(observation[:-1]))
        return min(self.most, high - position) if position < low else 0

    def mdp(self) -> Mdp:
        """Return the process that the weeks of training look like, for methods of tables."""
        return process(self.sales, self.costs, self.lead, self.room, self.most)
