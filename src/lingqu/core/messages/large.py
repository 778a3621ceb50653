"""Messages of `lingqu.flow.data_large`: tables that do not fit in memory."""

MESSAGES: dict[str, tuple[str, str]] = {
    "large.media": (
        "Column {column!r} holds {kind}; a table of media is not kept as a stream of rows. "
        "Expected numbers, categories, dates and text. Commit it in memory with "
        "`lingqu data commit`.",
        "列 {column!r} 的种类是 {kind}；含媒体的表不能按行流式保存。应为数值、类别、日期和文本。"
        "请用 `lingqu data commit` 在内存中提交。",
    ),
    "large.marks_outside": (
        "Row {row} is marked to be left out, but {name!r} has {rows} rows. Expected marks of this "
        "very table. Work them out again on it.",
        "第 {row} 行被标记为剔除，但 {name!r} 只有 {rows} 行。标记应来自同一张表。"
        "请在该表上重新计算。",
    ),
    "large.empty": (
        "Every one of the {rows} rows of {name!r} is marked to be left out. Expected at least one "
        "row to stay. Look at the reasons in the marks.",
        "{name!r} 的全部 {rows} 行都被标记为剔除。至少应保留一行。请查看标记中的原因。",
    ),
    "large.no_stream": (
        "{where} names {operator}, which needs all rows in memory or looks at them twice, and "
        "{name!r} is too large for that. Expected for a source of this size: {expected}. Take the "
        "operator out and run `lingqu data clean` again, or clean a smaller file with a part of "
        "the rows.",
        "{where} 中的算子 {operator} 需要把所有行放进内存，或要看两遍，而 {name!r} 太大，放不下。"
        "这样大的数据源可用：{expected}。请去掉该算子后再运行 `lingqu data clean`，"
        "或先取一部分行存成较小的文件再清洗。",
    ),
    "large.note_usual": (
        "The source is larger than memory should hold and no operators were declared: only those "
        "that work in streams were walked: {operators}.",
        "数据源大于内存应容纳的大小，又没有声明算子，因此只执行了能流式处理的算子：{operators}。",
    ),
    "large.copy": ("dedupe: copy of an earlier row", "dedupe：与前面某一行相同"),
}
