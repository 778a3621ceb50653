"""Messages of choosing: limits, size, search, and how a choice ended."""

MESSAGES: dict[str, tuple[str, str]] = {
    "choice.no_lists": (
        "`train.metric: {metric}` judges the order within lists, and no column says which rows "
        "are one list. Declare it: `data: {{group: column}}` (a query, a user, a day), then run "
        "`lingqu plan`.",
        "`train.metric: {metric}` 评判各列表内的排序，但没有哪一列说明哪些行属于同一列表。请声明 "
        "`data: {{group: 列名}}`（如一次查询、一个用户、一天），再运行 `lingqu plan`。",
    ),
    "choice.negative_relevance": (
        "Row {row} of {column!r} is {received}; {metric} needs a relevance of 0 or more. Expected "
        "grades such as 0, 1, 2. Correct the data, or choose by `spearman`.",
        "{column!r} 第 {row} 行为 {received}；{metric} 要求相关度不小于 0，例如 0、1、2 等级。"
        "请更正数据，或改用 `spearman` 挑选。",
    ),
    "choice.rank_task": (
        "`lightgbm` with `objective: rank` learns the order within lists. Expected "
        "`task: regress` with grades of 0 or more and `data: {{group: column}}`; {problem}.",
        "`lightgbm` 的 `objective: rank` 学习列表内的排序，要求 `task: regress`、不小于 0 的等级，"
        "以及 `data: {{group: 列名}}`；{problem}。",
    ),
    "choice.rank_no_group": ("no column has the role `group`", "没有角色为 `group` 的列"),
    "choice.rank_values": ("the target does not hold such grades", "目标列不是这样的等级"),
    "choice.note_doubt": (
        "No answer is surer than the rows that judged it: a share of {share:.2g} is kept for what "
        "they did not show, so no class gets less than {least:.2g}.",
        "任何回答都不会比评判它的数据更有把握：为其中未曾出现的情形保留 {share:.2g} 的份额，"
        "因此每个类别的概率不低于 {least:.2g}。",
    ),
    "choice.note_even": (
        "Balanced accuracy decides, so every class counts the same: probabilities are told as if "
        "all classes were equally frequent (a rare one counts up to {most:.3g} times as much).",
        "由平衡准确率决定，因此每个类别同等重要：概率按各类别频率相等的情形给出"
        "（稀有类别的权重最多放大 {most:.3g} 倍）。",
    ),
    "choice.note_quantile": (
        "Answers are the value that {share:.3g} of the truth should lie below. Each learner was "
        "moved by what its held-out answers lacked, in sum by {amount:.4g}; there {below:.3f} lie "
        "below.",
        "答案是真实值中有 {share:.3g} 应落在其下的值。每个学习器都按其留出预测的欠缺平移，"
        "合计 {amount:.4g}；留出数据上有 {below:.3f} 落在其下。",
    ),
    "choice.bad_optimise": (
        "`train.optimise` names {received!r}. Expected `calibrate`, `threshold`, a threshold "
        "that keeps a floor: `threshold(recall >= 0.95)`, or `compress`. Correct it, then run "
        "`lingqu plan`.",
        "`train.optimise` 中的 {received!r} 不可用，应为 `calibrate`、`threshold`、"
        "守住下限的阈值 `threshold(recall >= 0.95)`，或 `compress`。请更正后运行 `lingqu plan`。",
    ),
    "choice.floor_measure": (
        "A threshold cannot keep {received!r}. Expected one comparison on one of {expected}, "
        "such as `threshold(recall >= 0.95)`.",
        "阈值无法保证 {received!r}，应为对下列之一的单个比较：{expected}，"
        "例如 `threshold(recall >= 0.95)`。",
    ),
    "choice.floor_value": (
        "The floor {received!r} is none. Expected `>=` and a number above 0 and below 1, such "
        "as `threshold(recall >= 0.95)`.",
        "{received!r} 不是下限，应为 `>=` 加上大于 0 且小于 1 的数，"
        "例如 `threshold(recall >= 0.95)`。",
    ),
    "choice.two_thresholds": (
        "`train.optimise` asks for more than one threshold: {received}. A model has one; "
        "expected a single one.",
        "`train.optimise` 要求了多个阈值：{received}。一个模型只有一个阈值，请只写一个。",
    ),
    "choice.floor_task": (
        "{received!r} needs a threshold, which only `task: classify` with two classes has; the "
        "task is {task!r}. Remove it from `train.optimise`.",
        "{received!r} 需要阈值，只有两个类别的 `task: classify` 才有；当前任务是 {task!r}。"
        "请从 `train.optimise` 中删去。",
    ),
    "choice.floor_classes": (
        "`train.optimise` asks for a threshold with {floor}, which needs two classes; the "
        "target has {count}: {classes}. Remove it, or make the target one of two.",
        "`train.optimise` 要求阈值守住 {floor}，这需要两个类别；目标列有 {count} 个：{classes}。"
        "请删去，或把目标列改成两个类别。",
    ),
    "choice.note_floor_sure": (
        "{second} is chosen from probability {threshold:.3g} on: the best threshold by {by} that "
        "keeps {floor}. On held-out answers {measure} is {value:.3f}, and at least {low:.3f} by "
        "its 95 % interval; {other} is {other_value:.3f}.",
        "概率达到 {threshold:.3g} 时判为 {second}：在守住 {floor} 的阈值中按 {by} 最好。"
        "在留出预测上 {measure} 为 {value:.3f}，按 95% 区间至少为 {low:.3f}；"
        "{other} 为 {other_value:.3f}。",
    ),
    "choice.note_floor_measured": (
        "{second} is chosen from probability {threshold:.3g} on. On held-out answers {measure} "
        "is {value:.3f}, which keeps {floor}, but the rows are too few to be sure: its 95 % "
        "interval starts at {low:.3f}. {other} is {other_value:.3f}.",
        "概率达到 {threshold:.3g} 时判为 {second}。在留出预测上 {measure} 为 {value:.3f}，"
        "满足 {floor}，但行数太少，不能确定：95% 区间从 {low:.3f} 开始。"
        "{other} 为 {other_value:.3f}。",
    ),
    "choice.note_floor_missed": (
        "No threshold keeps {floor} on held-out answers. {second} is chosen from probability "
        "{threshold:.3g} on, which comes closest: {measure} is {value:.3f}, {other} is "
        "{other_value:.3f}.",
        "在留出预测上没有阈值能守住 {floor}。概率达到 {threshold:.3g} 时判为 {second}，最为接近："
        "{measure} 为 {value:.3f}，{other} 为 {other_value:.3f}。",
    ),
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
    "choice.note_distilled": (
        "Distilled: what keeps the limits or `size` loses more than {share:.1%} of the score, so "
        "one small model ({algorithm}) learned from the answers of the best ensemble ({names}) to "
        "{real} training rows and {fresh} rows made up from them. On held-out rows that no teacher "
        "of theirs had seen it has {metric} {own:.4g}; the ensemble {teacher:.4g}.",
        "蒸馏：满足限制或 `size` 的模型分数损失超过 {share:.1%}，因此让一个小模型（{algorithm}）"
        "学习最佳组合（{names}）对 {real} 行训练数据以及由其生成的 {fresh} 行的回答。"
        "在教师未见过的留出行上，它的 {metric} 为 {own:.4g}，组合为 {teacher:.4g}。",
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
