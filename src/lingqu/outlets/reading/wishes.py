"""Requests for made rows → typed columns: a seed and what the row shall be of, both optional."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lingqu.core.errors import DataError
from lingqu.core.i18n import Phrase
from lingqu.core.nouns import Json
from lingqu.core.schema import SEED
from lingqu.outlets.reading.cells import shown
from lingqu.outlets.reading.columns import Columns, Reader
from lingqu.release.made.conditions import drawn_seeds


class WishReader(Reader):
    """Reads rows in which everything may be left out; a seed that is missing is drawn here."""

    def rows(self, rows: Sequence[Json]) -> Columns:
        """Read a list of objects; see `Reader.rows`."""
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict):
                problem = Phrase("outlets.row_is", {"row": number, "received": shown(row)})
                raise DataError("outlets.bad_form", problem=problem, expected="{column: value}")
        values = {name: [row.get(name) for row in rows] for name in self.names}
        return super().table(_drawn(values)) if rows else super().rows(rows)

    def table(self, columns: Mapping[str, Json]) -> Columns:
        """Read a dict of columns; see `Reader.table`."""
        given = {name: columns[name] for name in self.names if name in columns}
        lists = [values for values in given.values() if isinstance(values, list)]
        if len(lists) < len(given) or not lists:
            return super().table(columns)
        nothing: list[Json] = [None] * len(lists[0])
        return super().table(_drawn({name: given.get(name, nothing) for name in self.names}))


def _drawn(values: Mapping[str, list[Json]]) -> dict[str, list[Json]]:
    """Return columns with a seed where a caller gave none."""
    seeds = values[SEED]
    fresh = drawn_seeds(len(seeds)).tolist() if None in seeds else seeds
    return {**values, SEED: [new if old is None else old
                             for old, new in zip(seeds, fresh, strict=True)]}  # fmt: skip
