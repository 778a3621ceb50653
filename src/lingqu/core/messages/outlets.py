"""Messages of `lingqu.outlets`: what callers and operators of a server read."""

MESSAGES: dict[str, tuple[str, str]] = {
    # Opening and closing
    "outlets.port_taken": (
        "Port {port} of {host} cannot be opened: {problem}. Expected a free port. Choose another "
        "one in `outlets: [{{server: {{port: …}}}}]`, or 0 for any free port, then run "
        "`lingqu deploy` again.",
        "{host} 的端口 {port} 无法打开：{problem}。应为空闲端口。请在 "
        "`outlets: [{{server: {{port: …}}}}]` 中换一个端口，或填 0 自动选择，"
        "然后重新运行 `lingqu deploy`。",
    ),
    "outlets.bad_tls": (
        "The server cannot speak TLS with certificate {certificate!r} and key {private_key!r}: "
        "{problem}. Expected a PEM certificate chain and its PEM private key. Mend `access.tls`, "
        "then run `lingqu deploy` again.",
        "服务器无法使用证书 {certificate!r} 和私钥 {private_key!r} 启用 TLS：{problem}。"
        "应为 PEM 证书链及其 PEM 私钥。请改正 `access.tls`，然后重新运行 `lingqu deploy`。",
    ),
    "outlets.public": (
        "A server on {host!r} would be reachable from outside this machine without {lacking}. "
        "Expected keys and TLS there. Make a key with `lingqu keys add`, set `access.tls`, or "
        "say `outlets: [{{server: {{public: true}}}}]` if something else protects it.",
        "在 {host!r} 上开放的服务器可从本机之外访问，却没有{lacking}。对外开放需要密钥和 TLS。"
        "请用 `lingqu keys add` 生成密钥并设置 `access.tls`；如果另有保护措施，请写明 "
        "`outlets: [{{server: {{public: true}}}}]`。",
    ),
    "outlets.lacks_keys": ("keys", "密钥"),
    "outlets.lacks_tls": ("TLS", " TLS 加密"),
    "outlets.empty_group": (
        "No channel of group {group!r} could be opened. Expected at least one. Its log says why; "
        "mend it, then run `lingqu deploy` again.",
        "组 {group!r} 中没有任何渠道能够打开，至少应有一个。原因见其日志；"
        "请处理后重新运行 `lingqu deploy`。",
    ),
    "outlets.group_differs": (
        "The server of group {group!r} runs with `{name}: {running!r}`; this channel asks for "
        "{received!r}. Expected the same for all channels of a group: say so in channel.yaml, or "
        "close the others first (`lingqu undeploy`).",
        "组 {group!r} 的服务器以 `{name}: {running!r}` 运行，而该渠道要求 {received!r}。"
        "同组的渠道应一致：请在 channel.yaml 中写明，或先关闭其他渠道（`lingqu undeploy`）。",
    ),
    "outlets.did_not_start": (
        "The server of channel {channel!r} did not start: {problem}. Its log is {log!r}. Mend "
        "what it says, then run `lingqu deploy` again.",
        "渠道 {channel!r} 的服务器没有启动：{problem}。日志在 {log!r}。"
        "请按日志处理，然后重新运行 `lingqu deploy`。",
    ),
    "outlets.too_slow": (
        "The server of channel {channel!r} did not answer within {seconds} seconds. Its log is "
        "{log!r}. Free some processor time or memory, then run `lingqu deploy` again.",
        "渠道 {channel!r} 的服务器在 {seconds} 秒内没有应答。日志在 {log!r}。"
        "请腾出处理器或内存，然后重新运行 `lingqu deploy`。",
    ),
    "outlets.replay_differs": (
        "The server of channel {channel!r} was closed again: asked over HTTP, release {release} "
        "does not give its golden answers ({count} of {total} rows differ; first: {first}). "
        "Run `lingqu verify {release}`.",
        "渠道 {channel!r} 的服务器已重新关闭：通过 HTTP 询问时，发布 {release} 的回答与"
        "黄金答案不一致（{total} 行中有 {count} 行不同；第一处：{first}）。"
        "请运行 `lingqu verify {release}`。",
    ),
    "outlets.bad_setting": (
        "Option `{name}` of the server is {received!r}. Expected {expected}. Mend it under "
        "`outlets` in channel.yaml.",
        "服务器的选项 `{name}` 是 {received!r}，应为 {expected}。"
        "请在 channel.yaml 的 `outlets` 中改正。",
    ),
    "outlets.too_large": (
        "Release {digest} has a graph of {size_mb:.3g} MB. The outlet takes `max_mb: {max_mb:.3g}`"
        ". Run `lingqu run` with that limit in the channel, with `optimise: [compress]` for "
        "smaller forms, or raise `max_mb`; then run `lingqu deploy` again.",
        "发布 {digest} 的计算图为 {size_mb:.3g} MB，而该出口的上限是 `max_mb: {max_mb:.3g}`。"
        "请在渠道写明此上限后运行 `lingqu run`（加上 `optimise: [compress]` 可得到更小的形式），"
        "或调高 `max_mb`；然后重新运行 `lingqu deploy`。",
    ),
    "outlets.not_open": (
        "The outlet is not open, so it cannot answer. Open it with a release first: "
        "`lingqu deploy`.",
        "出口尚未打开，无法应答。请先用一个发布打开它：`lingqu deploy`。",
    ),
    # Calling
    "outlets.unreachable": (
        "No server answers at {address!r}: {problem}. Expected an open outlet. See "
        "`lingqu status`, then `lingqu deploy`.",
        "{address!r} 没有服务器应答：{problem}。应为已打开的出口。"
        "请查看 `lingqu status`，再运行 `lingqu deploy`。",
    ),
    "outlets.refused": (
        "The server answered {code}: {detail}",
        "服务器返回 {code}：{detail}",
    ),
    "outlets.no_key": (
        "This channel needs a key, and none was sent. Expected the header "
        "`Authorization: Bearer lq_…` or `X-API-Key: lq_…`.",
        "调用该渠道需要密钥，但请求中没有密钥。应带请求头 `Authorization: Bearer lq_…` 或 "
        "`X-API-Key: lq_…`。",
    ),
    "outlets.only_here": (
        "This channel has no keys, so it answers callers on its own machine only. Make a key "
        "with `lingqu keys add`.",
        "该渠道没有密钥，因此只应答本机的调用。请用 `lingqu keys add` 生成密钥。",
    ),
    "outlets.bad_key": (
        "The key is not known here. Expected one that `lingqu keys add` printed, whole and "
        "unchanged.",
        "此处不认识该密钥。应为 `lingqu keys add` 给出的完整、未改动的密钥。",
    ),
    "outlets.key_disabled": (
        "Key {name!r} is disabled. Ask who runs the channel for another one (`lingqu keys add`).",
        "密钥 {name!r} 已停用。请向渠道的管理者索取新的密钥（`lingqu keys add`）。",
    ),
    "outlets.key_expired": (
        "Key {name!r} expired at {expires}. Ask who runs the channel for another one "
        "(`lingqu keys add`).",
        "密钥 {name!r} 已于 {expires} 过期。请向渠道的管理者索取新的密钥（`lingqu keys add`）。",
    ),
    "outlets.wrong_channel": (
        "Key {name!r} may not call channel {channel!r}. Expected a key for that channel "
        "(`lingqu keys add --channel {channel}`).",
        "密钥 {name!r} 无权调用渠道 {channel!r}。应使用该渠道的密钥"
        "（`lingqu keys add --channel {channel}`）。",
    ),
    "outlets.over_quota": (
        "Key {name!r} has used its quota of {quota}. Try again in {seconds} seconds.",
        "密钥 {name!r} 的配额 {quota} 已用完。请在 {seconds} 秒后重试。",
    ),
    "outlets.busy": (
        "Too many requests are waiting ({waiting}). Try again in {seconds} second(s).",
        "等待中的请求过多（{waiting} 个）。请在 {seconds} 秒后重试。",
    ),
    "outlets.too_late": (
        "The request waited longer than {seconds} seconds and was dropped unanswered. Send fewer "
        "at once, or try again later.",
        "请求等待超过 {seconds} 秒，未作应答即被放弃。请减少并发，或稍后重试。",
    ),
    "outlets.stopped": (
        "Channel {channel!r} is stopped: no release answers for it. Whoever runs it can start it "
        "with `lingqu route {channel}`.",
        "渠道 {channel!r} 已停止：没有发布为它应答。管理者可用 `lingqu route {channel}` 恢复。",
    ),
    "outlets.stopped_because": (
        "Channel {channel!r} is stopped: {reason}. Whoever runs it can start it with "
        "`lingqu route {channel} --resume`.",
        "渠道 {channel!r} 已停止：{reason}。管理者可用 `lingqu route {channel} --resume` 恢复。",
    ),
    "outlets.unknown_question": (
        "You have no question {question!r} here. Expected the `id` of a reply with status 202.",
        "您在此处没有问题 {question!r}。应为状态 202 的回复中的 `id`。",
    ),
    "outlets.body_too_big": (
        "The body is larger than {limit} bytes. Send fewer rows a request.",
        "请求体超过 {limit} 字节。请减少每次请求的行数。",
    ),
    "outlets.unknown_coding": (
        "The body is packed as {received!r} (`Content-Encoding`). Expected one of {expected}, "
        "once, or none. Send it so.",
        "请求体的压缩方式为 {received!r}（`Content-Encoding`）。应为 {expected} 之一且只压缩一次，"
        "或不压缩。请据此发送。",
    ),
    "outlets.too_many_rows": (
        "The request holds {received} rows; at most {limit} are answered at once. Split it.",
        "请求包含 {received} 行，一次最多应答 {limit} 行。请拆分后发送。",
    ),
    "outlets.slow_body": (
        "The body did not arrive within {seconds} seconds. Send it without pauses.",
        "请求体未能在 {seconds} 秒内收完。请不间断地发送。",
    ),
    "outlets.bad_json": (
        'The body is not JSON: {problem}. Expected for example {{"rows": [{{…}}]}}. See `/docs`.',
        '请求体不是 JSON：{problem}。应形如 {{"rows": [{{…}}]}}。请参阅 `/docs`。',
    ),
    "outlets.bad_form": (
        "The body cannot be read as rows: {problem}. Expected {expected}. See `/docs`.",
        "请求体无法读作行：{problem}。应为 {expected}。请参阅 `/docs`。",
    ),
    "outlets.no_rows": (
        "The request holds no rows. Expected at least one. See `/docs`.",
        "请求中没有任何行，至少应有一行。请参阅 `/docs`。",
    ),
    "outlets.missing_column": (
        "Row {row} lacks column {column!r}. Expected the columns {expected}; received {received}. "
        "Send null for a value that is not known.",
        "第 {row} 行缺少列 {column!r}。应有的列：{expected}；收到的列：{received}。"
        "未知的值请填 null。",
    ),
    "outlets.uneven": (
        "Column {column!r} has {received} values, others have {expected}. Send columns of one "
        "length.",
        "列 {column!r} 有 {received} 个值，其他列有 {expected} 个。各列的长度应相同。",
    ),
    "outlets.wrong_kind": (
        "Row {row}, column {column!r} ({kind}) is {received}. Expected {expected}.",
        "第 {row} 行的列 {column!r}（{kind}）是 {received}，应为 {expected}。",
    ),
    "outlets.row_is": ("row {row} is {received}", "第 {row} 行是 {received}"),
    "outlets.expects_one": ("one value", "单个值"),
    "outlets.expects_image": ("a picture as base64 text", "以 base64 文本给出的图片"),
    "outlets.expects_audio": ("a recording as base64 text", "以 base64 文本给出的录音"),
    "outlets.expects_lists": ("nested lists of shape {shape}", "形状为 {shape} 的嵌套列表"),
    "outlets.expects_arrays": (
        "numbers in nested lists of shape {shape}",
        "形状为 {shape} 的嵌套数值列表",
    ),
    "outlets.because": ("{what} ({problem})", "{what}（{problem}）"),
    "outlets.not_numbers": ("not numbers", "不是数值"),
    "outlets.huge": ("a huge number", "一个极大的数"),
    "outlets.unknown_path": (
        "There is no {path!r} here. Expected {expected}. See `/docs`.",
        "此处没有 {path!r}。应为 {expected}。请参阅 `/docs`。",
    ),
    "outlets.which_channel": (
        "{path!r} names no channel, and several are served here. Expected the header `X-Channel` "
        "with one of {expected}.",
        "{path!r} 没有指明渠道，而此处提供多个渠道。请用请求头 `X-Channel` 指明其一：{expected}。",
    ),
    "outlets.gone": (
        "The caller hung up before the answer was computed.",
        "调用方在应答算出之前已断开连接。",
    ),
    "outlets.wrong_method": (
        "{path!r} does not take {method}. Expected {expected}.",
        "{path!r} 不接受 {method}，应为 {expected}。",
    ),
    "outlets.broken": (
        "The server made a mistake; it is in its log. Tell who runs the channel.",
        "服务器出错，详情见其日志。请告知渠道的管理者。",
    ),
    "outlets.unseen": (
        "{column!r} has a value that was never seen in training: {received} ({rows} row(s))",
        "{column!r} 中有训练时从未出现的值：{received}（{rows} 行）",
    ),
    # What to do next, by status
    "outlets.next_400": ("Send JSON as /openapi.json describes.", "请按 /openapi.json 发送 JSON。"),
    "outlets.next_401": (
        "Make a key: `lingqu keys add NAME`.",
        "生成密钥：`lingqu keys add 名称`。",
    ),
    "outlets.next_403": ("See the keys: `lingqu keys list`.", "查看密钥：`lingqu keys list`。"),
    "outlets.next_404": ("See /docs.", "请参阅 /docs。"),
    "outlets.next_405": ("See /docs.", "请参阅 /docs。"),
    "outlets.next_408": ("Send the request again.", "请重新发送请求。"),
    "outlets.next_409": ("See what is kept: /docs.", "请参阅 /docs。"),
    "outlets.next_413": ("Send fewer rows a request.", "请减少每次请求的行数。"),
    "outlets.next_415": ("Pack it as Accept-Encoding says.", "请按 Accept-Encoding 压缩。"),
    "outlets.next_422": ("See /openapi.json.", "请参阅 /openapi.json。"),
    "outlets.next_429": ("Wait as Retry-After says.", "请按 Retry-After 等待。"),
    "outlets.next_500": ("Run `lingqu doctor`.", "请运行 `lingqu doctor`。"),
    "outlets.next_503": ("Run `lingqu status`.", "请运行 `lingqu status`。"),
    "outlets.next_504": ("Try again later.", "请稍后重试。"),
    # The documentation page
    "outlets.docs_title": ("Channel {channel}", "渠道 {channel}"),
    "outlets.docs_lead": (
        "Answers rows of {columns} with {answers}. Release {release}.",
        "输入 {columns}，返回{answers}。发布 {release}。",
    ),
    "outlets.docs_classes": ("one of {classes}", "以下之一：{classes}"),
    "outlets.docs_number": ("a number", "一个数值"),
    "outlets.docs_try": ("Try it", "试一试"),
    "outlets.docs_paths": ("Paths", "路径"),
    "outlets.docs_columns": ("Columns", "列"),
}
