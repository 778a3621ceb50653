"""Messages of `lingqu.http`, the control API."""

MESSAGES: dict[str, tuple[str, str]] = {
    "http.token": (
        "This call carries no valid token. Expected `Authorization: Bearer` with the token in "
        "api.token of the workspace. Run `lingqu api` to see where it lies.",
        "此请求没有有效的令牌。应为 `Authorization: Bearer` 加上工作区 api.token 中的令牌。"
        "运行 `lingqu api` 可看到它的位置。",
    ),
    "http.public": (
        "The control API would carry its token in the clear on {host!r}. Expected a loopback "
        "address. Run `lingqu api --host 127.0.0.1` behind a TLS proxy.",
        "控制 API 会在 {host!r} 上明文传送令牌。应为回环地址。"
        "请在 TLS 代理之后运行 `lingqu api --host 127.0.0.1`。",
    ),
    "http.unknown_path": (
        "There is nothing at {path!r}. See /docs for what is there.",
        "{path!r} 处没有内容。可用的路径见 /docs。",
    ),
    "http.unknown_method": (
        "{path!r} does not take {method}. See /docs for what it takes.",
        "{path!r} 不接受 {method}。它接受什么见 /docs。",
    ),
}
