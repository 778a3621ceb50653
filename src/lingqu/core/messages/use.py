"""Words of what is done with a release in use: batch scoring, the live view, traces, logs."""

MESSAGES: dict[str, tuple[str, str]] = {
    "use.unknown_form": (
        "{path!r} ends with nothing that answers are written as. Expected one of: {expected}. "
        "Name another file, then run `lingqu score` again.",
        "无法按 {path!r} 的后缀写出答案；应为下列之一：{expected}。请换一个文件名，"
        "再运行 `lingqu score`。",
    ),
    "use.taken": (
        "Another process is writing {path!r}. Wait until it ends, or name another file with "
        "`lingqu score --out`.",
        "另一进程正在写 {path!r}。请等它结束，或用 `lingqu score --out` 另指一个文件。",
    ),
    "use.unwritable": (
        "{path!r} could not be written: {problem}. What was answered so far is kept beside it. "
        "Make room or name another file, then run the same `lingqu score` again.",
        "无法写入 {path!r}：{problem}。已答复的部分保存在其旁边。请腾出空间或另指文件，"
        "再运行同一条 `lingqu score`。",
    ),
    "use.makes_rows": (
        "The channel {channel!r} makes rows and reads none. Ask it with "
        "`lingqu call {channel} --n 100 --out FILE`.",
        "渠道 {channel!r} 只生成行，不读取行。请用 `lingqu call {channel} --n 100 --out 文件`。",
    ),
    "use.kept_twice": (
        "The columns {columns} of the input would stand beside answers of the same name. Leave "
        "them out of `--keep`, then run `lingqu score` again.",
        "输入的列 {columns} 与答案列同名。请不要在 `--keep` 中列出它们，再运行 `lingqu score`。",
    ),
    "use.too_many_bad": (
        "More than {most} rows of {path!r} cannot be read; the first is row {row}: {reason} "
        "Mend the file, or allow more with `--most-bad`, then run the same `lingqu score` again: "
        "it goes on where it was.",
        "{path!r} 中无法读取的行超过 {most} 行；第一处是第 {row} 行：{reason}请修正文件，或用 "
        "`--most-bad` 放宽，再运行同一条 `lingqu score`：会从中断处继续。",
    ),
    "use.together": (
        "The answers of this channel depend on each other, so {path!r} must be read whole, and it "
        "holds more than {most_mb} MB of rows. Cut it where series end, then run `lingqu score` "
        "for each part.",
        "该渠道的各行答案互相依赖，须整体读取 {path!r}，而它的数据超过 {most_mb} MB。请按序列"
        "切分文件，再分别运行 `lingqu score`。",
    ),
    "use.no_estimator": (
        "The channel {name!r} answers the task {task!r}, which scikit-learn has no estimator for. "
        "Expected classify, regress, flag or control. Ask it with `lingqu call {name}`.",
        "渠道 {name!r} 的任务是 {task!r}，scikit-learn 没有对应的估计器；应为 classify、regress、"
        "flag 或 control。请用 `lingqu call {name}` 调用。",
    ),
    "use.too_deep": (
        "The body nests lists or objects deeper than {limit}. Expected for example "
        '{{"rows": [{{…}}]}}. See `/docs`.',
        '请求体中列表或对象的嵌套超过 {limit} 层。应形如 {{"rows": [{{…}}]}}。请参阅 `/docs`。',
    ),
    "use.score": (
        "Answer every row of a file, however large; goes on where it was interrupted.",
        "为文件的每一行给出答案，文件多大都行；中断后可继续。",
    ),
    "use.score_file": (
        "CSV, TSV, Parquet, Arrow or JSON lines; also compressed, a pattern or a URL.",
        "CSV、TSV、Parquet、Arrow 或 JSON 行；可压缩，可为通配模式或网址。",
    ),
    "use.score_out": (
        "File for the answers: .parquet, .csv, .jsonl or .arrow.",
        "写答案的文件：.parquet、.csv、.jsonl 或 .arrow。",
    ),
    "use.score_keep": (
        "Columns of the input to write beside the answers, separated by commas; * for all.",
        "要与答案一起写出的输入列，以逗号分隔；* 表示全部。",
    ),
    "use.score_most_bad": (
        "Rows that cannot be read, after which it stops.",
        "无法读取的行达到此数即停止。",
    ),
    "use.scored": (
        "Release {release} answered {rows} rows in {seconds} s ({rate} rows/s): {out}",
        "发布 {release} 用 {seconds} 秒答复了 {rows} 行（{rate} 行/秒）：{out}",
    ),
    "use.scored_kept": (
        "{kept} of them had been answered before it was interrupted.",
        "其中 {kept} 行在中断之前已答复。",
    ),
    "use.scored_bad": (
        "{bad} of them could not be read; numbers and reasons: {path}",
        "其中 {bad} 行无法读取；行号与原因见 {path}",
    ),
    "use.status_watch": (
        "Look again and again: a live view on a terminal.",
        "反复查看：在终端上为实时视图。",
    ),
    "use.status_every": ("Seconds between two looks.", "两次查看相隔的秒数。"),
    "use.status_looks": (
        "How often to look with --watch; 0 until Ctrl-C.",
        "配合 --watch 的查看次数；0 表示直到 Ctrl-C。",
    ),
    "use.traffic_title": ("Requests", "请求"),
    "use.no_answer": ("no answer", "无应答"),
    "use.head_channel": ("Channel", "渠道"),
    "use.head_outlet": ("Outlet", "出口"),
    "use.head_arm": ("Arm", "支路"),
    "use.head_release": ("Release", "发布"),
    "use.head_per_s": ("/s", "/秒"),
    "use.head_p50": ("p50 ms", "p50 毫秒"),
    "use.head_p99": ("p99 ms", "p99 毫秒"),
    "use.head_requests": ("Requests", "请求"),
    "use.head_refused": ("Refused", "拒绝"),
    "use.head_errors": ("Errors", "错误"),
    "use.head_waiting": ("Queue", "排队"),
    "use.place": (
        "{address}: {processes} process(es), since {since}",
        "{address}：{processes} 个进程，自 {since}",
    ),
    "use.scoring": ("{path}: {rows} rows", "{path}：{rows} 行"),
    "use.row_rate": ("{rate} rows/s", "{rate} 行/秒"),
    "use.time_left": ("about {seconds} s left", "约剩 {seconds} 秒"),
}
