"""Draft a contract for a drafted channel, and the line of the channel that names it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from lingqu.core.i18n import language, text
from lingqu.core.spec import Channel
from lingqu.flow.data_stage import source_of, typed
from lingqu.govern.contract.draft import draft
from lingqu.govern.contract.file import flow, written
from lingqu.govern.defaults import defaults


def with_contract(
    drafted: str, now: datetime, file: str = "contract.yaml", folder: Path | None = None
) -> tuple[str, str]:
    """Return the text of a channel with a line for its contract, and the text of the contract.

    The operators that a run would have chosen stand behind the contract, because a channel that
    names its operators gets those and no others.

    Args:
        drafted: A channel without `govern`, as `lingqu init` drafts it.
        now: UTC time; dates behind it may not lie in the future.
        file: Name of the contract, beside the channel.
        folder: Where relative paths of the channel start; the current folder when omitted.

    Raises:
        SpecError: The channel is wrong.
        DataError: Its data cannot be read.
    """
    channel = Channel.parse(drafted, (folder or Path()) / "channel.yaml")
    rows = typed(channel, source_of(channel).read())
    rules = draft(rows.schema, rows.frame, now, ordered=False)
    others = [
        flow({name: options}) if options else name
        for name, options, _ in defaults(rows.schema, rows.frame)
        if name != "contract"
    ]
    line = f"govern: [{', '.join([flow({'contract': file}), *others])}]"
    lines = drafted.splitlines()
    place = next(i for i, said in enumerate(lines) if said.startswith("train:"))
    head = [
        text("contract.draft_head", rows=len(rows), source=channel.data.named),
        text("contract.draft_rules"),
    ]
    whole = "\n".join([*lines[:place], line, *lines[place:]]) + "\n"
    return whole, written(rules, language(), head)
