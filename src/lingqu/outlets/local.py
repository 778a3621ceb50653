"""The driver ``local``: a release in this process, without a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Json
from lingqu.outlets.hosting.size import refuse_large
from lingqu.release.release import Release


@dataclass
class Local:
    """Answer in this process.

    Args:
        max_mb: Largest graph that it opens, megabytes; the choice and its smaller forms keep it
            too. 0 for any.
        channel: Name of the channel.
        workspace: Folder of the workspace; not needed here.
        outlet: Id of the outlet; not needed here.
    """

    name: ClassVar[str] = "local"
    opens_process: ClassVar[bool] = False

    max_mb: float = 0.0
    channel: str = ""
    workspace: str = ""
    outlet: str = ""
    _release: Any = field(default=None, init=False, repr=False)
    _rows: int = field(default=0, init=False, repr=False)

    def open(self, release: str) -> Mapping[str, Json]:
        """Verify, replay the golden answers, and hold the release open.

        Raises:
            GateError: It is not intact, or does not give its golden answers.
            OutletError: It is larger than `max_mb`.
        """
        opened = Release.open(release)
        refuse_large(opened, self.max_mb)
        opened.require_replay()
        self._release = opened
        return self.status()

    def predict(self, frame: Any, *, options: Mapping[str, Json] | None = None) -> Any:
        """Answer rows, as `Release.predict` does.

        Raises:
            OutletError: The outlet is not open.
        """
        if self._release is None:
            raise OutletError("outlets.not_open")
        answers = self._release.predict(frame, options=options)
        self._rows += len(answers)
        return answers

    def status(self) -> Mapping[str, Json]:
        """Return whether it is open, and how many rows it answered."""
        held = self._release
        return {
            "alive": held is not None,
            "state": "closed" if held is None else "open",
            "address": "",
            "release": "" if held is None else held.digest,
            "rows": self._rows,
        }

    def close(self) -> None:
        """Let go of the release."""
        self._release = None
