"""Words of the task flag: labels, shares, thresholds, reasons."""

MESSAGES: dict[str, tuple[str, str]] = {
    "flag.not_two": (
        "Target {target!r} has {count} different values ({received}). Expected two: one for "
        "normal rows, one for anomalies; empty cells are rows that nobody has judged. Leave "
        "`train.target` out to flag without labels.",
        "目标列 {target!r} 有 {count} 种取值（{received}）。应有两种：正常与异常；"
        "空单元格表示尚无人判断。若不用标签，请省略 `train.target`。",
    ),
    "flag.all_odd": (
        "All {rows} training rows are called anomalies. Expected rows that are normal or that "
        "nobody has judged, to learn what is usual.",
        "全部 {rows} 条训练数据都标为异常。需要有正常的或尚未判断的数据，才能学到什么是常态。",
    ),
    "flag.no_season": (
        "`seasonal_residual` cannot be fitted with the season {season!r}. Expected a column of "
        "dates as `data.time`, and a season among: {expected}; leave it out to have it found.",
        "`seasonal_residual` 无法以周期 {season!r} 拟合。需要以 `data.time` 指明日期列，"
        "周期应为：{expected}；省略则自动选取。",
    ),
    "flag.no_known": (
        "`{name}` learns from known anomalies, and no training row is called one. Expected labels "
        "in `train.target`; leave {name} out to flag without them.",
        "`{name}` 从已知异常中学习，但训练数据里没有标为异常的行。"
        "请以 `train.target` 指明标签列；若不用标签，请去掉 {name}。",
    ),
    "flag.reason_named": (
        "{odd!r} is called an anomaly ({count} rows)",
        "{odd!r} 按名称视为异常（{count} 行）",
    ),
    "flag.reason_rarer": (
        "{odd!r} is the rarer value ({count} rows), so it is taken as the anomaly",
        "{odd!r} 是较少的取值（{count} 行），因此视为异常",
    ),
    "flag.why_no_target": (
        "no labels are declared: what is usual is learned from all rows",
        "未声明标签：从全部数据中学习什么是常态",
    ),
    "flag.why_rate": (
        "nothing says how many rows are odd: the oddest {rate:.0%} are flagged",
        "未说明异常有多少：标出最异常的 {rate:.0%}",
    ),
    "flag.why_threshold": (
        "the threshold with the best F1 on held-out labelled rows",
        "取留出的有标签数据上 F1 最高的阈值",
    ),
    "flag.note_sampled": (
        "Learned from {rows} rows, drawn from {whole}.",
        "从 {whole} 行中抽取 {rows} 行来学习。",
    ),
    "flag.note_equal": (
        "No labels to compare by: what each learner says counts the same ({names}).",
        "没有标签可供比较：各学习器权重相同（{names}）。",
    ),
    "flag.note_season": (
        "No labels to compare by: the seasonal residual, which alone knows the time, counts half, "
        "the others share the rest ({names}).",
        "没有标签可供比较：只有季节残差知道时间，占一半权重，其余学习器平分另一半（{names}）。",
    ),
    "flag.note_labels": (
        "How much each learner counts was chosen on {rows} held-out labelled rows, {odd} of them "
        "anomalies: {names}. `labelled_forest` alone learns from rows called anomalies.",
        "各学习器的权重在 {rows} 条留出的有标签数据（其中异常 {odd} 条）上选定：{names}。"
        "只有 `labelled_forest` 从标为异常的数据中学习。",
    ),
    "flag.note_threshold_f1": (
        "A row is flagged from the threshold that gave the best F1 there, {f1:.3f}.",
        "阈值取该处 F1 最高者，F1 为 {f1:.3f}。",
    ),
    "flag.note_threshold_rate": (
        "A row is flagged when it looks odder than {rate:.2%} of the training rows leave room "
        "for: the expected share.",
        "按预计的异常比例 {rate:.2%} 设定阈值：比其余训练数据更异常的行会被标出。",
    ),
    "flag.no_probability": (
        "flags tell how rare a row is, not how sure they are",
        "异常检测给出的是有多罕见，而不是有多大把握",
    ),
    "flag.answer_value": (
        "{column} is {value}",
        "{column} 为 {value}",
    ),
    "flag.answer_reason": (
        "{column} is {value}, usually {usual}",
        "{column} 为 {value}，通常为 {usual}",
    ),
}
