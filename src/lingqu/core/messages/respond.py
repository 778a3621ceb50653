"""Messages of `lingqu.respond`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "respond.webhook": (
        "The web hook {url!r} did not take the notice: {problem}. Expected an HTTP 2xx answer. "
        "Mend the address under `respond` in channel.yaml.",
        "网络钩子 {url!r} 没有收下通知：{problem}。应答应为 HTTP 2xx。"
        "请在 channel.yaml 的 `respond` 中改正地址。",
    ),
    "respond.webhook_scheme": (
        "The web hook {url!r} is not a web address. Expected http:// or https://. "
        "Mend the address under `respond` in channel.yaml.",
        "网络钩子 {url!r} 不是网址。应以 http:// 或 https:// 开头。"
        "请在 channel.yaml 的 `respond` 中改正地址。",
    ),
    "respond.fallback_blocked": (
        "Channel {channel!r} cannot go back to release {release}: it was blocked. Name another "
        "with `lingqu route {channel} --fallback DIGEST`; see `lingqu list releases`.",
        "渠道 {channel!r} 不能退回到发布 {release}：它已被拦下。请用 "
        "`lingqu route {channel} --fallback 摘要` 另指一个；见 `lingqu list releases`。",
    ),
    "respond.no_route": (
        "Channel {channel!r} is not deployed, so there is no route to change. "
        "Run `lingqu deploy {channel}`.",
        "渠道 {channel!r} 尚未部署，没有可改的路由。请运行 `lingqu deploy {channel}`。",
    ),
    "respond.no_fallback": (
        "Channel {channel!r} has no release to go back to: only one was ever live. Deploy an "
        "earlier one with `lingqu route {channel} --fallback DIGEST`, or declare "
        "`{{fallback: stop}}`.",
        "渠道 {channel!r} 没有可退回的发布：至今只上线过一个。请用 "
        "`lingqu route {channel} --fallback 摘要` 指定较早的发布，或声明 `{{fallback: stop}}`。",
    ),
    "respond.no_column": (
        "Rule {rule!r} asks to reweigh, but names no protected column. Expected "
        "`fairness.gap(COLUMN)` in the rule, or `do: {{reweigh: COLUMN}}`.",
        "规则 {rule!r} 要求重新加权，却没有写明受保护的列。规则里应有 `fairness.gap(列名)`，"
        "或写 `do: {{reweigh: 列名}}`。",
    ),
}
