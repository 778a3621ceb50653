"""Words of the model card (`lingqu.release.card`)."""

MESSAGES: dict[str, tuple[str, str]] = {
    "card.intro": (
        "`{name}` answers the task **{task}**. It was built by Lingqu from channel version "
        "{channel} and data {data}. Everything below was recorded while it was made; nothing "
        "was written by hand.",
        "`{name}` 的任务是 **{task}**。它由灵渠根据渠道版本 {channel} 和数据 {data} 生成。"
        "以下内容均为生成过程中的记录，非人工撰写。",
    ),
    "card.gap": ("*not recorded*", "*未记录*"),
    "card.use": ("Use", "使用方法"),
    "card.inputs": ("What it reads", "输入"),
    "card.column": ("Column", "列"),
    "card.kind": ("Kind", "类型"),
    "card.values": ("Values", "取值"),
    "card.data": ("Data", "数据"),
    "card.model": ("Model", "模型"),
    "card.imported": (
        "`{name}` was imported, not trained here: {format} `{file}`, sha256 `{sha256}`.",
        "`{name}` 是引入的模型，并非在此训练：{format} `{file}`，sha256 `{sha256}`。",
    ),
    "card.member": ("Member", "成员"),
    "card.algorithm": ("Algorithm", "算法"),
    "card.weight": ("Weight", "权重"),
    "card.preparation": ("Preparation that travels", "随行的预处理"),
    "card.none": ("none", "无"),
    "card.evaluation": ("Evaluation", "评估"),
    "card.measure": ("Measure", "指标"),
    "card.value": ("Value", "数值"),
    "card.interval": ("95 % interval", "95 % 置信区间"),
    "card.rows": ("Rows", "行数"),
    "card.verdict": ("Verdict", "结论"),
    "card.limits": ("Known limits", "已知局限"),
    "card.no_limits": (
        "No check failed. That is no proof that there is no limit.",
        "没有检查未通过。这并不证明模型没有局限。",
    ),
    "card.no_evaluation": (
        "No evaluation was recorded.",
        "没有记录任何评估。",
    ),
    "card.coverage": (
        "The interval or set around an answer is stated to hold the truth in {wanted:.0%} of the "
        "rows. On the {rows} test rows it did in {seen:.1%} (95 % interval {low:.1%} to "
        "{high:.1%}). This speaks of rows like these, and of all together: single groups may be "
        "held less often.",
        "声明：答案的区间或预测集在 {wanted:.0%} 的行上包含真实值。在 {rows} 行测试数据上实际为 "
        "{seen:.1%}（95% 区间 {low:.1%} 至 {high:.1%}）。这只针对与之相似的数据，并且是就总体而言："
        "个别群组可能较低。",
    ),
    "card.contract": (
        "Data contract: {held} of {count} rules hold.",
        "数据契约：{count} 条规则中 {held} 条成立。",
    ),
    "card.left_out": (
        "Findings left out here: {count}. `findings.json` and `measured.json` hold all of them.",
        "此处未列出的发现：{count} 项。全部内容见 `findings.json` 和 `measured.json`。",
    ),
    "card.chosen_on_test": (
        "Two attempts were made, and the test rows were used to choose between them: the test "
        "rows were used twice, so the figures below are slightly optimistic.",
        "共训练了两次，并用测试数据在两次之间做了选择：测试数据被使用了两次，因此下列数值略偏乐观。",
    ),
    "card.origin": ("Provenance", "来源"),
    "card.digest": ("Release digest", "发布摘要"),
    "card.created": ("Created", "创建时间"),
    "card.classes": ("Classes", "类别"),
    "card.pass": ("pass", "通过"),
    "card.fail": ("fail", "未通过"),
    "card.unknown": ("could not be measured", "无法测量"),
    "card.note": ("—", "—"),
    "card.fact_name": ("Name", "名称"),
    "card.fact_source": ("Source", "出处"),
    "card.fact_license": ("Licence of the data", "数据许可"),
    "card.fact_consent": ("Consent", "同意依据"),
    "card.fact_purpose": ("Purpose", "用途"),
    "card.fact_origin": ("Origin", "由来"),
    "card.fact_owner": ("Owner", "负责人"),
    "card.fact_retention": ("Retention", "保存期限"),
}
