"""Words of `lingqu data reveal` and `lingqu data forget-key`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "data_keys.key": ("Name of the key.", "密钥名。"),
    "data_keys.token": ("A token, or a text with tokens in it.", "令牌，或含令牌的文本。"),
    "data_keys.reveal": (
        "Reverse tokens with their key; the trail says who did it.",
        "用密钥还原令牌；审计轨迹记下是谁所为。",
    ),
    "data_keys.forget": (
        "Delete a key: what only it could tell is gone for ever.",
        "删除密钥：只有它能还原的内容从此不复存在。",
    ),
    "data_keys.yes": ("Do not ask.", "不再询问。"),
    "data_keys.sure": (
        "Delete the key {name!r}? Tokens made with it can never be reversed again.",
        "删除密钥 {name!r}？由它生成的令牌将永远无法还原。",
    ),
    "data_keys.forgotten": (
        "Key {name!r} ({fingerprint}) is deleted. Releases that need it answer no more.",
        "密钥 {name!r}（{fingerprint}）已删除。需要它的发布不再作答。",
    ),
}
