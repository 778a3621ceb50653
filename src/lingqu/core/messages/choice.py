"""Messages of choosing: limits, size, search, and how a choice ended."""

MESSAGES: dict[str, tuple[str, str]] = {
    "choice.limit_joined": (
        "The limit {received!r} is not one comparison. Expected a single one, such as "
        "`latency <= 1 ms`; write several as a list (`train: {{limits: […]}}`).",
        "限制 {received!r} 不是单个比较式，应如 `latency <= 1 ms`；多个限制请写成列表"
        "（`train: {{limits: […]}}`）。",
    ),
    "choice.limit_unknown": (
        "The limit {received!r} is not about something that a model is chosen by. Expected one "
        "of {expected}. Correct `train.limits`, then run `lingqu plan`.",
        "限制 {received!r} 所说的不是挑选模型时能度量的量，可用的有：{expected}。"
        "请更正 `train.limits` 后运行 `lingqu plan`。",
    ),
    "choice.limit_column": (
        "`train.limits` compares groups of {column!r}, which is not a column of the rows that "
        "are learned from. Expected one of {expected}. Correct it, then run `lingqu plan`.",
        "`train.limits` 要比较 {column!r} 的各组，但训练数据中没有这一列，现有的列：{expected}。"
        "请更正后运行 `lingqu plan`。",
    ),
    "choice.breaks_limit": (
        "breaks the limit {limit}: {value:.4g}",
        "超出限制 {limit}：实为 {value:.4g}",
    ),
    "choice.no_model_within": (
        "No model keeps the limits: {reasons}. Loosen `train.limits`, or give other algorithms "
        "(`train: {{algorithm: …}}`), then run `lingqu run` again.",
        "没有模型能满足全部限制：{reasons}。请放宽 `train.limits` 或换用其他算法"
        "（`train: {{algorithm: …}}`），再运行 `lingqu run`。",
    ),
    "choice.not_monotone": (
        "left out: it cannot promise answers that only rise or fall with {columns}",
        "未采用：它无法保证预测随 {columns} 单调变化",
    ),
    "choice.bad_direction": (
        "`train.monotone` gives {column!r} the direction {received!r}. Expected `increasing` or "
        "`decreasing`.",
        "`train.monotone` 为 {column!r} 指定的方向是 {received!r}，"
        "应为 `increasing` 或 `decreasing`。",
    ),
    "choice.monotone_column": (
        "`train.monotone` names {column!r}, which is not a number column among the features. "
        "Expected one of {expected}. Correct it, then run `lingqu plan`.",
        "`train.monotone` 中的 {column!r} 不是作为特征的数值列，可用的列：{expected}。"
        "请更正后运行 `lingqu plan`。",
    ),
    "choice.no_metric": (
        "`train.metric` {name!r} cannot be used: {problem}. Expected `package.module:function` "
        "of a function that takes the truth and the predictions. Correct it, then run "
        "`lingqu plan`.",
        "`train.metric` {name!r} 无法使用：{problem}。应为 `package.module:function`，"
        "该函数接收真实值和预测。请更正后运行 `lingqu plan`。",
    ),
    "choice.only_tables": (
        "`{option}` belongs to `task: classify` and `task: regress`; the task here is {task!r}. "
        "Leave it out.",
        "`{option}` 只用于 `task: classify` 和 `task: regress`；这里的任务是 {task!r}。请去掉它。",
    ),
    "choice.why_size": (
        "a bag of folds is cut where it would take more than half a second for 10,000 rows",
        "若一万行的应答超过半秒，就减少各折模型的数量",
    ),
    "choice.note_fewer": (
        "Left out of the released model, because it answers sooner without and held-out rows "
        "lose no more than {share:.1%} of the score: {names} (`size: {wish}`).",
        "为了更快应答，发布的模型没有采用以下成员，留出分数的损失不超过 {share:.1%}：{names}"
        "（`size: {wish}`）。",
    ),
    "choice.note_cut": (
        "Of these members only some folds are released, so that it answers in time: {names} "
        "(`size: {wish}`; `size: accurate` keeps all).",
        "为了及时应答，以下成员只发布部分折的模型：{names}"
        "（`size: {wish}`；`size: accurate` 会全部保留）。",
    ),
    "choice.note_limits": (
        "Within the limits: {facts}.",
        "满足限制：{facts}。",
    ),
    "choice.note_limited": (
        "The best ensemble was not chosen: it {reason}. The released one is the best that keeps "
        "the limits.",
        "最好的组合没有入选：{reason}。发布的是满足限制的最好的模型。",
    ),
    "choice.note_search": (
        "Second phase: {tried} other settings of the leading learners were tried; {kept} of them "
        "are in the released model.",
        "第二阶段：尝试了领先算法的另外 {tried} 组参数，其中 {kept} 组进入了发布的模型。",
    ),
    "choice.note_early": (
        "Ended after {seconds:.1f} of {budget:.3g} s: nothing that was left to try gained "
        "anything.",
        "用时 {seconds:.1f} 秒（预算 {budget:.3g} 秒）后提前结束：剩下的尝试已不再带来提升。",
    ),
    "choice.note_stopped": (
        "Stopped by hand after {seconds:.1f} of {budget:.3g} s: this is the best until then.",
        "用时 {seconds:.1f} 秒（预算 {budget:.3g} 秒）后被手动停止：这是当时最好的模型。",
    ),
    "choice.note_sample": (
        "Learned from a random sample of {rows} of {all} rows: more would not fit into the time "
        "or memory.",
        "从全部 {all} 行中随机抽取 {rows} 行进行训练：更多的行超出时间或内存所限。",
    ),
}
