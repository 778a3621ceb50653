"""Messages of routes: who answers, shadows, chains, promotion and the queue for people."""

MESSAGES: dict[str, tuple[str, str]] = {
    "route.condition_not_text": (
        "{received!r} is not a condition. Expected text of at most {longest} characters, such as "
        "`country == 'CN'`.",
        "{received!r} 不是条件。应为至多 {longest} 个字符的文字，如 `country == 'CN'`。",
    ),
    "route.bad_condition": (
        "Condition {rule!r}, column {column}: expected {expected}; received {received!r}. A "
        "condition reads `country == 'CN' and amount > 100`.",
        "条件 {rule!r} 第 {column} 列：应为 {expected}；收到 {received!r}。"
        "条件的写法：`country == 'CN' and amount > 100`。",
    ),
    "route.not_waiting": (
        "No question {id!r} waits for an answer. Expected one of `lingqu queue list CHANNEL`.",
        "没有等待回答的问题 {id!r}。应为 `lingqu queue list 渠道` 中的一个。",
    ),
    "route.rail_errors": (
        "guard rail: {seen} of {requests} requests failed, allowed are {allowed}",
        "护栏：{requests} 个请求中有 {seen} 失败，允许 {allowed}",
    ),
    "route.rail_latency": (
        "guard rail: {seen} of the canary's answers were slower than twice the champion's 95th "
        "percentile, allowed are {allowed} ({requests} requests)",
        "护栏：金丝雀有 {seen} 的回答慢于主用发布第 95 百分位的两倍，允许 {allowed}"
        "（{requests} 个请求）",
    ),
    "route.bad_step": (
        "{received!r} cannot stand in for a release. Expected `previous`, `queue`, "
        "`{{answer: review}}`, or `{{answer: {{value: review, when: amount > 100}}}}` (`column` in "
        "place of `value` answers with a column of the row).",
        "{received!r} 不能代替发布作答。应为 `previous`、`queue`、`{{answer: review}}`，或 "
        "`{{answer: {{value: review, when: amount > 100}}}}`（用 `column` 代替 `value` "
        "则以该列的值作答）。",
    ),
    "route.bad_arms": (
        "These are not arms of an experiment: {received}. Expected two or more names with shares "
        "that sum to 100 %, such as `--arm a=DIGEST:50% --arm b=DIGEST:50%`; taken names: {taken}.",
        "这些不是实验的支路：{received}。应为两个以上的名字，比例之和为 100 %，如 "
        "`--arm a=摘要:50% --arm b=摘要:50%`；已占用的名字：{taken}。",
    ),
    "route.not_stopped": (
        "Channel {channel!r} is not stopped, so it cannot be resumed. See "
        "`lingqu route {channel}`.",
        "渠道 {channel!r} 并未停止，无法恢复。请看 `lingqu route {channel}`。",
    ),
    "route.nothing_before": (
        "Channel {channel!r} has no route before the present one. See "
        "`lingqu route {channel} --history`.",
        "渠道 {channel!r} 在当前路由之前没有别的路由。请看 `lingqu route {channel} --history`。",
    ),
    "route.undone": ("undone: as it was at {at}", "撤销：恢复到 {at} 时的路由"),
    # What promotion says
    "route.nothing_to_promote": (
        "no release is on its way: one release answers, and none stands beside it",
        "没有发布正在投入：只有一个发布作答，旁边没有别的发布",
    ),
    "route.no_pairs": (
        "the shadow has answered nothing yet",
        "影子还没有作答",
    ),
    "route.no_labels_shadow": (
        "{rows} rows were answered by both, and no label has come back for any of them",
        "双方都回答了 {rows} 行，但还没有任何一行的标签反馈回来",
    ),
    "route.no_calls": (
        "no call has been answered since the canary began",
        "金丝雀开始以来还没有回答任何调用",
    ),
    "route.few_calls": (
        "the canary has answered {requests} calls at this step, {least} are asked for",
        "金丝雀在这一级回答了 {requests} 个调用，要求 {least} 个",
    ),
    "route.no_labels": (
        "no labels have come back for both arms; send them to `/c/CHANNEL/feedback`",
        "两个支路都还没有标签反馈；请发送到 `/c/渠道/feedback`",
    ),
    "route.by_rule": (
        "the canary answers the calls for which `{when}` holds: those of the champion are others, "
        "so the two cannot be compared, and a person decides",
        "金丝雀只回答满足 `{when}` 的调用，与主用发布回答的不是同一类，无法比较，由人决定",
    ),
    "route.mismatch": (
        "{first} callers came to the champion and {second} to the canary, which the shares make "
        "all but impossible: something tells the arms apart, so they cannot be compared",
        "主用发布有 {first} 个调用者，金丝雀有 {second} 个，按比例几乎不可能：分流有偏，无法比较",
    ),
    "route.worse": (
        "it is worse by more than the margin of {margin}: the difference lies between {low} and "
        "{high}",
        "差距超过允许的 {margin}：差值在 {low} 与 {high} 之间",
    ),
    "route.no_worse": (
        "a loss of {allowed} can be borne at the next share, and the difference lies between "
        "{low} and {high}",
        "下一级可承受 {allowed} 的损失，而差值在 {low} 与 {high} 之间",
    ),
    "route.not_yet": (
        "a loss of {allowed} could be borne at the next share, but the difference lies between "
        "{low} and {high}: more labels are needed",
        "下一级可承受 {allowed} 的损失，但差值在 {low} 与 {high} 之间：还需要更多标签",
    ),
    "route.differs": (
        "an arm is better than the first one",
        "有一个支路优于第一个支路",
    ),
    "route.no_difference": (
        "no arm is known to be better than the first one",
        "还没有哪个支路已知优于第一个支路",
    ),
    # The command line
    "route.route": (
        "Show or change who answers: canary, shadow, experiment, rule, stop, undo.",
        "查看或改变由谁作答：金丝雀、影子、实验、规则、停止、撤销。",
    ),
    "route.promote": (
        "Look at the evidence for the release on its way into use; `--step` acts on it.",
        "查看正在投入的发布的证据；`--step` 则据此行动。",
    ),
    "route.queue": ("Requests that wait for people.", "等待人工回答的请求。"),
    "route.queue_list": ("List the questions of a channel.", "列出某渠道的问题。"),
    "route.queue_answer": (
        "Answer a question; the caller gets it, and it counts as a label.",
        "回答一个问题；调用者会得到它，并计为标签。",
    ),
    "route.option_shadow": (
        "Part of the calls that the release gets copies of, such as 20%.",
        "该发布得到多大比例调用的副本，如 20%。",
    ),
    "route.option_arm": (
        "An arm of an experiment, NAME=RELEASE:SHARE; several times.",
        "实验的一个支路，名字=发布:比例；可写多次。",
    ),
    "route.option_when": (
        "Only calls for which this holds, such as \"country == 'CN'\".",
        "只含满足此条件的调用，如 \"country == 'CN'\"。",
    ),
    "route.option_sticky": (
        "What keeps a caller with a release: key, session or none.",
        "调用者凭什么固定在一个发布上：key、session 或 none。",
    ),
    "route.option_otherwise": (
        "What stands in for a release that fails: previous, answer=VALUE, queue; several times; "
        "`none` for nothing.",
        "发布出错时由什么代替：previous、answer=值、queue；可写多次；`none` 表示没有。",
    ),
    "route.option_stop": ("Let nobody answer, at once and everywhere.", "立即、处处停止作答。"),
    "route.option_resume": ("Let those answer again who did before.", "恢复此前的作答者。"),
    "route.option_undo": ("Bring back the route before this one.", "恢复到上一个路由。"),
    "route.option_history": ("Every route there was, with who and why.", "所有路由及其人和原因。"),
    "route.option_why": ("Why, for the trail.", "原因，记入审计链。"),
    "route.option_by": ("Who, for the trail.", "谁，记入审计链。"),
    "route.option_step": ("Do what the evidence allows.", "做证据所允许的事。"),
    "route.option_waiting": ("Only those that wait.", "只列出仍在等待的。"),
    "route.answer_of": (
        "The answer: one value, or a JSON list with one for each row.",
        "答案：一个值，或每行一个的 JSON 列表。",
    ),
    "route.question_id": ("Id of the question.", "问题的编号。"),
    "route.one_thing": (
        "These say different things: {received}. Expected one of them.",
        "这些选项互相矛盾：{received}。只应写其中一个。",
    ),
    "route.bad_arm": (
        "{received!r} is not an arm. Expected NAME=RELEASE:SHARE, such as `a=5f128ae3:50%`.",
        "{received!r} 不是支路。应为 名字=发布:比例，如 `a=5f128ae3:50%`。",
    ),
    "route.bad_answer": (
        "Question {id!r} has {rows} rows, and {received} answers were given. Expected one for "
        "each row, as a JSON list.",
        "问题 {id!r} 有 {rows} 行，却给了 {received} 个答案。应为 JSON 列表，每行一个。",
    ),
    "route.is_stopped": ("Stopped: {reason}", "已停止：{reason}"),
    "route.stopped_plain": ("Stopped.", "已停止。"),
    "route.changed": ("Changed {at} by {by}: {reason}", "{at} 由 {by} 改动：{reason}"),
    "route.stands_in": ("Where a release fails: {steps}", "发布出错时：{steps}"),
    "route.head_when": ("When", "条件"),
    "route.head_at": ("At", "时间"),
    "route.head_by": ("By", "谁"),
    "route.head_why": ("Why", "原因"),
    "route.head_who": ("Who answers", "由谁作答"),
    "route.head_seen": ("Seen", "所见"),
    "route.head_value": ("Value", "值"),
    "route.head_between": ("Between", "区间"),
    "route.head_rows": ("Rows", "行数"),
    "route.head_id": ("Question", "问题"),
    "route.head_rows_of": ("Rows", "行"),
    "route.head_state": ("State", "状态"),
    "route.head_answer": ("Answer", "答案"),
    "route.history_title": ("Routes of channel {channel}", "渠道 {channel} 的历次路由"),
    "route.evidence_title": (
        "{challenger} on its way beside {champion}: {stage}",
        "{challenger} 正在 {champion} 旁投入：{stage}",
    ),
    "route.queue_title": ("Questions", "问题"),
    "route.answered": ("Question {id} is answered.", "问题 {id} 已回答。"),
    "route.state_waiting": ("waiting", "等待"),
    "route.state_answered": ("answered", "已回答"),
    "route.stage_none": ("none", "无"),
    "route.stage_shadow": ("shadow", "影子"),
    "route.stage_canary": ("canary at {share}", "金丝雀 {share}"),
    "route.stage_experiment": ("experiment", "实验"),
    "route.verdict_none": ("Nothing to do: {why}.", "无事可做：{why}。"),
    "route.verdict_wait": ("Wait: {why}.", "等待：{why}。"),
    "route.verdict_step": ("Up to {next}: {why}.", "升到 {next}：{why}。"),
    "route.verdict_promote": ("Up to 100%: {why}.", "升到 100%：{why}。"),
    "route.verdict_back": ("Back to the champion: {why}.", "退回主用发布：{why}。"),
    "route.verdict_compare": ("{why}.", "{why}。"),
    "route.was_done": ("Done.", "已执行。"),
    "route.would": (
        "Run `lingqu promote {channel} --step` to do it.",
        "运行 `lingqu promote {channel} --step` 来执行。",
    ),
    "route.needs_person": (
        "A person decides this (`access.route.auto: {auto}`): "
        "`lingqu promote {channel} --step --by NAME`.",
        "此步由人决定（`access.route.auto: {auto}`）："
        "`lingqu promote {channel} --step --by 姓名`。",
    ),
    "route.measure_difference": ("difference of the scores", "得分之差"),
    "route.measure_agreement": ("same answer", "回答一致"),
    "route.measure_failed": ("no answer", "未能作答"),
    "route.measure_distance": ("distance of the answers", "回答的距离"),
    "route.measure_latency_ms": ("milliseconds, {argument}", "毫秒，{argument}"),
    "route.measure_errors": ("failed, {argument}", "失败，{argument}"),
    "route.measure_score": ("score, {argument}", "得分，{argument}"),
    "route.measure_sample_ratio": ("chance of the sample ratio", "样本比例的概率"),
}
