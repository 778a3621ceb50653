"""Messages of `lingqu data …`: help, headings, what the commands print."""

MESSAGES: dict[str, tuple[str, str]] = {
    "data_cli.about": (
        "Data: versions, judging, cleaning, reports, decisions.",
        "数据：版本、评判、清洗、报告、决定。",
    ),
    "data_cli.commit": (
        "Record what a file, folder, address or channel holds now.",
        "记录文件、文件夹、地址或渠道现在的数据。",
    ),
    "data_cli.commit_source": (
        "Channel file or channel, folder, data file or URL.",
        "渠道文件或渠道名、文件夹、数据文件或网址。",
    ),
    "data_cli.commit_name": ("What to call it.", "名字。"),
    "data_cli.commit_message": ("Why.", "说明。"),
    "data_cli.commit_fact": (
        "Fact as NAME=VALUE, such as license=CC0-1.0; may be repeated.",
        "事实，写作 名称=值，如 license=CC0-1.0；可重复。",
    ),
    "data_cli.bad_fact": (
        "{received!r} is no fact. Expected NAME=VALUE, such as `--fact license=CC0-1.0`. See "
        "`lingqu data commit --help`.",
        "{received!r} 不是事实。应为 名称=值，如 `--fact license=CC0-1.0`。"
        "请看 `lingqu data commit --help`。",
    ),
    "data_cli.committed": (
        "Version {version} of {name}: {rows} rows.",
        "{name} 的版本 {version}：{rows} 行。",
    ),
    "data_cli.committed_files": (
        "Version {version} of {name}: {rows} files, {read} read, {written} new.",
        "{name} 的版本 {version}：{rows} 个文件，读取 {read} 个，新增 {written}。",
    ),
    "data_cli.unchanged": (
        "Nothing changed: {name} is still version {version}.",
        "没有变化：{name} 仍是版本 {version}。",
    ),
    "data_cli.unchanged_files": (
        "Nothing changed: {name} is still version {version} ({read} of {rows} files read).",
        "没有变化：{name} 仍是版本 {version}（{rows} 个文件中读取 {read} 个）。",
    ),
    "data_cli.log": ("List versions, newest first.", "列出各版本，最新的在前。"),
    "data_cli.log_name": (
        "Only of this dataset or channel.",
        "只列该数据集或渠道。",
    ),
    "data_cli.log_title": ("Data versions", "数据版本"),
    "data_cli.no_versions": (
        "There is no data version yet. Run lingqu data commit SOURCE.",
        "还没有数据版本。请运行 lingqu data commit 数据源。",
    ),
    "data_cli.past": ("retention over since {day}", "{day} 已过保存期限"),
    "data_cli.erased": ("erased", "已擦除"),
    "data_cli.past_retention": (
        "{count} version(s) are past the retention that was declared: see lingqu data log. Erase "
        "the rows, or remove the source and prune with --keep-days 0.",
        "有 {count} 个版本已超过所声明的保存期限：请看 lingqu data log。"
        "请擦除其中的行，或删除数据源后以 --keep-days 0 清理。",
    ),
    "data_cli.version": (
        "Version: beginning of its id, or a name (its newest).",
        "版本：编号的开头，或名字（取最新）。",
    ),
    "data_cli.show": (
        "Show facts, columns and a few rows; personal columns are hidden.",
        "查看事实、列与几行数据；个人数据列不显示。",
    ),
    "data_cli.show_title": ("Version {version} of {name}", "{name} 的版本 {version}"),
    "data_cli.hidden": (
        "Hidden, as they hold personal data: {columns}",
        "含个人数据、不显示的列：{columns}",
    ),
    "data_cli.columns_title": ("Columns", "列"),
    "data_cli.sample_title": ("First rows", "前几行"),
    "data_cli.made_of": ("made from {parents} by {operators}", "由 {parents} 经 {operators} 得到"),
    "data_cli.after": ("after {parents}", "接在 {parents} 之后"),
    "data_cli.diff": (
        "Compare two versions: rows, columns, distributions, facts, files.",
        "比较两个版本：行、列、分布、事实、文件。",
    ),
    "data_cli.diff_title": (
        "1 = version {first}, 2 = version {second}",
        "1 = 版本 {first}，2 = 版本 {second}",
    ),
    "data_cli.rows_by_id": (
        "Rows by {column}: {added} added, {removed} removed, {changed} changed, {kept} the same.",
        "按 {column} 比较行：新增 {added}，移除 {removed}，改动 {changed}，相同 {kept}。",
    ),
    "data_cli.rows_by_content": (
        "Rows by content: {added} added, {removed} removed, {kept} the same.",
        "按内容比较行：新增 {added}，移除 {removed}，相同 {kept}。",
    ),
    "data_cli.files_line": (
        "Files: {added} added, {removed} removed, {changed} changed, {renamed} renamed.",
        "文件：新增 {added}，移除 {removed}，改动 {changed}，改名 {renamed}。",
    ),
    "data_cli.change_added": ("added", "新增"),
    "data_cli.change_removed": ("removed", "移除"),
    "data_cli.change_changed": ("changed", "改动"),
    "data_cli.change_of": ("changed ({what})", "改动（{what}）"),
    "data_cli.part_kind": ("kind", "类型"),
    "data_cli.part_role": ("role", "角色"),
    "data_cli.part_levels": ("levels", "取值"),
    "data_cli.change_renamed": ("renamed", "改名"),
    "data_cli.distance_title": (
        "Distance of the values, 0 the same … 1 (ks: numbers, tv: categories)",
        "取值的距离，0 相同 … 1（ks：数值，tv：类别）",
    ),
    "data_cli.moved_less": (
        "{count} more columns moved less; --json shows them.",
        "另有 {count} 列变化更小；用 --json 查看。",
    ),
    "data_cli.facts_title": ("Facts", "事实"),
    "data_cli.export": (
        "Write the rows or files with their cards to a new folder.",
        "把行或文件连同数据卡写到新文件夹。",
    ),
    "data_cli.export_to": ("Folder to write.", "写入的文件夹。"),
    "data_cli.card": (
        "Print the card: markdown (en, zh), croissant or openlineage.",
        "打印数据卡：markdown（中英文）、croissant 或 openlineage。",
    ),
    "data_cli.card_form": (
        "markdown, croissant or openlineage.",
        "markdown、croissant 或 openlineage。",
    ),
    "data_cli.card_to": ("File to write instead.", "改写到文件。"),
    "data_cli.head_version": ("Version", "版本"),
    "data_cli.head_name": ("Name", "名字"),
    "data_cli.head_made": ("Made", "时间"),
    "data_cli.head_rows": ("Rows", "行"),
    "data_cli.head_size": ("Size", "大小"),
    "data_cli.made_from_it": ("Made from it", "由它生成"),
    "data_cli.head_about": ("About", "说明"),
    "data_cli.head_column": ("Column", "列"),
    "data_cli.head_kind": ("Kind", "类型"),
    "data_cli.head_role": ("Role", "角色"),
    "data_cli.head_why": ("Why", "理由"),
    "data_cli.head_change": ("Change", "变化"),
    "data_cli.head_what": ("What", "项目"),
    "data_cli.head_distance": ("Distance", "距离"),
    "data_cli.head_measure": ("Measure", "度量"),
    "data_cli.head_missing": ("Missing 1 → 2", "缺失 1 → 2"),
    "data_cli.head_fact": ("Fact", "事实"),
}
