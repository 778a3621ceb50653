"""Words of `lingqu data wanted`, `suspects`, `removed`, `fix` and `undo`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "data_loop.channel": ("Name of the channel.", "渠道名。"),
    "data_loop.rows": (
        "Digests of rows, or their first characters (at least six).",
        "行的摘要，或其开头（至少六位）。",
    ),
    "data_loop.by": (
        "Who decides; the user of the machine by default.",
        "由谁决定；默认为系统用户。",
    ),
    "data_loop.note": ("Why.", "理由。"),
    "data_loop.wanted": (
        "What to collect next: rows that all learners miss, slices with few rows, drifted columns.",
        "下一步该收集什么：所有学习器都答错的行、数据太少的切片、漂移的列。",
    ),
    "data_loop.nothing_wanted": (
        "Nothing is wanting that the last run could see.",
        "就上次运行所见，没有需要补充的数据。",
    ),
    "data_loop.wanted_title": ("Wanted", "待收集"),
    "data_loop.wanted_more": (
        "Sample rows: `lingqu data wanted {channel} --json`.",
        "示例行：`lingqu data wanted {channel} --json`。",
    ),
    "data_loop.suspects": (
        "Labels that the last run doubts, the most doubtful first.",
        "上次运行怀疑的标签，最可疑的在前。",
    ),
    "data_loop.suspects_to": (
        "Write them as a CSV file with an empty column `accept` to fill in.",
        "写成 CSV 文件，留出空的 `accept` 列供填写。",
    ),
    "data_loop.suspects_written": (
        "{rows} suspects → {path}. Write `yes` (or the right label) into `accept`, then: "
        "`lingqu data fix {channel} --from {path}`.",
        "{rows} 条可疑标签 → {path}。在 `accept` 列填 `yes`（或正确的标签），然后："
        "`lingqu data fix {channel} --from {path}`。",
    ),
    "data_loop.no_suspects": ("The last run doubts no label.", "上次运行没有可疑标签。"),
    "data_loop.suspects_title": ("Doubted labels ({count})", "可疑标签（{count}）"),
    "data_loop.removed": (
        "Rows that governance removed in the last run, and why.",
        "上次运行中数据治理移除的行及理由。",
    ),
    "data_loop.nothing_removed": ("No row was removed.", "没有移除任何行。"),
    "data_loop.removed_title": ("Removed rows ({count})", "移除的行（{count}）"),
    "data_loop.removed_next": (
        "Keep one all the same: `lingqu data undo {channel} ROW`.",
        "若要保留某行：`lingqu data undo {channel} ROW`。",
    ),
    "data_loop.fix": (
        "Accept labels: ROW=LABEL, or a filled-in list; the next run makes a new version.",
        "接受标签修正：ROW=LABEL，或填好的清单；下次运行生成新版本。",
    ),
    "data_loop.fix_rows": ("ROW=LABEL, any number of them.", "ROW=LABEL，可多个。"),
    "data_loop.fix_from": (
        "A list that `lingqu data suspects --to` wrote, filled in.",
        "由 `lingqu data suspects --to` 写出并填好的清单。",
    ),
    "data_loop.no_fixes": (
        "No label was accepted. Expected ROW=LABEL, or `--from` with a list whose column `accept` "
        "is filled in. See `lingqu data suspects {channel}`.",
        "没有接受任何标签。应给出 ROW=LABEL，或用 `--from` 指定填好 `accept` 列的清单。"
        "请看 `lingqu data suspects {channel}`。",
    ),
    "data_loop.bad_fix": (
        "{received!r} is not a fix. Expected ROW=LABEL, such as `3fa1b2c4=7`. See `lingqu data fix "
        "--help`.",
        "{received!r} 不是标签修正。应为 ROW=LABEL，如 `3fa1b2c4=7`。"
        "请看 `lingqu data fix --help`。",
    ),
    "data_loop.fixed": (
        "{rows} label(s) accepted. `lingqu run` makes a new version of the data of {channel}.",
        "已接受 {rows} 个标签修正。`lingqu run` 会生成 {channel} 数据的新版本。",
    ),
    "data_loop.undo": (
        "Keep rows that governance removed, or take decisions back.",
        "保留被治理移除的行，或撤回先前的决定。",
    ),
    "data_loop.undo_operator": (
        "Keep all rows that this operator removed.",
        "保留该算子移除的所有行。",
    ),
    "data_loop.undo_what": (
        "Nothing was named to undo. Expected digests of rows, or `--operator NAME`, not both. See "
        "`lingqu data removed {channel}`.",
        "没有指明要撤回什么。应给出行的摘要，或 `--operator NAME`，二者取一。"
        "请看 `lingqu data removed {channel}`。",
    ),
    "data_loop.undone": (
        "{rows} row(s) decided. `lingqu run` walks {channel} with them.",
        "已决定 {rows} 行。`lingqu run` 会据此重新运行 {channel}。",
    ),
    "data_loop.head_what": ("What", "内容"),
    "data_loop.head_have": ("Have", "已有"),
    "data_loop.head_wanted": ("Wanted", "还需"),
    "data_loop.head_row": ("Row", "行"),
    "data_loop.head_given": ("Given", "原标签"),
    "data_loop.head_suggested": ("Suggested", "建议"),
    "data_loop.head_score": ("Score", "得分"),
    "data_loop.head_values": ("Values", "取值"),
    "data_loop.head_operator": ("Operator", "算子"),
    "data_loop.head_why": ("Why", "理由"),
    "data_loop.head_evidence": ("Evidence", "证据"),
}
