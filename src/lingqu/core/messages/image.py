"""Messages of the preparation of pictures."""

MESSAGES: dict[str, tuple[str, str]] = {
    "image.reason_changed": ("after {operator}", "经 {operator} 处理"),
}
