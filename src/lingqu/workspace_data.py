"""The verbs of data that `Workspace` has: versions, judgement, decisions about rows, mask keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lingqu.core.nouns import Json
from lingqu.flow.walk import Tell, hear_nothing
from lingqu.store.home import Home


class DataVerbs:
    """What people do with data before and after a walk; thin like the rest of `Workspace`."""

    home: Home

    def _may(self, verb: str, channel: str = "") -> None:
        """Refuse what the role of whoever acts does not bring (`lingqu.core.roles`)."""
        from lingqu.flow.roles import require

        require(self.home, verb, channel)

    def _await_outlets(self, channel: str | None = None) -> None:
        """Return once the outlets here act by what was just changed; refuse where one does not."""
        from lingqu.flow.followed import require_followed

        require_followed(self.home, channel)

    def data_commit(
        self,
        source: Any,
        name: str = "",
        message: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> Any:
        """Record what a file, folder, address, channel or frame in memory holds as a version."""
        self._may("build")
        from lingqu.flow.data_versions import commit

        return commit(self.home, _named(source), name, message, facts)

    def data_log(self, name: str = "", limit: int = 50) -> list[dict[str, Json]]:
        """Return data versions, newest first."""
        from lingqu.flow.data_versions import log

        return log(self.home, name, limit)

    def data_show(self, version: str) -> dict[str, Json]:
        """Return a data version: facts, columns, a few rows without personal columns."""
        from lingqu.flow.data_versions import show

        return show(self.home, version)

    def data_diff(self, first: str, second: str) -> dict[str, Json]:
        """Return what differs between two data versions."""
        from lingqu.flow.data_diff import diff

        return diff(self.home, first, second)

    def data_export(self, version: str, to: str | Path) -> Path:
        """Write a data version with its cards to a new folder."""
        from lingqu.flow.data_export import export

        return export(self.home, version, Path(to))

    def data_card(self, version: str, form: str = "markdown") -> str:
        """Return the card of a data version: markdown, croissant or openlineage."""
        from lingqu.flow.data_card import card

        return card(self.home, version, form)

    def data_wanted(self, channel: str) -> list[dict[str, Json]]:
        """Return what should be collected next for a channel, and why."""
        from lingqu.flow.wanted import wanted

        return wanted(self.home, channel)

    def data_suspects(self, channel: str) -> list[dict[str, Json]]:
        """Return the labels that the last run doubts, the most doubtful first."""
        from lingqu.flow.suspects import suspects

        return suspects(self.home, channel)

    def data_removed(self, channel: str) -> list[dict[str, Json]]:
        """Return the rows that governance removed in the last run, and why."""
        from lingqu.flow.suspects import removed

        return removed(self.home, channel)

    def data_fix(
        self, channel: str, fixes: Sequence[Mapping[str, str]], by: str, note: str = ""
    ) -> int:
        """Accept labels, as rows of ``row`` and ``to``; the next run makes a new version."""
        self._may("build", channel)
        from lingqu.flow.suspects import fix

        return fix(self.home, channel, fixes, by, note)

    def data_undo(
        self, channel: str, rows: Sequence[str] = (), operator: str = "", by: str = ""
    ) -> int:
        """Take removals or decisions back, of single rows or of all that an operator removed."""
        self._may("build", channel)
        from lingqu.flow.suspects import undo

        return undo(self.home, channel, rows, operator, by)

    def data_scan(self, source: Any, target: str = "") -> dict[str, Json]:
        """Return how good a source is: profile and scores, as one document."""
        from lingqu.flow.data_judge import scan_data

        return scan_data(self.home, _named(source), target)

    def data_check(self, source: Any, contract: str | Path = "") -> dict[str, Json]:
        """Judge rules on a source; ``blocked`` counts the blocking ones that do not hold."""
        from lingqu.flow.data_judge import check_data

        return check_data(self.home, _named(source), contract)

    def data_clean(
        self,
        source: Any,
        govern: str | Path = "",
        target: str = "",
        name: str = "",
        tell: Tell = hear_nothing,
    ) -> Any:
        """Clean the data of a channel or a source without training; the result is a version."""
        self._may("build")
        from lingqu.flow.data_clean import clean_data

        return clean_data(
            self.home, _named(source), govern=govern, target=target, name=name, tell=tell
        )

    def data_report(self, name: str) -> dict[str, Json]:
        """Return the data document of a run, or of the newest run or cleaning of a channel."""
        from lingqu.flow.data_judge import report_data

        return report_data(self.home, name)

    def data_page(self, run: str) -> Path:
        """Return the path of the data report of a run or cleaning."""
        from lingqu.flow.data_judge import data_page
        from lingqu.flow.find import find_run

        return data_page(self.home, find_run(self.home, run).id)

    def reveal(self, token: str, key: str = "mask", by: str = "") -> str:
        """Return a text with every token of a key reversed; the trail says that it was done."""
        self._may("house")
        from lingqu.flow.mask_keys import reveal

        return reveal(self.home, token, key, by)

    def forget_mask_key(self, key: str = "mask", by: str = "") -> str:
        """Delete a key of masked data for ever; return its fingerprint."""
        self._may("house")
        from lingqu.flow.mask_keys import delete_mask_key

        return delete_mask_key(self.home, key, by)


def _named(source: Any) -> Any:
    """Return a path as the text that people write; rows in memory stay what they are."""
    return str(source) if isinstance(source, Path) else source
