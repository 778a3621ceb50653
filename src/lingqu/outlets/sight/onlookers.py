"""What an outlet lets be seen of single requests: access log and traces, where asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lingqu.core.errors import SpecError
from lingqu.core.nouns import Json
from lingqu.outlets.app import App
from lingqu.outlets.sight.access_log import AccessLog


def look_on(
    app: App, root: Path, outlet: str, settings: Mapping[str, Json], number: int = 0
) -> Callable[[], None]:
    """Hang onto an app what its outlet asks for; nothing is imported or done where it does not.

    Args:
        app: The app.
        root: Folder of the workspace.
        outlet: Id of the outlet.
        settings: What the driver wrote: ``access_log_mb``, ``traces``, ``trace_share``.
        number: Number of this process in its outlet.

    Returns:
        What brings the rest to its place, to be called at the end.

    Raises:
        SpecError: Traces are asked for, and OpenTelemetry is not installed.
    """
    ends: list[Callable[[], None]] = []
    if settings.get("access_log_mb"):
        path = root / "access" / f"{outlet}.{number}.jsonl"
        kept = AccessLog(path, settings["access_log_mb"])
        app.told += (kept.told,)
        ends.append(kept.close)
    if settings.get("traces"):
        try:
            from lingqu.outlets.sight.tracing import Traces
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith("opentelemetry"):
                raise
            facts = {"name": "`traces`", "package": "opentelemetry-sdk", "extra": "otel"}
            raise SpecError("core.missing_extra", **facts) from error
        traces = Traces(settings["traces"], settings.get("trace_share", 1.0))
        app.after += (traces.after,)
        ends.append(traces.close)

    def close() -> None:
        for end in ends:
            end()

    return close
