"""Messages of `lingqu data scan`, `check`, `clean` and `report`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "data_judge.source": (
        "Channel file or channel, folder, data file or URL.",
        "渠道文件或渠道名、文件夹、数据文件或网址。",
    ),
    "data_judge.target": (
        "Column to predict, where the source is no channel.",
        "要预测的列（数据源不是渠道时）。",
    ),
    "data_judge.to": ("Write the data report to this HTML file.", "把数据报告写到这个 HTML 文件。"),
    "data_judge.scan": (
        "Profile and score a source; nothing is changed or kept.",
        "概览并评估一个数据源；不改动、不保存。",
    ),
    "data_judge.check": (
        "Judge rules on a source; fails when a blocking rule does not hold or cannot be judged.",
        "用规则评判一个数据源；有拦截规则不成立或无法判断时失败。",
    ),
    "data_judge.contract": (
        "YAML file of rules; those of the channel, else drafted ones, when omitted.",
        "规则的 YAML 文件；省略时用渠道声明的规则，没有则起草。",
    ),
    "data_judge.clean": (
        "Clean data without training: what each operator did, a new version, a report.",
        "只清洗数据，不训练：各算子做了什么、生成新版本和报告。",
    ),
    "data_judge.govern": (
        "YAML file of operators, in the place of the declared ones.",
        "算子的 YAML 文件，用来代替声明的算子。",
    ),
    "data_judge.name": ("What to call the data.", "数据的名字。"),
    "data_judge.report": (
        "The data report of a run, or of the newest run or cleaning of a channel.",
        "一次运行的数据报告，或某渠道最近一次运行或清洗的数据报告。",
    ),
    "data_judge.report_name": ("Run or channel.", "运行或渠道。"),
    "data_judge.scores_title": ("{name}: {rows} rows", "{name}：{rows} 行"),
    "data_judge.columns_title": ("Columns", "列"),
    "data_judge.more_columns": ("… and {count} more columns", "……另有 {count} 列"),
    "data_judge.rules_title": (
        "{name}: {rows} rows, {count} rules",
        "{name}：{rows} 行，{count} 条规则",
    ),
    "data_judge.drafted": (
        "The rules were drafted from these rows, so they say what is, not what should be. Keep "
        "them with `lingqu init SOURCE --contract` and edit them.",
        "规则由这些数据起草，说的是现状而不是应有的样子。用 `lingqu init SOURCE --contract` "
        "保存后修改。",
    ),
    "data_judge.holds": ("All blocking rules hold.", "拦截规则全部成立。"),
    "data_judge.blocked": (
        "{count} blocking rules do not hold or could not be judged.",
        "{count} 条拦截规则不成立或无法判断。",
    ),
    "data_judge.cleaned_title": (
        "{name}: {before} → {after} training rows",
        "{name}：训练数据 {before} → {after} 行",
    ),
    "data_judge.cleaned": (
        "Version {version}. Hand it over: `lingqu data export {version} --to FOLDER`.",
        "版本 {version}。交付：`lingqu data export {version} --to FOLDER`。",
    ),
    "data_judge.removed": (
        "{count} rows left. See `lingqu data removed {channel}`; take one back with "
        "`lingqu data undo {channel} ROW`.",
        "移除 {count} 行。查看：`lingqu data removed {channel}`；"
        "恢复：`lingqu data undo {channel} ROW`。",
    ),
    "data_judge.removed_source": (
        "{count} rows left; the report shows them with the reasons.",
        "移除 {count} 行；报告中列出了它们和理由。",
    ),
    "data_judge.written": ("Report: {path}", "报告：{path}"),
    "data_judge.head_score": ("Score", "评分"),
    "data_judge.head_value": ("Value", "数值"),
    "data_judge.head_interval": ("95 % interval", "95 % 区间"),
    "data_judge.head_about": ("About", "说明"),
    "data_judge.head_column": ("Column", "列"),
    "data_judge.head_kind": ("Kind", "种类"),
    "data_judge.head_role": ("Role", "角色"),
    "data_judge.head_missing": ("Missing", "缺失"),
    "data_judge.head_distinct": ("Different", "不同值"),
    "data_judge.head_values": ("Values", "取值"),
    "data_judge.head_rule": ("Rule", "规则"),
    "data_judge.head_verdict": ("Verdict", "结论"),
    "data_judge.head_severity": ("Severity", "严重性"),
    "data_judge.head_failures": ("Failures", "不成立"),
    "data_judge.head_operator": ("Operator", "算子"),
    "data_judge.head_before": ("Before", "之前"),
    "data_judge.head_after": ("After", "之后"),
    "data_judge.head_changed": ("Changed", "改动"),
    "data_judge.head_time": ("Time", "用时"),
    "data_judge.copies": (
        "Copies: {copies} rows; near copies: {near}; equal rows with different labels: {clash}.",
        "重复：{copies} 行；近似重复：{near}；内容相同而标签不同：{clash}。",
    ),
    "data_judge.copies_by_chance": (
        "Chance alone makes rows equal in columns as coarse as these: `dedupe` reports such copies "
        "and removes none of them.",
        "列的取值较粗，仅凭巧合就会有行相同：`dedupe` 只报告这类重复，不移除。",
    ),
    "data_judge.personal": (
        "Personal data is found in: {columns}.",
        "在以下列发现个人数据：{columns}。",
    ),
    "data_judge.target_twice": (
        "`--target {target}` was given, but channel {channel!r} says itself what to predict. "
        "Expected a target only with a bare source. Leave `--target` out.",
        "给出了 `--target {target}`，但渠道 {channel!r} 已声明要预测什么。"
        "只有数据源不是渠道时才需要目标列。请去掉 `--target`。",
    ),
    "data_judge.no_operators": (
        "{path} holds no operators. Expected a YAML list of them, or one under `govern:`. "
        "Received {received}. See `lingqu list operators`.",
        "{path} 中没有算子。应为 YAML 列表，或 `govern:` 之下的列表。实际为 {received}。"
        "请看 `lingqu list operators`。",
    ),
    "data_judge.no_operator": (
        "{where} is no operator. Expected a name, or one name with its options. Received "
        "{received}. See `lingqu list operators`.",
        "{where} 不是算子。应为名字，或一个名字加选项。实际为 {received}。"
        "请看 `lingqu list operators`。",
    ),
    "data_judge.pruned": (
        "Run {run} kept no data report, and the rows it speaks of are gone. Expected the results "
        "of its stages data and govern. Make them again: `lingqu data clean {channel}`.",
        "运行 {run} 没有留下数据报告，它所用的数据也已不在。需要它的数据阶段和治理阶段的结果。"
        "请重新生成：`lingqu data clean {channel}`。",
    ),
}
