"""Messages of `lingqu.check` and of the scores in `lingqu.core.metrics`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "check.unknown_metric": (
        "{name!r} is not a metric. Near names: {near}. See `lingqu list metrics`.",
        "没有名为 {name!r} 的指标。相近的名字：{near}。请看 `lingqu list metrics`。",
    ),
    "check.no_number": (
        "{name!r} is not a metric: {base} takes no number. Expected `{base}`. See "
        "`lingqu list metrics`.",
        "{name!r} 不是指标：{base} 不带数字，应写 `{base}`。请看 `lingqu list metrics`。",
    ),
    "check.metric_number": (
        "{name!r} is not a metric. Expected `{base}(n)` with {expected}. See "
        "`lingqu list metrics`.",
        "{name!r} 不是指标，应写 `{base}(n)`，其中 {expected}。请看 `lingqu list metrics`。",
    ),
    "check.no_probabilities": (
        "A score of probabilities was asked of a model that gives none. Expected one "
        "probability per class; received labels only. Choose a score of labels, such as "
        "accuracy.",
        "要求按概率评分，但该模型不输出概率。应为每个类别一个概率；只收到了标签。请改用按标签计"
        "算的指标，例如 accuracy。",
    ),
    "check.no_reference": (
        "A profile needs reference rows. Expected at least one row; received none. Check the "
        "split with `lingqu plan`.",
        "建立参照画像需要参照数据。应至少有一行；收到 0 行。请用 `lingqu plan` 检查数据划分。",
    ),
    "check.different_profiles": (
        "Two windows cannot be merged: they differ in {where!r}. Expected windows counted into "
        "the bins of one release; received windows of two. Merge windows of one release only.",
        "两个窗口无法合并：{where!r} 不同。应为按同一发布的分箱统计的窗口；收到的属于两个发布。"
        "只能合并同一发布的窗口。",
    ),
    "check.no_test": (
        "There are no test rows to judge on.",
        "没有可用于评判的测试数据。",
    ),
    "check.no_sums": (
        "At no test step have all series of a sum of level {level!r} a value.",
        "层级 {level!r} 的汇总，没有一个测试步上其全部序列都有值。",
    ),
    "check.no_labels": (
        "The rows carry no known labels.",
        "这些行没有已知的标签。",
    ),
    "check.no_model": (
        "No model was given to ask.",
        "没有可供调用的模型。",
    ),
    "check.no_rows": (
        "There are no rows to look at.",
        "没有可检查的数据。",
    ),
    "check.no_split": (
        "Training and test rows are both needed.",
        "同时需要训练数据和测试数据。",
    ),
    "check.no_features": (
        "No column could be judged.",
        "没有可评判的列。",
    ),
    "check.no_distance": (
        "No numbers or pictures to measure a distance by, or fewer than 10 rows.",
        "没有可用来计算距离的数值或图像列，或不足 10 行。",
    ),
    "check.few_columns": (
        "Fewer than two columns of numbers, dates or repeating levels can be compared.",
        "可比较的数值、日期或重复类别的列不足两列。",
    ),
    "check.no_time": (
        "No column with the role `time` holds dates.",
        "没有角色为 `time` 且含日期的列。",
    ),
    "check.no_confidence": (
        "The answers carry no probabilities.",
        "模型的回答不含概率。",
    ),
    "check.no_protected": (
        "Not applicable: no protected columns are declared (`data.protected`).",
        "不适用：未声明受保护的列（`data.protected`）。",
    ),
    "check.no_column": (
        "The column {column!r} is not among the rows.",
        "数据中没有 {column!r} 这一列。",
    ),
    "check.no_fact": (
        "{fact} was not recorded.",
        "没有记录 {fact}。",
    ),
    "check.no_requests": (
        "No request was counted in the window.",
        "该窗口内没有任何请求。",
    ),
    "check.no_profile": (
        "The release carries no reference profile.",
        "该发布没有参照画像。",
    ),
    "check.no_estimate": (
        "Without labels the error of a regression cannot be estimated here.",
        "没有标签时，此处无法估计回归的误差。",
    ),
    "check.no_release_score": (
        "The score at release is not known, so no drop can be told.",
        "不知道发布时的得分，因此无法判断下降了多少。",
    ),
    "check.undefined": (
        "{metric} is not defined on these rows (one class, or constant values).",
        "{metric} 在这些数据上没有定义（只有一个类别，或数值恒定）。",
    ),
    "check.too_few": (
        "{rows} rows are too few; at least {least} are needed.",
        "只有 {rows} 行，太少；至少需要 {least} 行。",
    ),
    "check.few_groups": (
        "Fewer than two groups of {column!r} have {least} rows.",
        "{column!r} 中达到 {least} 行的群组不足两个。",
    ),
    "check.gap_undefined": (
        "{gap} is not defined here: fewer than two groups have {least} rows that count.",
        "{gap} 在此没有定义：有 {least} 行可计的群组不足两个。",
    ),
    "check.refused_input": (
        "The model refused rows with {name}: {problem}",
        "模型拒绝了带 {name} 的数据：{problem}",
    ),
    "check.nothing_to_corrupt": (
        "No feature is of a kind that can be corrupted, or the model refused them all.",
        "没有可加扰动的特征列，或模型拒绝了全部扰动数据。",
    ),
    "check.nothing_to_slice": (
        "No column can part the rows: slices are told by numbers, categories and yes/no columns.",
        "没有可用来划分子群的列：子群由数值、类别或是非列划出。",
    ),
    "check.assumes": (
        "An estimate without labels. It assumes that the same input still has the same answer; "
        "if the world changed, only labels can tell.",
        "这是没有标签时的估计，前提是同样的输入仍对应同样的答案；如果现实已经改变，只有标签才能"
        "发现。",
    ),
    "check.formula_completeness": (
        "cells that hold a value, and not `?` or another word for none / all cells",
        "有值且不是“?”之类缺失写法的单元格数 / 单元格总数",
    ),
    "check.formula_validity": (
        "rows whose every value is of its kind and known levels / rows",
        "每个值都符合类型与已知取值的行数 / 行数",
    ),
    "check.formula_uniqueness": (
        "rows that repeat no earlier row / rows",
        "不与前面任何一行重复的行数 / 行数",
    ),
    "check.formula_consistency": (
        "rows without contradicting labels or rarer spellings of a level / rows",
        "既无矛盾标签、也无异写类别的行数 / 行数",
    ),
    "check.formula_timeliness": (
        "rows no older than the promised age / dated rows",
        "未超过约定时限的行数 / 有日期的行数",
    ),
    "check.formula_diversity": (
        "mean over columns of entropy / largest possible entropy",
        "各列（熵 / 最大可能熵）的平均值",
    ),
    "check.formula_representativeness": (
        "1 − mean over columns of the Jensen-Shannon divergence (bits) of test from training rows",
        "1 − 各列测试数据与训练数据之间 Jensen-Shannon 散度（比特）的平均值",
    ),
    "check.formula_authenticity": (
        "declared facts of the source / expected facts; marks of machines and editors are shown "
        "as estimates",
        "已声明的来源信息项数 / 应声明的项数；机器生成与编辑的痕迹另以估计值列出",
    ),
    "check.drift_seen": (
        "The live rows no longer look like those the release was judged on. Look at the "
        "columns named, then run `lingqu respond` or retrain.",
        "线上数据已不像发布时评判所用的数据。请查看所列的列，然后运行 `lingqu respond` 或重新训"
        "练。",
    ),
    "check.calibrate": (
        "Confidences do not match how often the answers are right. Add `optimise: [calibrate]` "
        "to `train`.",
        "置信度与实际正确率不符。请在 `train` 中加入 `optimise: [calibrate]`。",
    ),
    "check.uncovered": (
        "Intervals or sets hold less of the truth than was stated, beyond chance: test rows are "
        "not like those that were learned from, or one class or group is harder. Look at the "
        "coverage by class and group; `coverage_by: class` keeps it within each class.",
        "区间或预测集包含的真实值少于声明的比例，且不是偶然：测试数据与训练数据不同，"
        "或某个类别、群组更难。请查看各类别和群组的覆盖率；"
        "`coverage_by: class` 让每个类别各自达到。",
    ),
    "check.unfair": (
        "The groups are treated unequally. Look at the groups, then add a response such as "
        "`reweigh` for this measure.",
        "各群组受到的对待不平等。请查看各群组，然后为该度量加入响应，例如 `reweigh`。",
    ),
    "check.fragile": (
        "Small errors in the inputs cost too much. Add such errors to the training rows, or "
        "clean the inputs.",
        "输入的小误差造成过大的损失。请在训练数据中加入此类误差，或清洗输入。",
    ),
    "check.slow_or_failing": (
        "Requests are answered too slowly or fail too often. See `lingqu show` of the outlet, "
        "or fall back.",
        "请求应答过慢或失败过多。请用 `lingqu show` 查看该出口，或切换到后备发布。",
    ),
    "check.worse_in_use": (
        "The model does worse in use than at release. Collect labels for this window and retrain.",
        "模型在使用中的表现差于发布时。请为该窗口收集标签并重新训练。",
    ),
    "check.leak_exact": (
        "Test rows were trained on, so scores flatter. Keep copies on one side of the split: "
        "`data: {{split: distinct}}`.",
        "测试数据中有训练过的行，得分偏高。请让相同的行只落在划分的一侧："
        "`data: {{split: distinct}}`。",
    ),
    "check.leak_near": (
        "Test rows nearly repeat training rows. Look at the pairs; split by group if they "
        "belong together, or keep nearly equal texts on one side: `data: {{split: distinct}}`.",
        "测试数据与训练数据几乎重复。请查看成对的记录；若本属同组，请按组划分，"
        "或让几乎相同的文本只落在一侧：`data: {{split: distinct}}`。",
    ),
    "check.leak_time": (
        "Test rows are earlier than rows that were trained on, so the future helped. Split by "
        "time: `data: {{split: time}}`.",
        "有测试行早于训练行，等于用未来预测过去。请按时间划分：`data: {{split: time}}`。",
    ),
    "check.leak_group": (
        "Groups lie on both sides of the split. Split by group.",
        "同一群组出现在划分的两侧。请按组划分。",
    ),
    "check.leak_target": (
        "One column alone gives the answer away. If it is only known once the answer is, drop it "
        "(`data: {{drop: [column]}}`). If it is known before, say so: "
        '`release: {{require: ["leakage.target(column) <= 1"]}}`.',
        "仅凭一列就能得出答案。若它要等答案出来才知道，请删除该列（`data: {{drop: [列名]}}`）；"
        '若它事先已知，请写明：`release: {{require: ["leakage.target(列名) <= 1"]}}`。',
    ),
    "check.why_k": (
        "no quasi-identifier is declared or found: nothing to group by",
        "没有声明或发现准标识列，无从分组",
    ),
    "check.advice_anonymity": (
        "Small groups can be recognised: add `generalise: {{k: 5}}` to `govern`, or leave columns "
        "out.",
        "小组容易被认出：请在 `govern` 中加入 `generalise: {{k: 5}}`，或去掉一些列。",
    ),
}
