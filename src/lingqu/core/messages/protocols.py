"""Words of the protocols that a server speaks, for callers and for those who write clients."""

MESSAGES: dict[str, tuple[str, str]] = {
    "protocols.bad_parameter": (
        "Parameter `{parameter}` is {received}. Expected {expected}. Correct the request.",
        "参数 `{parameter}` 是 {received}，应为 {expected}。请更正请求。",
    ),
    "protocols.unsupported": (
        "Parameter `{parameter}` ({received}) is not supported by this channel. Leave it out.",
        "此渠道不支持参数 `{parameter}`（{received}）。请去掉它。",
    ),
    "protocols.no_model": (
        "There is no model {model!r} here that can be asked this way. Expected one of: "
        "{expected}. See `GET /v1/models`.",
        "这里没有可以这样询问的模型 {model!r}；应为：{expected}。请看 `GET /v1/models`。",
    ),
    "protocols.many_columns": (
        "Channel {channel!r} reads the columns {columns}, so one text does not say what is asked. "
        "Ask `POST /c/{channel}` with all of them.",
        "渠道 {channel!r} 读取 {columns} 这些列，一段文本不足以提问。"
        "请向 `POST /c/{channel}` 发送全部列。",
    ),
    "protocols.writes_not": (
        "Channel {channel!r} does not write its answers (its task is {task}), so there is nothing "
        "to generate. Ask `POST /c/{channel}`.",
        "渠道 {channel!r} 的答案不是生成的（任务为 {task}）。请使用 `POST /c/{channel}`。",
    ),
    "protocols.embeds_not": (
        "Channel {channel!r} does not answer with vectors (its task is {task}). Ask "
        "`POST /c/{channel}`.",
        "渠道 {channel!r} 的答案不是向量（任务为 {task}）。请使用 `POST /c/{channel}`。",
    ),
    "protocols.bad_table": (
        "The body is no table of type {kind}: {problem}. Expected CSV (UTF-8, names in the first "
        "line), Parquet, or an Arrow IPC stream or file, as `content-type` says.",
        "请求体不是 {kind} 类型的表：{problem}。应为 `content-type` 所写的 CSV"
        "（UTF-8，首行为列名）、Parquet，或 Arrow IPC 流或文件。",
    ),
    "protocols.unpacks_large": (
        "The table unpacks to {received} bytes or values. This server takes {limit}. Send fewer "
        "rows at a time, or raise `access.body`.",
        "该表解包后有 {received} 个字节或值，而服务器最多接受 {limit}。"
        "请分批发送，或调高 `access.body`。",
    ),
    "protocols.bad_binary": (
        "The binary part of tensor {name!r} does not fit: {problem}. Expected {expected}. See the "
        "binary tensor extension of the Open Inference Protocol.",
        "张量 {name!r} 的二进制部分不相符：{problem}；应为 {expected}。"
        "请看 Open Inference Protocol 的二进制张量扩展。",
    ),
    "protocols.unknown_predictions": (
        "No answer of channel {channel!r} has the id {ids}. Expected a `prediction_id` that this "
        "channel gave out and still has in its log. Nothing was kept of this request.",
        "渠道 {channel!r} 没有编号为 {ids} 的答案。应为该渠道给出且仍在日志中的 `prediction_id`。"
        "本次请求未保存任何内容。",
    ),
    "protocols.bad_feedback": (
        "Item {item} of the feedback: {problem}. Expected "
        '{{"prediction_id": …, "label": …}}, or a list of at most {most} under `feedback`.',
        "反馈的第 {item} 项：{problem}。应为 "
        '{{"prediction_id": …, "label": …}}，或在 `feedback` 下给出至多 {most} 项的列表。',
    ),
    "protocols.other_label": (
        "Answer {prediction} already has the label {known}. Received {received}. Say "
        '`"replace": true` to correct it.',
        "答案 {prediction} 已有标签 {known}，此次收到 {received}。"
        '如需更正，请写 `"replace": true`。',
    ),
    "protocols.bad_label": (
        "The label of {prediction} is {received}. Expected {expected}.",
        "{prediction} 的标签是 {received}，应为 {expected}。",
    ),
    "protocols.cli_client": (
        "Write a client of a channel in another language.",
        "为渠道生成另一种语言的客户端。",
    ),
    "protocols.cli_language": ("`typescript` or `openapi`.", "`typescript` 或 `openapi`。"),
    "protocols.cli_out": ("File to write; printed when omitted.", "要写入的文件；省略则打印。"),
    "protocols.cli_written": ("{path}: {lines} lines.", "{path}：{lines} 行。"),
    "protocols.cli_feedback": (
        "Tell which answers were right: labels by prediction id.",
        "告知答案的正误：按预测编号给出标签。",
    ),
    "protocols.cli_labels": (
        "Data file with the columns prediction_id and label.",
        "含 prediction_id 与 label 两列的数据文件。",
    ),
    "protocols.cli_replace": (
        "Correct labels that are known already.",
        "更正已有的标签。",
    ),
    "protocols.cli_kept": (
        "Kept {new} new label(s); {known} were known.",
        "已保存 {new} 个新标签；{known} 个此前已有。",
    ),
    "protocols.bad_language": (
        "There is no client in {received!r}. Expected {expected}.",
        "没有 {received!r} 语言的客户端；应为 {expected}。",
    ),
    "protocols.not_explained": (
        "Channel {channel!r} cannot explain single answers (its task is {task}). Leave `explain` "
        "out; `lingqu check` tells what its answers rest on as a whole.",
        "渠道 {channel!r} 无法解释单个答案（任务为 {task}）。请去掉 `explain`；"
        "整体依据可用 `lingqu check` 查看。",
    ),
    "protocols.uri_refused": (
        "{received!r} may not be opened. Expected base64 data, or a file of the folder that the "
        "outlet names (`files`).",
        "不允许打开 {received!r}。应为 base64 数据，或出口所指定文件夹（`files`）中的文件。",
    ),
}
