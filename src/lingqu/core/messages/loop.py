"""Messages of the loop: decisions about rows, and what should be collected."""

MESSAGES: dict[str, tuple[str, str]] = {
    "loop.bad_label": (
        "A decided label does not fit column {column!r}. Received: {received}. Take the decision "
        "back with `lingqu data undo`, or decide on a value of that column.",
        "所定的标签与列 {column!r} 不符。收到：{received}。"
        "请用 `lingqu data undo` 撤回，或改用该列的取值。",
    ),
    "loop.version": (
        "decided: {relabelled} label(s) corrected, {dropped} row(s) left out",
        "人工决定：更正 {relabelled} 个标签，去掉 {dropped} 行",
    ),
    "loop.no_run": (
        "The channel {channel!r} has no run that came to an end, so there is nothing to learn "
        "from. Walk it with `lingqu run`.",
        "渠道 {channel!r} 还没有完整的运行，无从总结。请先运行 `lingqu run`。",
    ),
    "loop.pruned": (
        "The run {run} of {channel!r} no longer has the results of: {stages}. They were pruned. "
        "Walk the channel again with `lingqu run`.",
        "{channel!r} 的运行 {run} 已没有这些阶段的结果：{stages}，它们已被清理。"
        "请重新运行 `lingqu run`。",
    ),
    "loop.unknown_row": (
        "{row!r} names {count} rows of {channel!r}. Expected the digest of one row, at least "
        "its first six characters, or what the id column says of it. Near: {near}. See "
        "`lingqu data suspects {channel}` and "
        "`lingqu data removed {channel}`.",
        "{row!r} 对应 {channel!r} 的 {count} 行。应为某一行的摘要、其至少前六位，"
        "或 id 列的值。相近的：{near}。"
        "请看 `lingqu data suspects {channel}` 与 `lingqu data removed {channel}`。",
    ),
    "loop.same_label": (
        "Row {row} has the label {label!r} already. Name another label, or leave the row as it is.",
        "第 {row} 行的标签已经是 {label!r}。请给出别的标签，或保持原样。",
    ),
    "loop.no_removal": (
        "`{operator}` removed no row in the last run. Operators that did: {known}.",
        "上次运行中 `{operator}` 没有移除任何行。移除过行的算子：{known}。",
    ),
    "loop.bad_file": (
        "{path!r} is not a list of suspects: {problem}. Expected the file that `lingqu data "
        "suspects CHANNEL --to suspects.csv` writes, with the column `accept` filled in.",
        "{path!r} 不是可疑标签清单：{problem}。应为 `lingqu data suspects CHANNEL --to "
        "suspects.csv` 写出的文件，并填好 `accept` 列。",
    ),
    "loop.missed": (
        "rows like these {rows} of class {true!r}, which all {by} learners take for {said!r}",
        "类别 {true!r} 中与这 {rows} 行相似的数据：{by} 个学习器都误判为 {said!r}",
    ),
    "loop.missed_values": (
        "rows like these {rows}, which all {by} learners miss by far",
        "与这 {rows} 行相似的数据：{by} 个学习器都偏差很大",
    ),
    "loop.under_share": (
        "rows with {column} = {level!r}: declared {declared:.1%}, observed {observed:.1%}",
        "{column} = {level!r} 的行：声明比例 {declared:.1%}，实际 {observed:.1%}",
    ),
    "loop.few_of_class": (
        "rows of class {level!r} ({column})",
        "类别 {level!r}（{column}）的行",
    ),
    "loop.few_of_slice": (
        "rows with {column} = {level!r} and {target} = {label!r}",
        "{column} = {level!r} 且 {target} = {label!r} 的行",
    ),
    "loop.failing": (
        "rows with {slice}: {loss:.1%} of the answers are wrong, elsewhere {rest:.1%}",
        "{slice} 的行：回答有 {loss:.1%} 出错，其余行为 {rest:.1%}",
    ),
    "loop.failing_values": (
        "rows with {slice}: the answers are off by {loss:.2g} standard deviations, elsewhere by "
        "{rest:.2g}",
        "{slice} 的行：回答平均偏差 {loss:.2g} 个标准差，其余行为 {rest:.2g}",
    ),
    "loop.drifted": (
        "fresh labelled rows: in use {column} has drifted ({measure} {value:.3g} over {rows} rows)",
        "新的带标签数据：使用中 {column} 已漂移（{rows} 行上 {measure} 为 {value:.3g}）",
    ),
}
