"""Tell somebody."""

from __future__ import annotations

import http.client
import json
import logging
import urllib.request
from dataclasses import dataclass
from typing import ClassVar

from lingqu.core.errors import OutletError
from lingqu.core.nouns import Stage
from lingqu.respond.situation import Effect, Situation

log = logging.getLogger("lingqu.respond")


@dataclass
class Notify:
    """Write a warning to the log and, if the channel says so, post it to a web hook.

    Nothing leaves the machine unless `webhook` is set in the channel file.

    Args:
        webhook: URL that receives ``{"channel", "rule", "findings"}`` as JSON, or ``""``.
        timeout_s: Seconds to wait for the hook.

    Example:
        >>> Notify().name
        'notify'

    Source: Own; web hooks take plain JSON so that any chat robot can be put behind one.
    """

    name: ClassVar[str] = "notify"
    main: ClassVar[str] = "webhook"
    stages: ClassVar[frozenset[Stage]] = frozenset({"data", "gate", "live"})
    webhook: str = ""
    timeout_s: float = 5.0

    def act(self, situation: Situation) -> Effect:
        message: dict[str, object] = {
            "channel": situation.channel,
            "rule": situation.rule,
            "findings": {f.subject: f.value for f in situation.findings},
        }
        log.warning("%s: rule %r fired: %s", situation.channel, situation.rule, message["findings"])
        if self.webhook:
            self._post(message)
        return Effect("done", {"told": self.webhook or "log"})

    def _post(self, message: dict[str, object]) -> None:
        if not self.webhook.startswith(("http://", "https://")):
            raise OutletError("respond.webhook_scheme", url=self.webhook)
        request = urllib.request.Request(
            self.webhook,
            data=json.dumps(message).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s):
                pass
        except (http.client.HTTPException, ValueError, OSError) as error:
            raise OutletError("respond.webhook", url=self.webhook, problem=str(error)) from error
