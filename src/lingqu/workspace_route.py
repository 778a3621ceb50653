"""The verbs of routes, promotion and the queue for people: a part of the façade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lingqu.core.nouns import Json, Route
from lingqu.core.piece import Piece
from lingqu.workspace_data import DataVerbs

if TYPE_CHECKING:
    from lingqu.core.spec import Channel
    from lingqu.flow.promote import Promotion
    from lingqu.store.questions import Question

HAND = "by hand"


class RouteVerbs(DataVerbs):
    """What a workspace can do about who answers; thin like the rest of `Workspace`."""

    def _acting(self, by: str) -> str:
        """Return who acts: whose token was shown, else who is said to."""
        actor = self.home.ledger.events.acting
        return by if actor is None else actor.name

    def _followed(self, route: Route) -> Route:
        """Return a route that was just made, once the outlets here act by it."""
        self._await_outlets(route.channel)
        return route

    def route(self, channel: str) -> Route | None:
        """Return who answers for a channel."""
        return self.home.ledger.routes.get(channel)

    def routes(self, channel: str) -> list[Route]:
        """Return every route that a channel had, the present one first."""
        return list(self.home.ledger.routes.history(channel))

    def switch(
        self,
        channel: str,
        release: str,
        canary: float | None = None,
        fallback: str | None = None,
        *,
        shadow: float | None = None,
        when: str = "",
        reason: str = HAND,
        by: str = "",
    ) -> Route:
        """Change who answers for a channel: wholly, or by a canary, a shadow or a condition."""
        self._may("route", channel)
        from lingqu.flow.find import find_release
        from lingqu.flow.routing import switch

        digest = find_release(self.home, release).digest
        back = find_release(self.home, fallback).digest if fallback else fallback
        now = switch(
            self.home, channel, digest, canary=canary, fallback=back, shadow=shadow, when=when,
            reason=reason, by=self._acting(by),
        )  # fmt: skip
        return self._followed(now)

    def experiment(
        self,
        channel: str,
        arms: Mapping[str, tuple[str, float]],
        reason: str = HAND,
        by: str = "",
    ) -> Route:
        """Deal the calls to named arms: name → release and share."""
        self._may("route", channel)
        from lingqu.flow.find import find_release
        from lingqu.flow.routing import experiment

        found = {
            name: (find_release(self.home, release).digest, part)
            for name, (release, part) in arms.items()
        }
        return self._followed(experiment(self.home, channel, found, reason, self._acting(by)))

    def route_rules(
        self,
        channel: str,
        *,
        sticky: Literal["key", "session", "none"] | None = None,
        otherwise: Sequence[Any] | None = None,
        reason: str = HAND,
        by: str = "",
    ) -> Route:
        """Say how callers stay with a release, and what stands in for one that fails.

        Args:
            channel: Name of the channel.
            sticky: ``key``, ``session`` or ``none``; as before when None.
            otherwise: Pieces such as ``["previous", {"answer": "review"}, "queue"]``.
            reason: Why.
            by: Who.
        """
        self._may("route", channel)
        from lingqu.core.route_section import step_of
        from lingqu.flow.routing import rules

        steps = None if otherwise is None else [step_of(Piece.of(one)) for one in otherwise]
        now = rules(
            self.home, channel, sticky=sticky, otherwise=steps, reason=reason, by=self._acting(by)
        )
        return self._followed(now)

    def stop(self, channel: str, reason: str = HAND, by: str = "") -> Route:
        """Let nobody answer for a channel, at once and everywhere."""
        self._may("block", channel)
        from lingqu.flow.routing import stop

        return self._followed(stop(self.home, channel, reason, self._acting(by)))

    def resume(self, channel: str, reason: str = HAND, by: str = "") -> Route:
        """Let those answer again who did before the stop."""
        self._may("block", channel)
        from lingqu.flow.routing import resume

        return self._followed(resume(self.home, channel, reason, self._acting(by)))

    def undo_route(self, channel: str, reason: str = "", by: str = "") -> Route:
        """Bring back the route before the present one."""
        self._may("route", channel)
        from lingqu.flow.routing import undo

        return self._followed(undo(self.home, channel, reason, self._acting(by)))

    def promote(
        self, channel: str | Path | Channel, *, step: bool = False, by: str = ""
    ) -> Promotion:
        """Look at the evidence for the release on its way into use; with `step`, act on it."""
        from lingqu.flow import promote
        from lingqu.flow.find import find_channel

        declared = find_channel(self.home, channel)
        if not step:
            return promote.look(self.home, declared)
        self._may("route", declared.name)
        found = promote.step(self.home, declared, self._acting(by))
        self._await_outlets(declared.name)
        return found

    def questions(self, channel: str | None = None, waiting: bool = False) -> list[Question]:
        """Return the requests that wait, or waited, for people."""
        from lingqu.flow.questions import questions

        return questions(self.home, channel, waiting)

    def answer(self, question: str, answer: Json, by: str = "") -> Question:
        """Answer a question: the caller gets it, and it counts as a label."""
        self._may("operate")
        from lingqu.flow.questions import answer as give

        return give(self.home, question, answer, self._acting(by))
