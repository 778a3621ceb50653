"""Title, sections and the words around them."""

MESSAGES: dict[str, tuple[str, str]] = {
    # Sections
    "report.title": ("{channel} — Lingqu report", "{channel} — 灵渠报告"),
    "report.kicker": ("Lingqu run report", "灵渠运行报告"),
    "report.skip": ("Skip to the content", "跳到正文"),
    "report.contents": ("Sections", "章节"),
    "report.switch_language": ("Switch to Chinese", "切换为英文"),
    "report.switch_light": ("Switch between light and dark", "切换浅色与深色"),
    "report.footer": (
        "Written by Lingqu from what the run recorded. It needs no network and sends nothing. "
        "Training rows and test rows are counted from 1 each, without a header.",
        "由灵渠根据运行记录生成。本页不需要网络，也不发送任何数据。训练行和测试行各从 1 开始计数，"
        "表头不计。",
    ),
    "report.section_path": ("Path", "全程"),
    "report.lead_path": (
        "What flowed through each stage of the canal, and how long it took.",
        "每个阶段通过了什么，用了多久。",
    ),
    "report.section_data": ("Data", "数据"),
    "report.lead_data": (
        "Where the rows come from, how they were set apart, and how good they are.",
        "数据从哪里来，怎样划分，质量如何。",
    ),
    "report.section_governance": ("Governance", "治理"),
    "report.lead_governance": (
        "What was changed before training, and what is still doubtful.",
        "训练前改动了什么，还有什么可疑之处。",
    ),
    "report.section_algorithm": ("Algorithm", "算法"),
    "report.lead_algorithm": (
        "Every candidate that was tried, chosen by rows held out of training.",
        "尝试过的所有候选；只凭训练时留出的数据来选择。",
    ),
    "report.lead_algorithm_imported": (
        "The model was imported, not trained here.",
        "模型是引入的，并非在此训练。",
    ),
    "report.section_judgement": ("Judgement", "评判"),
    "report.lead_judgement": (
        "The released model on test rows, which were never used for fitting or choosing.",
        "发布的模型在测试数据上的表现；这些数据从未用于训练或选择。",
    ),
    "report.lead_judgement_imported": (
        "The imported model on the test rows that were set aside here. The figures hold as far as "
        "it did not see these rows where it was trained: nobody here knows that.",
        "引入的模型在这里留出的测试数据上的表现。只有当它训练时没有见过这些数据，数值才可信；"
        "这一点这里无从得知。",
    ),
    "report.lead_judgement_twice": (
        "The released model on test rows. They were not used for fitting, but they were used to "
        "choose between two attempts, so these figures are slightly optimistic.",
        "发布的模型在测试数据上的表现。这些数据未用于训练，但曾用来在两次尝试之间做选择，"
        "因此数值略偏乐观。",
    ),
    "report.section_made": ("Made", "生成的内容"),
    "report.lead_made": (
        "What the generator makes, beside real test rows.",
        "生成器产生的内容，与真实测试数据并列。",
    ),
    "report.section_decisions": ("Decisions", "决策"),
    "report.lead_decisions": (
        "What the policy would have earned in the logged decisions of the test rows.",
        "在测试数据的决策记录中，策略本可得到多少。",
    ),
    "report.section_policy": ("Policy", "策略"),
    "report.lead_policy": (
        "What the policy brings over fresh episodes, beside what it must beat.",
        "策略在新回合上的回报，以及它必须胜过的基准。",
    ),
    "report.policy_played": (
        "{count} episodes that nothing was learned from or chosen by; the policy played them "
        "without chance and brought {mean} on average. The baselines played the same ones.",
        "共 {count} 个既未用于学习、也未用于挑选的回合；策略不带随机地走完，平均回报 {mean}。"
        "各基准走的是同样的回合。",
    ),
    "report.policy_enough": (
        "The environment calls a mean return of {enough} solved.",
        "环境把平均回报 {enough} 视为已解决。",
    ),
    "report.policy": ("Policy", "策略"),
    "report.policy_released": ("this policy", "本策略"),
    "report.policy_mean": ("Mean return", "平均回报"),
    "report.policy_worst": ("Worst", "最差"),
    "report.policy_best": ("Best", "最好"),
    "report.policy_length": ("Steps", "步数"),
    "report.policy_unsafe": ("Unsafe or closed", "不安全或不可用"),
    "report.policy_caption": (
        "Returns of the policy and of its baselines, over the same episodes",
        "策略与各基准在同样回合上的回报",
    ),
    "report.policy_returns": ("Return of each episode", "每个回合的回报"),
    "report.policy_curve": ("Mean return while {name} learned", "{name} 学习过程中的平均回报"),
    "report.policy_film": ("The first of these episodes", "其中的第一个回合"),
    "report.x_episode": ("episode", "回合"),
    "report.x_taken": ("steps taken", "已走步数"),
    "report.section_scenes": ("Scenes", "图中的物体"),
    "report.lead_scenes": (
        "Pictures of the test part, with what was found in them.",
        "测试部分的图像，以及从中找到的物体。",
    ),
    "report.scenes_shown": (
        "{count} test pictures, some as they come and those with the most mistakes: {wrong} have "
        "one. Drawn through: boxes that were said, and how sure. Dashed: the true ones.",
        "{count} 幅测试图像，一些按次序取，另一些是错得最多的：{wrong} 幅有错。"
        "实线：给出的框及其把握；虚线：真实的框。",
    ),
    "report.scene": (
        "Row {row}: {said} said, {true} true",
        "第 {row} 行：给出 {said} 个，实有 {true} 个",
    ),
    "report.section_lists": ("Recommended", "推荐"),
    "report.lead_lists": (
        "What users were recommended, judged by what each of them took next, beside the list of "
        "what is popular, which is the same for everybody.",
        "推荐给用户的列表，以各用户接下来取用的物品评判，并与人人相同的热门列表比较。",
    ),
    "report.lists_beside": ("Beside what is popular", "与热门列表比较"),
    "report.lists_beside_caption": (
        "Each measure on test rows, and the same of the most popular items that a user had not "
        "taken yet; the last column is the 95 % interval of the difference",
        "测试数据上的各项指标，以及只列用户尚未取用的热门物品时的数值；最后一列是差值的 95% 区间",
    ),
    "report.lists_drawn": (
        "Judged are the lists of {count} of {users} users, drawn by the seed.",
        "评判了 {users} 位用户中由种子抽取的 {count} 位的列表。",
    ),
    "report.lists_ours": ("Model", "模型"),
    "report.lists_popular": ("Popular items", "热门物品"),
    "report.lists_gain": ("Difference", "差值"),
    "report.lists_cold": ("By how much users took before", "按用户此前取用的多少"),
    "report.lists_cold_caption": (
        "NDCG of users by the number of items they took before the test row",
        "按测试行之前取用物品的数目分组的用户 NDCG",
    ),
    "report.lists_taken": ("Items taken", "取用的物品数"),
    "report.lists_users": ("Users", "用户数"),
    "report.lists_strangers": (
        "Somebody whom nobody knows gets the popular items: {measure} {value} on the same rows.",
        "不认识的用户得到热门物品：同样的数据上 {measure} 为 {value}。",
    ),
    "report.lists_some": ("Some users", "部分用户"),
    "report.lists_some_caption": (
        "What they took, the newest first, what they are recommended, and what they took next",
        "他们取用过的（最新在前）、得到的推荐，以及接下来取用的",
    ),
    "report.lists_user": ("User", "用户"),
    "report.lists_past": ("Took", "取用过"),
    "report.lists_list": ("Recommended", "推荐"),
    "report.lists_next": ("Took next", "接下来取用"),
    "report.lists_at": ("(place {place})", "（第 {place} 位）"),
    "report.lists_missed": ("(not in the list)", "（不在列表中）"),
    "report.measure_catalogue_coverage": ("Share of the catalogue shown", "推荐覆盖的物品比例"),
    "report.measure_diversity": ("Diversity within a list", "列表内的多样性"),
    "report.measure_novelty": ("Novelty, in bits", "新颖度（比特）"),
    "report.section_flagged": ("Flagged", "异常"),
    "report.lead_flagged": (
        "Test rows that look odder than the threshold allows, the oddest first, and the columns "
        "that make them so.",
        "测试数据中超过阈值的行，最异常的在前，并说明是哪些列使其异常。",
    ),
    "report.flagged": (
        "{count} of {rows} test rows are flagged: they look odder than a share of {threshold} of "
        "the training rows.",
        "{rows} 条测试数据中标出 {count} 条：它们比占 {threshold} 的训练数据更异常。",
    ),
    "report.flagged_unjudged": (
        "No labels are there to judge this by: how many of them are true alarms is unknown.",
        "没有标签可供评判：其中有多少是真正的异常，不得而知。",
    ),
    "report.flagged_caption": ("The {count} oddest flagged rows", "最异常的 {count} 行"),
    "report.flag_share": ("Odder than", "比多少数据更异常"),
    "report.flag_why": ("What makes it odd", "异常之处"),
    "report.flag_reason": (
        "{column}: {value}, usually {usual}",
        "{column}：{value}，通常为 {usual}",
    ),
    "report.flag_reason_alone": ("{column}: {value}", "{column}：{value}"),
    "report.flag_together": (
        "the combination: no single column explains it",
        "各列的组合：没有哪一列单独能说明",
    ),
    "report.section_forecast": ("Forecast", "预测"),
    "report.lead_forecast": (
        "The last values of some series, what was forecast of the steps that were set aside, and "
        "what came.",
        "若干序列的近期值、对留出各步的预测，以及实际的结果。",
    ),
    "report.forecasts": ("Series", "序列"),
    "report.forecast_truth": ("what was, and what came", "过去与实际"),
    "report.forecast_value": ("forecast with its interval", "预测及其区间"),
    "report.forecast_title": ("Forecast of {series}", "{series} 的预测"),
    "report.forecast_error": (
        "error {error} × the seasonal naive one",
        "误差为季节性朴素预测的 {error} 倍",
    ),
    "report.x_steps": ("steps after {origin}", "{origin} 之后的步数"),
    "report.step": ("Step", "步"),
    "report.by_step": ("Step by step", "逐步"),
    "report.by_step_caption": (
        "Error and coverage at each step ahead, over all series",
        "各步的误差与覆盖率（所有序列）",
    ),
    "report.forecast_level": ("Level", "层级"),
    "report.by_level": ("Sums, level by level", "各层汇总"),
    "report.by_level_caption": (
        "Errors of the sums on test rows; the parts of a sum add up to it",
        "测试数据上各层汇总的误差；各部分相加等于汇总",
    ),
    "report.quantile": ("Quantile", "分位数"),
    "report.share_below": ("Share of values at or below it", "不高于它的值所占比例"),
    "report.quantiles": ("Quantiles", "分位数"),
    "report.quantiles_caption": (
        "Each quantile on test rows: the share below it should be its level",
        "测试数据上的各分位数：低于它的比例应等于其水平",
    ),
    "report.section_seen": ("See", "观察"),
    "report.lead_seen": (
        "The model at work on test rows: which it takes for alike, what its answers rest on, where "
        "it is mistaken.",
        "模型在测试行上的表现：它把哪些行看作相似，回答依据什么，错在哪里。",
    ),
    "report.section_samples": ("Samples", "样例"),
    "report.lead_samples": (
        "Test rows, with what was true and what the model said.",
        "测试数据的若干行：真实答案与模型的回答。",
    ),
    "report.section_findings": ("Findings", "发现"),
    "report.lead_findings": (
        "Everything the checks saw. What failed comes first.",
        "各项检查的全部结果，未通过的排在最前。",
    ),
    "report.section_gate": ("Gate", "闸门"),
    "report.lead_gate": (
        "What the channel requires of a release. Unknown counts as failed.",
        "渠道对发布的要求。无法判断的按未通过处理。",
    ),
    "report.section_actions": ("Actions", "动作"),
    "report.lead_actions": (
        "What the declared rules did about the findings.",
        "声明的规则针对上述发现做了什么。",
    ),
    "report.section_lineage": ("Lineage", "来源链"),
    "report.lead_lineage": (
        "What came from what. Equal digests mean equal bytes.",
        "什么由什么得来。摘要相同即内容逐字节相同。",
    ),
    "report.section_trail": ("Trail", "审计链"),
    "report.lead_trail": (
        "Events are chained by their hashes, so a change of the past would show.",
        "每个事件都带有前一个事件的散列值，改动历史就会暴露。",
    ),
    "report.section_machine": ("Machine", "机器"),
    "report.lead_machine": ("Where the run took place, with versions.", "运行环境与版本。"),
    "report.section_declaration": ("Channel file", "渠道文件"),
    "report.lead_declaration": (
        "The whole declaration, as it was read.",
        "读到的完整声明。",
    ),
    # Head
    "report.release": ("Release", "发布"),
    "report.state": ("State", "状态"),
    "report.run": ("Run", "运行"),
    "report.started": ("Started", "开始时间"),
    "report.took": ("Took", "用时"),
    "report.copy": ("Copy digest {digest}", "复制摘要 {digest}"),
    "report.on_rows": ("95 % interval, on {rows} unseen rows", "95 % 区间，{rows} 行未见过的数据"),
    "report.on_episodes": ("over {rows} fresh episodes", "{rows} 个新回合"),
    "report.on_rows_twice": (
        "95 % interval, on {rows} test rows that also chose between two attempts",
        "95 % 区间，{rows} 行测试数据；这些数据也用于在两次尝试之间做选择",
    ),
    "report.headline_approved": ("Approved for use", "已批准使用"),
    "report.headline_live": ("In use", "使用中"),
    "report.headline_candidate": ("Waits for a person to approve", "等待人工批准"),
    "report.headline_blocked": ("Refused by the gate", "被闸门拦下"),
    "report.headline_retired": ("Retired", "已退役"),
    "report.state_approved": ("approved", "已批准"),
    "report.state_live": ("live", "使用中"),
    "report.state_candidate": ("candidate", "候选"),
    "report.state_blocked": ("blocked", "已拦下"),
    "report.state_retired": ("retired", "已退役"),
    "report.next": ("What to do next", "下一步"),
    "report.next_deploy": (
        "Open it for use: `lingqu deploy {channel}`",
        "投入使用：`lingqu deploy {channel}`",
    ),
    "report.next_approve": (
        "Read this page, then let it pass: `lingqu approve {release} --by NAME`",
        "读完本页后放行：`lingqu approve {release} --by 姓名`",
    ),
    "report.next_unmet": (
        "`{rule}` is not met. Seen: {seen}.",
        "未满足 `{rule}`。实际为：{seen}。",
    ),
    "report.next_blocking": (
        "`{subject}` blocks the release.",
        "`{subject}` 阻止了发布。",
    ),
    "report.next_blocked": (
        "Change the data, the budget or the requirement in the channel file, then `lingqu run` "
        "again. Stages that did not change are not repeated.",
        "修改数据、时间预算或渠道文件中的要求，然后重新 `lingqu run`。没有变化的阶段不会重做。",
    ),
    "report.next_findings": (
        "Checks that failed: {count}. Look at the findings.",
        "未通过的检查：{count} 项。请看“发现”。",
    ),
    "report.path_title": ("The path: {path}", "全程：{path}"),
    "report.path_note": (
        "An open ring marks a stage that had not changed and was taken over from an earlier run.",
        "空心圆表示该阶段没有变化，直接沿用以前运行的结果。",
    ),
    "report.reused": ("reused", "沿用以前的结果"),
    "report.not_walked": ("not walked", "未经过"),
    "report.walked_again": ("{time} in {count} passes", "{count} 次共 {time}"),
    "report.fact_data": ("{rows} rows", "{rows} 行"),
    "report.fact_govern": (
        "{count} operators, {removed} removed",
        "{count} 个算子，移除 {removed} 行",
    ),
    "report.fact_train": (
        "{tried} tried, {members} released",
        "尝试 {tried} 个，入选 {members} 个",
    ),
    "report.stage_data": ("Data", "数据"),
    "report.stage_govern": ("Governance", "治理"),
    "report.stage_train": ("Algorithm", "算法"),
    "report.stage_check": ("Judgement", "评判"),
    "report.stage_release": ("Release", "发布"),
}
