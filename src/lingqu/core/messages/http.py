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
    "http.which_rows": (
        "Expected either `rows` or `operator`, and not both.",
        "应给出 `rows` 或 `operator` 之一，不能同时给出。",
    ),
    "http.which_channel": (
        "Expected one of `channel` (the text of a channel.yaml) and `name` (of a known channel).",
        "`channel`（channel.yaml 的文本）与 `name`（已知渠道的名称）应二选一。",
    ),
    "http.outside": (
        "{source!r} is not a data file that the control API may read. Expected one in {folder!r}, "
        "outside the workspace. For any other, run `lingqu init` on this machine.",
        "控制 API 不能读取 {source!r}。应为 {folder!r} 中、工作区之外的数据文件。"
        "其他文件请在本机运行 `lingqu init`。",
    ),
    "http.under_way": (
        "{name!r} is under way. Wait until it is done: see /v1/actions.",
        "{name!r} 正在进行。请等它结束：见 /v1/actions。",
    ),
    "http.docs_token": ("Token", "令牌"),
    "http.docs_where": (
        "It lies in api.token of the workspace, and stays in this page only.",
        "它在工作区的 api.token 中，只保留在本页内。",
    ),
    "http.docs_send": ("Send", "发送"),
}
