"""Messages of the figures ``data.…`` that rules read: why one of them is not known."""

MESSAGES: dict[str, tuple[str, str]] = {
    "figures.not_scored": (
        "The data were not scored for {score}.",
        "没有给这项分数（{score}）评分。",
    ),
    "figures.no_contract": (
        "No contract was judged: add `contract` to `govern`.",
        "没有评判数据约定：请在 `govern` 里加上 `contract`。",
    ),
    "figures.rules_unknown": (
        "No rule of the contract failed, but {count} could not be judged: {rules}.",
        "数据约定中没有规则不合格，但有 {count} 条无法评判：{rules}。",
    ),
    "figures.no_privacy": (
        "Nobody looked for personal data.",
        "没有查找过个人数据。",
    ),
    "figures.no_leakage": (
        "Nobody compared training and test rows.",
        "没有比对过训练行与测试行。",
    ),
    "figures.leakage_unknown": (
        "Nothing leaked in what was looked at, but {what} could not be measured. {why}",
        "已检查的部分没有泄露，但 {what} 无法度量。{why}",
    ),
    "figures.no_labels": (
        "Nobody judged the labels: add `find_label_errors` to `govern`.",
        "没有评判过标签：请在 `govern` 里加上 `find_label_errors`。",
    ),
    "figures.not_logged": (
        "The log does not keep the cells of {columns}, so copies cannot be told apart.",
        "日志不保存 {columns} 的内容，因此无法分辨是否重复。",
    ),
    "figures.no_document": (
        "The data document of this release is not kept here, or is older than this figure. "
        "Run the channel again.",
        "这里没有保存该发布的数据文档，或该文档早于这项度量。请重新运行渠道。",
    ),
    "figures.no_row_rules": (
        "No rule of the contract speaks of single rows and of columns that the log keeps.",
        "数据约定中没有一条规则既针对单行、又只涉及日志保存的列。",
    ),
}
