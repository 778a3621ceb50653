"""Words of the task control: environments, policies, and how they are judged."""

MESSAGES: dict[str, tuple[str, str]] = {
    "control.unknown": (
        "`data.environment` names {name!r}, which Gymnasium does not know: {why}. Expected "
        "`gym:<id>` such as `gym:CartPole-v1`, or `module:Class` of your own. Correct it, then run "
        "`lingqu plan`.",
        "`data.environment` 所写的 {name!r} 不是 Gymnasium 的环境：{why}。应为 `gym:<id>`"
        "（如 `gym:CartPole-v1`），或您自己的 `module:Class`。请改正后运行 `lingqu plan`。",
    ),
    "control.bad_name": (
        "{name!r} names no environment or function. Expected `gym:<id>` such as `gym:CartPole-v1`, "
        "or a path `module:Name` that can be imported beside the channel file. Correct it, then "
        "run `lingqu plan`.",
        "{name!r} 不是环境或函数的名字。应为 `gym:<id>`（如 `gym:CartPole-v1`），"
        "或可在渠道文件旁导入的 `module:Name`。请改正后运行 `lingqu plan`。",
    ),
    "control.cannot_import": (
        "{name!r} cannot be imported from the folder {folder!r}: {why}. Expected a module of that "
        "name, with that class or function in it, beside the channel file or installed. Correct "
        "it, then run `lingqu plan`.",
        "无法从文件夹 {folder!r} 导入 {name!r}：{why}。应在渠道文件旁（或已安装的包中）"
        "有该模块及其中的"
        "类或函数。请改正后运行 `lingqu plan`。",
    ),
    "control.cannot_open": (
        "The environment {name!r} cannot be made: {why}. Expected its constructor to take "
        "`data.options` as they are. Correct them, then run `lingqu plan`.",
        "无法创建环境 {name!r}：{why}。其构造函数应能接受 `data.options`。请改正后运行 "
        "`lingqu plan`。",
    ),
    "control.actions": (
        "The environment {name!r} takes actions {received}, and a policy here chooses one of a "
        "few, `Discrete(n)`, or one amount between finite bounds, such as `Box(-2, 2, (1,))`. What "
        "fits: wrap it so that each number stands for one action, such as nine pairs of torques, "
        "and name the wrapper in `data.environment`. Then run `lingqu plan`.",
        "环境 {name!r} 的动作空间为 {received}，而这里的策略从少数几个动作中选一个"
        "（`Discrete(n)`），"
        "或给出有限界内的一个量（如 `Box(-2, 2, (1,))`）。可行的做法：包装该环境，"
        "让每个编号代表一个动作（例如九对力矩），并在 `data.environment` 中写包装类。"
        "然后运行 `lingqu plan`。",
    ),
    "control.no_amounts": (
        "`{algorithm}` chooses one of a few actions, and an action of the environment {name!r} is "
        "an amount from {low:g} to {high:g}. What fits: {expected}, or a wrapper whose `Discrete` "
        "actions stand for some amounts. Correct `train.algorithm`, then run `lingqu plan`.",
        "`{algorithm}` 从少数几个动作中选一个，而环境 {name!r} 的动作是 {low:g} 到 {high:g} 的量。"
        "可用：{expected}，或用包装类让 `Discrete` 动作代表若干个量。请改正 `train.algorithm` "
        "后运行 `lingqu plan`。",
    ),
    "control.masked_amount": (
        "The environment {name!r} says which actions may be taken, and its action is an amount "
        "from {low:g} to {high:g}: a mask closes one of a few actions, never part of a range. "
        "Expected no `action_mask`, with bounds in the action space or held by `step`, or "
        "`Discrete` actions. Correct it, then run `lingqu plan`.",
        "环境 {name!r} 给出了可用动作的掩码，而其动作是从 {low:g} 到 {high:g} 的量："
        "掩码只能关闭少数几个动作中的某些，不能关闭一段范围。应去掉 `action_mask`，"
        "由动作空间的界或 `step` 来限制，或改用 `Discrete` 动作。请改正后运行 `lingqu plan`。",
    ),
    "control.action_names": (
        "The environment {name!r} states {received} different `action_names` for {expected} "
        "actions. Expected one for each. Correct it, then run `lingqu plan`.",
        "环境 {name!r} 给出了 {received} 个不同的 `action_names`，但有 {expected} 个动作。"
        "应每个动作一个名字。请改正后运行 `lingqu plan`。",
    ),
    "control.names": (
        "The environment {name!r} states {received} `observation_names` for an observation of "
        "{expected} parts. Expected one for each. Correct it, then run `lingqu plan`.",
        "环境 {name!r} 给出了 {received} 个 `observation_names`，但观测有 {expected} 个部分。"
        "应每个部分一个名字。请改正后运行 `lingqu plan`。",
    ),
    "control.wide": (
        "The environment {name!r} says observations {received}, and a policy here reads columns: "
        "at most {expected} numbers and codes (`Box` of one dimension, `Discrete`, "
        "`MultiDiscrete`, `MultiBinary`, or a `Tuple` or `Dict` of these). What fits for pictures: "
        "a wrapper that says what matters in them as numbers. Then run `lingqu plan`.",
        "环境 {name!r} 的观测为 {received}，而这里的策略读取列：最多 {expected} 个数或编码"
        "（一维 `Box`、`Discrete`、`MultiDiscrete`、`MultiBinary`，或由它们组成的 `Tuple`、"
        "`Dict`）。"
        "图像观测可用包装类把其中要紧的内容变成数。然后运行 `lingqu plan`。",
    ),
    "control.fallback": (
        "`fallback` is {received!r}. Expected an action ({actions}), or `{{column, edges, "
        "actions}}` with a column ({columns}), rising edges, and one action more than edges; or "
        "`{{sum: {{column: weight, …}}, edges, actions}}` to read several. Correct it, then run "
        "`lingqu plan`.",
        "`fallback` 为 {received!r}。应为一个动作（{actions}），或 `{{column, edges, actions}}`："
        "一个列名（{columns}）、递增的 edges，以及比 edges 多一个的 actions；要读多列时用 "
        "`{{sum: {{列名: 权重, …}}, edges, actions}}`。请改正后运行 `lingqu plan`。",
    ),
    "control.no_rule": (
        "The environment {name!r} states no rule: it has no method `rule(observation)`. Expected "
        'one, or `train.baseline: random`, or `train.baseline: "module:function"`. Then run '
        "`lingqu plan`.",
        "环境 {name!r} 没有规则：没有 `rule(observation)` 方法。请加上该方法，或写 "
        '`train.baseline: random`，或 `train.baseline: "module:function"`，然后运行 `lingqu '
        "plan`。",
    ),
    "control.rule_raised": (
        "The rule {name!r} raised {why}. Expected it to answer every observation with an action. "
        "Correct it, then run `lingqu plan`.",
        "规则 {name!r} 抛出 {why}。它应对每个观测给出一个动作。请改正后运行 `lingqu plan`。",
    ),
    "control.rule_action": (
        "The rule {name!r} answered {received!r}, which is no action. Expected one of {expected}, "
        "or its number. Correct it, then run `lingqu plan`.",
        "规则 {name!r} 给出的 {received!r} 不是动作。应为 {expected} 之一，或其编号。请改正后运行 "
        "`lingqu plan`。",
    ),
    "control.raised": (
        "The environment {name!r} raised {why} in episode {episode}, step {step}. Expected five "
        "answers of `step` and two of `reset`, as Gymnasium says. Correct it, then run `lingqu "
        "run` again.",
        "环境 {name!r} 在第 {episode} 个回合第 {step} 步抛出 {why}。`step` 应返回五项、`reset` "
        "应返回两项"
        "（见 Gymnasium 的约定）。请改正后再运行 `lingqu run`。",
    ),
    "control.not_finite": (
        "The environment {name!r} said a {what} that is no number in episode {episode}, step "
        "{step}: {received}. Expected finite numbers only. Correct it, then run `lingqu run` "
        "again.",
        "环境 {name!r} 在第 {episode} 个回合第 {step} 步给出的 {what} 不是数：{received}。"
        "应全为有限的数。请改正后再运行 `lingqu run`。",
    ),
    "control.bad_mask": (
        "The environment {name!r} said which actions may be taken as {received} in episode "
        "{episode}, step {step}. Expected one 1 or 0 for each action, and at least one 1. Correct "
        "`action_mask`, then run `lingqu run` again.",
        "环境 {name!r} 在第 {episode} 个回合第 {step} 步给出的可用动作为 {received}。"
        "应为每个动作一个 1 或 0，且至少有一个 1。请改正 `action_mask` 后再运行 `lingqu run`。",
    ),
    "control.never_ends": (
        "The environment {name!r} did not come to an end within {seconds:.0f} s; {steps} steps "
        "were done. Expected each step to return: an episode is cut off after "
        "`train.steps_limit` steps. Look for a loop in its `step` or `reset`, or lower the limit; "
        "then run `lingqu run` again.",
        "环境 {name!r} 在 {seconds:.0f} 秒内没有结束；已走 {steps} 步。每一步都应返回："
        "一个回合在 `train.steps_limit` 步后截断。请检查 `step` 或 `reset` 中的循环，或调低该限制，"
        "然后再运行 `lingqu run`。",
    ),
    "control.died": (
        "The process that ran the environment {name!r} ended: {why}. Expected it to return from "
        "every step. Correct the environment, then run `lingqu run` again.",
        "运行环境 {name!r} 的进程已终止：{why}。环境的每一步都应正常返回。"
        "请改正后再运行 `lingqu run`。",
    ),
    "control.no_environment": (
        "`{algorithm}` learns by acting, and these rows name no environment. Expected "
        '`data: {{environment: "gym:CartPole-v1"}}`, or `module:Class` of your own. Then run '
        "`lingqu plan`.",
        "`{algorithm}` 要通过行动来学习，而这些数据没有环境。应写 "
        '`data: {{environment: "gym:CartPole-v1"}}`，或您自己的 `module:Class`。然后运行 '
        "`lingqu plan`。",
    ),
    "control.one_of": (
        "`data` names {received}. Expected exactly one of `source` (rows) and `environment` (what "
        "a policy acts in).",
        "`data` 写了 {received}。应恰好写其一：`source`（数据行）或 "
        "`environment`（策略所处的环境）。",
    ),
    "control.task": (
        "`data.environment` is for `task: control`; the task is {task!r}. Expected "
        "`train: {{task: control}}`, or `data.source` with rows.",
        "`data.environment` 用于 `task: control`，而任务是 {task!r}。应写 "
        "`train: {{task: control}}`，或用 `data.source` 给出数据行。",
    ),
    "control.only": (
        "`train.{option}` is for `task: control`; the task is {task!r}. Leave it out.",
        "`train.{option}` 用于 `task: control`，而任务是 {task!r}。请去掉它。",
    ),
    "control.not_with": (
        "`{option}` does not go with an environment: {why}. Leave it out.",
        "`{option}` 不能与环境一起使用：{why}。请去掉它。",
    ),
    "control.why_govern": (
        "what a policy reads comes from the environment as it is",
        "策略读取的就是环境给出的原样",
    ),
    "control.why_target": ("the action is what is answered", "所要回答的就是动作"),
    "control.why_choice": (
        "policies are compared by their returns",
        "策略按回报比较",
    ),
    "control.reason_number": ("a number of the observation", "观测中的数"),
    "control.reason_code": ("one of {count} states", "{count} 个状态之一"),
    "control.reason_named": ("named by the environment", "由环境命名"),
    "control.reason_allowed": (
        "whether action {action!r} may be taken",
        "动作 {action!r} 是否可用",
    ),
    "control.reason_action": ("what the policy answers", "策略的回答"),
    "control.reason_walk": ("of the walk of the baseline policy", "基准策略走出的记录"),
    "control.why_baseline": (
        "the policy to beat; its mean return over {episodes} episodes is {mean:.4g}",
        "要胜过的策略；它在 {episodes} 个回合上的平均回报为 {mean:.4g}",
    ),
    "control.why_episodes": (
        "fresh episodes that judge the policy, and as many of each baseline",
        "用来评判策略的新回合数，每个基准策略也是这么多",
    ),
    "control.why_steps_limit": (
        "an episode is cut off where the environment itself says",
        "回合在环境自己规定的步数截断",
    ),
    "control.why_enough": (
        "mean return that the environment calls solved: who surely reaches it ends the training",
        "环境视为解决的平均回报：确实达到者即结束训练",
    ),
    "control.why_split": (
        "whole episodes of the baseline policy {policy!r} lie on one side",
        "基准策略 {policy!r} 的整个回合只落在一侧",
    ),
    "control.why_fallback": (
        "what the environment states for observations outside the range of training, if it does",
        "观测超出训练范围时，用环境给出的规则（若有）",
    ),
    "control.note_judged": (
        "Policies were compared over {episodes} episodes that neither training nor the test uses; "
        "`{name}` brought {value:.4g} on average.",
        "各策略在训练和测试都不使用的 {episodes} 个回合上比较；`{name}` 平均回报 {value:.4g}。",
    ),
    "control.note_solved": (
        "`{name}` surely reached what the environment calls solved after {steps:,} steps; training "
        "ended there.",
        "`{name}` 在 {steps:,} 步后确实达到了环境视为解决的回报，训练到此为止。",
    ),
    "control.not_needed": (
        "not tried: `{name}` has surely solved it",
        "未试：`{name}` 已确实解决",
    ),
    "control.note_restarted": (
        "`{name}` had collapsed (its return {value:.4g} was no better than acting at random, "
        "{baseline:.4g}) and was begun again once with another seed, which brought {second:.4g}.",
        "`{name}` 的训练已塌缩（回报 {value:.4g}，不比随机行动的 {baseline:.4g} 好），"
        "已换种子重新开始一次，得 {second:.4g}。",
    ),
    "control.note_one_action": (
        "`{name}` had come to one single action whatever is observed (its entropy was "
        "{undecided:.2%} of that at random, its return {value:.4g}) and was begun again once with "
        "another seed, which brought {second:.4g}. The better of the two stands.",
        "`{name}` 无论观测什么都只取同一个动作（熵为随机时的 {undecided:.2%}，回报 {value:.4g}），"
        "已换种子重新开始一次，得 {second:.4g}。保留两者中较好的。",
    ),
    "control.no_masks": (
        "`{algorithm}` does not know of actions that may not be taken, and the environment "
        "{name!r} "
        "closes some. What fits: `ppo` or `dqn`. Then run `lingqu plan`.",
        "`{algorithm}` 不理会不可用的动作，而环境 {name!r} 会关闭一些动作。可用 `ppo` 或 `dqn`。"
        "然后运行 `lingqu plan`。",
    ),
    "control.peer_option": (
        "`{algorithm}` cannot be made: {why}. Expected `options` to be those of the class of its "
        "method {method!r}. Correct them, then run `lingqu run` again.",
        "无法创建 `{algorithm}`：{why}。`options` 应为方法 {method!r} 所属类的参数。"
        "请改正后再运行 `lingqu run`。",
    ),
    "control.few_episodes": (
        "`train.episodes` is {received}. Expected at least 4: some are for learning from, some "
        "for judging.",
        "`train.episodes` 为 {received}。应至少为 4：一部分用于学习，一部分用于评判。",
    ),
    "control.no_play": (
        "the policy was not played: this channel has no environment",
        "策略没有在环境中运行：该渠道没有环境",
    ),
}
