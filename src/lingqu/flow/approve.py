"""A person says yes."""

from __future__ import annotations

from lingqu.core.errors import GateError
from lingqu.core.nouns import ReleaseRecord
from lingqu.flow.find import find_release
from lingqu.flow.roles import approver
from lingqu.store.home import Home


def approve(home: Home, digest: str, by: str) -> ReleaseRecord:
    """Approve a candidate and record who did.

    Raises:
        AccessError: Roles are in use, and it is nobody who may (403).
        GateError: The release is not waiting for approval, or nobody is named.
    """
    record = find_release(home, digest)
    by = approver(home, record, by)
    if record.state != "candidate":
        raise GateError("flow.not_waiting", release=record.digest[:12], state=record.state)
    now = home.clock()
    home.ledger.releases.move(record.digest, "approved", now)
    home.ledger.events.append(
        kind="release.approved", subject=record.digest, detail={"by": by}, at=now
    )
    return home.ledger.releases.get(record.digest)
