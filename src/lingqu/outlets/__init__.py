"""Outlets: places where a release is used, with the same answers as when it was judged."""

DRIVERS: dict[str, str] = {
    "local": "lingqu.outlets.local:Local",
    "server": "lingqu.outlets.server:Server",
}
