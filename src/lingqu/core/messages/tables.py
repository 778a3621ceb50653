"""Words of tabular methods, of stock-keeping and of logged decisions."""

MESSAGES: dict[str, tuple[str, str]] = {
    "tables.bad_process": (
        "The table `P` of the environment is wrong at state {state}, action {action}: {problem}. "
        "Expected rows of probability, next state, reward and whether that is the end, with "
        "probabilities that sum to 1. Correct it, then run `lingqu plan`.",
        "环境的转移表 `P` 在状态 {state}、动作 {action} 处有误：{problem}。"
        "应为若干行：概率、下一状态、奖励、是否结束，且概率之和为 1。请改正后运行 `lingqu plan`。",
    ),
    "tables.bad_option": (
        "`{algorithm}` has `{option}: {received}`. Expected {expected}. Change it, then run "
        "`lingqu plan`.",
        "`{algorithm}` 的 `{option}: {received}` 有误，应为 {expected}。"
        "请修改后运行 `lingqu plan`。",
    ),
    "tables.no_process": (
        "`{algorithm}` reads every transition of an environment, and {name!r} states none. "
        "Expected a table `P` (state → action → rows of probability, next state, reward, end) "
        "or a method `mdp()`. Learn by trying instead: `algorithm: [ppo, dqn]`; then run "
        "`lingqu plan`.",
        "`{algorithm}` 要读取环境的全部转移，而 {name!r} 没有给出。应有转移表 `P`（状态 → 动作 → "
        "若干行概率、下一状态、奖励、是否结束）或方法 `mdp()`。"
        "可改为边试边学：`algorithm: [ppo, dqn]`，然后运行 `lingqu plan`。",
    ),
    "tables.no_states": (
        "`{algorithm}` needs observations that are states: {name!r} states {states}, and its "
        "observations have {received} codes each (0: a number that is no code). Expected a "
        "`Discrete` or `MultiDiscrete` space with as many. Change it, or learn by trying: "
        "`algorithm: [ppo, dqn]`.",
        "`{algorithm}` 要求观测就是状态：{name!r} 给出 {states} 个状态，而观测各部分的取值数为 "
        "{received}（0 表示不是编码的数）。应为取值数相符的 `Discrete` 或 `MultiDiscrete` 空间。"
        "请修改，或边试边学：`algorithm: [ppo, dqn]`。",
    ),
    "tables.many_states": (
        "This stock would have {states} states, and a table has at most {limit}. Take fewer "
        "`boxes`, a smaller `room` or a shorter `lead`, or learn by trying: `algorithm: ppo`.",
        "该库存问题会有 {states} 个状态，而表格最多 {limit} 个。请减小 `boxes`、`room` 或 `lead`，"
        "或边试边学：`algorithm: ppo`。",
    ),
    "tables.no_sales": (
        "{path!r} cannot be read as sales: {problem}. Expected a CSV file with columns of the "
        "week and of the pieces sold. Correct `options`, then run `lingqu plan`.",
        "{path!r} 无法作为销量读取：{problem}。应为含周列与销量列的 CSV 文件。"
        "请改正 `options`，然后运行 `lingqu plan`。",
    ),
    "tables.few_weeks": (
        "{path!r} has {weeks} weeks, {held} of them held out. Expected at least {expected}. Hold "
        "out fewer (`options: {{held: …}}`), then run `lingqu plan`.",
        "{path!r} 只有 {weeks} 周，其中 {held} 周留作评判；至少需要 {expected} 周。"
        "请减少留出的周数（`options: {{held: …}}`），然后运行 `lingqu plan`。",
    ),
    "tables.bad_reward": (
        "Row {row} has no reward in column {column!r}: {received!r}. Expected a finite number, or "
        "true or false. Fill it in or remove the row, then run `lingqu plan`.",
        "第 {row} 行的奖励列 {column!r} 不是奖励：{received!r}。应为有限的数，或真假值。"
        "请补上或删去该行，然后运行 `lingqu plan`。",
    ),
    "tables.bad_propensity": (
        "Row {row} has no propensity in column {column!r}: {received!r}. Expected how probable the "
        "action was when it was taken, above 0 and at most 1. Without it nothing can be told of "
        "another policy. Fill it in or remove the row, then run `lingqu plan`.",
        "第 {row} 行的倾向列 {column!r} 有误：{received!r}。应为当时采取该动作的概率，"
        "大于 0 且不超过 1；没有它就无法推断别的策略。请补上或删去该行，然后运行 `lingqu plan`。",
    ),
    "tables.other_metric": (
        "`metric: {metric}` says nothing of how good a policy is. Expected one of {expected}. "
        "Change it, then run `lingqu plan`.",
        "`metric: {metric}` 不能说明策略的好坏，应为 {expected} 之一。请修改后运行 `lingqu plan`。",
    ),
    "tables.other_family": (
        "{where} names {name!r}. An environment is learned by acting or from its table of "
        "transitions, a log from its rows. Expected here: {expected}. Change it, then run "
        "`lingqu plan`.",
        "{where} 指明了 {name!r}。环境靠行动或转移表来学习，决策记录靠其中的行来学习。"
        "此处应为：{expected}。请修改后运行 `lingqu plan`。",
    ),
    "tables.only_logged": (
        "`{option}` belongs to logged decisions: `task: control` with `data.source`. Here it has "
        "no meaning. Leave it out.",
        "`{option}` 只用于决策记录：`task: control` 且有 `data.source`。此处没有意义，请去掉。",
    ),
    "tables.log_columns": (
        "Logged decisions need `train.target` (the column of the action), `train.reward` and "
        "`train.propensity` (how probable the action was); {missing} is missing. For an "
        "environment write `data: {{environment: …}}`. Then run `lingqu plan`.",
        "决策记录需要 `train.target`（动作列）、`train.reward`（奖励列）和 `train.propensity`"
        "（当时采取该动作的概率列）；缺少 {missing}。若是环境，请写 `data: {{environment: …}}`。"
        "然后运行 `lingqu plan`。",
    ),
    "tables.no_column": (
        "`train.{option}` names {column!r}. Expected a column that nothing else is said of; "
        "received: {received}. Correct it, then run `lingqu plan`.",
        "`train.{option}` 指明了 {column!r}。应为未作他用的列；实际：{received}。"
        "请改正后运行 `lingqu plan`。",
    ),
    "tables.no_context": (
        "Nothing is left that a policy could look at: {columns}. Expected a column of context "
        "beside action, reward and propensity. Then run `lingqu plan`.",
        "没有可供策略查看的列：{columns}。除动作、奖励与倾向外，应有情境列。"
        "然后运行 `lingqu plan`。",
    ),
    "tables.needs_log": (
        "The rows of {name!r} are no logged decisions, which this algorithm learns from. Expected "
        "`train: {{task: control, target: …, reward: …, propensity: …}}` with `data.source`; in an "
        "environment take `algorithm: auto`.",
        "{name!r} 的数据不是决策记录，而该算法要从决策记录学习。应有 `data.source` 与 "
        "`train: {{task: control, target: …, reward: …, propensity: …}}`；"
        "若是环境，请用 `algorithm: auto`。",
    ),
    "tables.no_log": (
        "the rows are no logged decisions: no column has the role of reward or of propensity",
        "这些行不是决策记录：没有奖励列或倾向列",
    ),
    "tables.advice_few": (
        "Too few of the logged decisions say anything about this policy: log more, or let the "
        "policy stay nearer to what was logged (`temperature`).",
        "能说明该策略的决策记录太少：请积累更多记录，或让策略更接近记录时的做法（`temperature`）。",
    ),
    "tables.note_held": (
        "Compared by {metric} on {rows} held-out decisions, of which the log earned {logged:.4g} "
        "each.",
        "在 {rows} 条留出的决策上按 {metric} 比较；记录中平均每条得到 {logged:.4g}。",
    ),
    "tables.note_simplest": (
        "{name} stays: {others} did not earn more with 95 % certainty.",
        "保留 {name}：{others} 并未以 95% 的把握多得。",
    ),
    "tables.note_unjudged": (
        "No time was left to compare: {name} is what was fitted.",
        "没有剩余时间做比较：采用已训练的 {name}。",
    ),
    "tables.why_metric": (
        "doubly robust: right if the model of rewards or the propensities are",
        "双重稳健：奖励模型或倾向有一个正确即可",
    ),
    "tables.grid": (
        "What each square is worth, and where the policy goes from it",
        "每格的价值，以及策略由此去往何方",
    ),
    "tables.grid_exact": (
        "The best there is, found in {rounds} rounds; the first square is worth {start}.",
        "经 {rounds} 轮得到的最优策略；左上角的格值 {start}。",
    ),
    "tables.grid_early": (
        "Time ended the search after {rounds} rounds; the first square is worth {start}.",
        "{rounds} 轮后时间用尽；左上角的格值 {start}。",
    ),
    "tables.estimates": (
        "What the policy would have earned a decision, by four estimates",
        "策略平均每次决策本可得到多少：四种估计",
    ),
    "tables.estimate": ("Estimate", "估计"),
    "tables.estimate_logged": ("what the log earned", "记录实际所得"),
    "tables.estimate_ips": ("IPS: rewards, weighed", "IPS：加权奖励"),
    "tables.estimate_snips": ("SNIPS: the same, by the weights", "SNIPS：同上，除以权重之和"),
    "tables.estimate_dm": ("DM: by a model of rewards", "DM：按奖励模型"),
    "tables.estimate_dr": ("DR: that, corrected", "DR：模型加校正"),
    "tables.estimate_gain": ("gain: DR less the log", "增益：DR 减记录所得"),
    "tables.report_lead": (
        "{rows} decisions that nothing was learned from; {matched} of them are such as the policy "
        "would take, and they say as much as {effective} would that all weigh the same.",
        "{rows} 条未参与学习的决策；其中 {matched} 条是本策略也会采取的，其信息量相当于 "
        "{effective} 条等权的决策。",
    ),
    "tables.report_never": (
        "{share} of its decisions are for actions that the log never took: of these nothing is "
        "known.",
        "其决策有 {share} 落在记录中从未采取的动作上：对此一无所知。",
    ),
    "tables.report_unknown": (
        "Nothing could be estimated; the findings say why.",
        "无法估计；原因见检查结果。",
    ),
    "tables.reason_reward": (
        "reward of the decision (`train.reward`)",
        "决策的奖励（`train.reward`）",
    ),
    "tables.reason_propensity": (
        "how probable the action was (`train.propensity`)",
        "采取该动作的概率（`train.propensity`）",
    ),
}
