"""Messages of `lingqu.flow`: plans, runs, releases, deployments."""

MESSAGES: dict[str, tuple[str, str]] = {
    "flow.declared": ("declared", "已声明"),
    "flow.why_test": (
        "a fifth of {rows} rows is set aside for judging and never used for choosing",
        "{rows} 行中留出五分之一只用于评判，从不用于选择",
    ),
    "flow.why_split": (
        "by time or group if such a column is declared, else stratified by the target",
        "声明了时间列或分组列时按其划分，否则按目标分层",
    ),
    "flow.why_seed": ("fixed, so that two runs agree", "固定，使两次运行一致"),
    "flow.why_algorithm": (
        "ordered by expected gain per second for {rows} rows; tried while the budget lasts",
        "按 {rows} 行数据每秒预期收益排序；在预算内依次尝试",
    ),
    "flow.why_season": (
        "found from the values, among the usual lengths for their step",
        "从数值中找出，在该步长常见的周期里选",
    ),
    "flow.why_gaps": (
        "a missing time lies on the line between its neighbours; refused where most are missing",
        "缺少的时间取相邻值连线；缺失过半则拒绝",
    ),
    "flow.why_budget": (
        "a usable model in a minute; more time is asked for with `train: {{budget: …}}`",
        "一分钟内得到可用模型；需要更久请写 `train: {{budget: …}}`",
    ),
    "flow.why_checks": (
        "the same classes look before training, at the gate and in use",
        "训练前、闸门处、使用中由同一批检查类查看",
    ),
    "flow.why_no_gate": (
        "no requirement is declared: every release that no check blocks is approved",
        "没有声明要求：凡未被检查拦下的发布都予以批准",
    ),
    "flow.why_approve": (
        "by the gate alone; `approve: human` lets a person decide",
        "由闸门决定；写 `approve: human` 则由人决定",
    ),
    "flow.why_outlet": (
        "a server on this machine, opened by `lingqu deploy`",
        "本机服务，由 `lingqu deploy` 打开",
    ),
    "flow.why_window": (
        "small enough to see a drift soon, large enough for its tests",
        "足够小以便及早看到漂移，又足够大以供检验",
    ),
    "flow.why_monitor": (
        "they begin with the first request and wait for no labels; until labels come, performance "
        "is an estimate",
        "从第一个请求起就开始，不必等标签；在标签到来之前，性能只是估计值",
    ),
    "flow.bad_metric": (
        "{where} is {metric!r}, which is no score of the task {task!r}. Near names: {near}. "
        "Expected one of: {expected}. See `lingqu schema`.",
        "{where} 是 {metric!r}，不是任务 {task!r} 的指标。相近的名字：{near}。"
        "应为下列之一：{expected}。请看 `lingqu schema`。",
    ),
    "flow.warn_leak": (
        "{column} alone gives the answer away ({score} {value:.4g}): a release that reads it is "
        "blocked. If it is known only after the answer, drop it: `data: {{drop: [{column!y}]}}`; "
        "if before, require `leakage.target({column}) <= 1`.",
        "仅凭 {column} 一列就能得出答案（{score} {value:.4g}）：读取它的发布会被拦下。若它要等答案"
        "出来才知道，请删除：`data: {{drop: [{column!y}]}}`；若事先已知，请要求 "
        "`leakage.target({column}) <= 1`。",
    ),
    "flow.foreign_metric": (
        "{where} requires {rule!r}, but a model of the task {task!r} has no {metric}. Expected one "
        "of: {expected}. See `lingqu list metrics`.",
        "{where} 要求 {rule!r}，但任务 {task!r} 的模型没有 {metric}。应为下列之一：{expected}。"
        "请看 `lingqu list metrics`。",
    ),
    "flow.other_task": (
        "{where} names {name!r}, which does {tasks}; the channel wants to {task}. "
        "See `lingqu list algorithms`.",
        "{where} 写了 {name!r}，它做的是 {tasks}；而渠道要做 {task}。"
        "请看 `lingqu list algorithms`。",
    ),
    "flow.unknown_measure": (
        "{where} is the rule {rule!r}, but no check delivers {measure!r} there. Near names: "
        "{near}. See docs/en/reference/measures.md.",
        "{where} 的规则是 {rule!r}，但那里没有检查给出 {measure!r}。相近的名字：{near}。"
        "请看 docs/zh/reference/measures.md。",
    ),
    "flow.unknown_fact": (
        "{fact!r} is no fact of data. Near names: {near}. Expected one of: {expected}. "
        "See `lingqu data commit --help`.",
        "{fact!r} 不是数据的事实。相近的名字：{near}。应为下列之一：{expected}。"
        "请看 `lingqu data commit --help`。",
    ),
    "flow.empty_folder": (
        "The folder {path!r} holds no file. Expected at least one. Look at the path, then run "
        "`lingqu data commit` again.",
        "文件夹 {path!r} 中没有文件，应至少有一个。请检查路径，然后重新运行 `lingqu data commit`。",
    ),
    "flow.version_gone": (
        "Bytes of {source!r} vanished from the storage while it was committed, several times in "
        "a row. Expected nobody else to remove them. Wait for `lingqu erase` and `lingqu prune` "
        "to end, then run `lingqu data commit` again.",
        "提交 {source!r} 期间，存储中的字节多次消失。提交时不应有别的进程在删除。"
        "请等 `lingqu erase` 和 `lingqu prune` 结束后，再运行 `lingqu data commit`。",
    ),
    "flow.erased_version": (
        "The rows of version {version} were erased on {day}, so there is nothing to {verb}. "
        "Expected a version with rows. See `lingqu data log {name}`.",
        "版本 {version} 的行已于 {day} 擦除，无法{verb}。应为仍有数据的版本。"
        "请看 `lingqu data log {name}`。",
    ),
    "flow.verb_export": ("export", "导出"),
    "flow.verb_compare": ("compare", "比较"),
    "flow.verb_describe": ("describe", "描述"),
    "flow.different_kinds": (
        "{first!r} is a {first_kind} and {second!r} a {second_kind}; they cannot be compared. "
        "Expected two tables or two folders. See `lingqu data log`.",
        "{first!r} 是{first_kind}，{second!r} 是{second_kind}，无法比较。"
        "应为两张表或两个文件夹。请看 `lingqu data log`。",
    ),
    "flow.kind_table": ("table", "表"),
    "flow.kind_folder": ("folder", "文件夹"),
    "flow.card_format": (
        "There is no card in the form {received!r}. Expected one of: {expected}. "
        "See `lingqu data card --help`.",
        "没有 {received!r} 格式的数据卡。应为下列之一：{expected}。"
        "请看 `lingqu data card --help`。",
    ),
    "flow.call_one_file": (
        "One file was given, and {channel!r} cannot tell which column it belongs to. Expected a "
        "channel with one column of pictures or recordings; it has: {columns}. Name the columns: "
        """`lingqu call {channel} '[{{"column": "FILE"}}]'`.""",
        "只给出了一个文件，无法判断它属于 {channel!r} 的哪一列。应为恰有一列图片或录音的渠道；"
        "该渠道的这类列：{columns}。"
        """请写明列名：`lingqu call {channel} '[{{"列名": "文件"}}]'`。""",
    ),
    "flow.call_needs_key": (
        "Channel {channel!r} is open and answers callers with a key. Expected one. Run "
        "`lingqu call {channel} ROWS --key SECRET`, or set LINGQU_KEY; "
        "`lingqu keys add NAME` makes one.",
        "渠道 {channel!r} 已打开，只应答带密钥的调用。请运行 "
        "`lingqu call {channel} 行 --key 密钥`，或设置 LINGQU_KEY；"
        "`lingqu keys add 名字` 可生成密钥。",
    ),
    "flow.stopped": (
        "Channel {channel!r} is stopped ({reason}): no release answers. See "
        "`lingqu route {channel}`; `lingqu route {channel} --release DIGEST` opens it again.",
        "渠道 {channel!r} 已停止（{reason}）：没有发布应答。请看 `lingqu route {channel}`；"
        "`lingqu route {channel} --release 摘要` 可重新打开。",
    ),
    "flow.no_channel": (
        "{channel!r} is neither a channel file nor a channel of this workspace. Known channels: "
        "{known}. Run `lingqu init DATA --predict COLUMN` to draft one.",
        "{channel!r} 既不是渠道文件，也不是本工作区的渠道。已知渠道：{known}。"
        "请运行 `lingqu init 数据文件 --predict 列名` 起草一个。",
    ),
    "flow.unknown_release": (
        "{release!r} is neither a release nor a channel with one. Expected a digest, a unique "
        "prefix of one, or a channel name. See `lingqu list releases`.",
        "{release!r} 既不是发布，也不是有发布的渠道。应为摘要、摘要的唯一前缀或渠道名。"
        "请看 `lingqu list releases`。",
    ),
    "flow.no_release": (
        "Channel {channel!r} has no approved release to deploy (known: {states}). Run "
        "`lingqu run`, or `lingqu approve DIGEST` for a candidate that waits.",
        "渠道 {channel!r} 没有可部署的已批准发布（已知：{states}）。请运行 `lingqu run`，"
        "或用 `lingqu approve 摘要` 批准等待中的候选。",
    ),
    "flow.other_channel": (
        "Release {release} belongs to channel {owner!r}, not to {channel!r}. "
        "See `lingqu list releases`.",
        "发布 {release} 属于渠道 {owner!r}，不属于 {channel!r}。请看 `lingqu list releases`。",
    ),
    "flow.not_approved": (
        "Release {release} is {state}; only an approved release is deployed. "
        "See `lingqu show {release}` for what the gate said.",
        "发布 {release} 的状态是 {state}；只有已批准的发布才能部署。"
        "闸门的意见请看 `lingqu show {release}`。",
    ),
    "flow.not_waiting": (
        "Release {release} is {state}, so it does not wait for approval. Expected a candidate. "
        "See `lingqu list releases`.",
        "发布 {release} 的状态是 {state}，不在等待批准。应为 candidate。"
        "请看 `lingqu list releases`。",
    ),
    "flow.nobody_approves": (
        "Approving {release} needs the name of a person. Run `lingqu approve {release} --by NAME`.",
        "批准 {release} 需要写明批准人。请运行 `lingqu approve {release} --by 姓名`。",
    ),
    "flow.replay_differs": (
        "Release {release} does not give its golden answers here: {first}. It was not deployed. "
        "Run `lingqu verify {release}`.",
        "发布 {release} 在此处给不出它的标准答案：{first}。未予部署。"
        "请运行 `lingqu verify {release}`。",
    ),
    "flow.damaged": (
        "Release {release} was changed after it was packed: {problem}. It was not exported. "
        "Run the channel again with `lingqu run`.",
        "发布 {release} 在打包后被改动：{problem}。未予导出。请用 `lingqu run` 重新运行渠道。",
    ),
    "flow.note_waited": (
        "{waited:.1f} s of the budget of {budget:g} s went by until the workers were ready: the "
        "machine is busy. Give more budget, or run again when it is quieter.",
        "预算 {budget:g} 秒中有 {waited:.1f} 秒用于等待工作进程就绪：机器正忙。"
        "请增加预算，或待机器空闲时再运行。",
    ),
    "flow.exists": (
        "{path!r} exists already and is not overwritten. Name another target.",
        "{path!r} 已存在，不会覆盖。请换一个目标。",
    ),
    "flow.no_key": (
        "There is no enabled key {name!r}. Known keys: {known}. See `lingqu keys list`.",
        "没有启用的密钥 {name!r}。已知密钥：{known}。请看 `lingqu keys list`。",
    ),
    "flow.not_followed": (
        "The change stands, but outlet {outlet} of channel {channel!r} did not act by it within "
        "{seconds} seconds. Its log is {log!r}. Run `lingqu status`, and `lingqu deploy` again "
        "where it does not recover.",
        "更改已生效于账本，但渠道 {channel!r} 的出口 {outlet} 在 {seconds} 秒内没有照做。"
        "日志在 {log!r}。请运行 `lingqu status`；若未恢复，请重新运行 `lingqu deploy`。",
    ),
    "flow.not_requestable": (
        "Action {action!r} cannot be carried out later; it acts at once or not at all.",
        "动作 {action!r} 不能事后执行；它要么立即执行，要么不执行。",
    ),
}
