"""Words of the report page (`lingqu.report`)."""

from lingqu.core.messages.report import after, before, frame, measures

MESSAGES: dict[str, tuple[str, str]] = {
    **frame.MESSAGES,
    **before.MESSAGES,
    **after.MESSAGES,
    **measures.MESSAGES,
}
