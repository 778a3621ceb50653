"""Messages of `lingqu.govern`: operators, contract and privacy."""

MESSAGES: dict[str, tuple[str, str]] = {
    "govern.empty": (
        "{operator!r} has no rows to learn from. Expected at least one row; received 0. "
        "Look at the source with `lingqu plan`.",
        "{operator!r} 没有可用来学习的数据行。至少应有一行；收到 0 行。"
        "请用 `lingqu plan` 查看数据来源。",
    ),
    "govern.absent_column": (
        "{operator!r} cannot find column {column!r} in the rows. Expected every column of the "
        "schema; received: {columns}. Compare with `lingqu plan`.",
        "{operator!r} 在数据中找不到列 {column!r}。应包含模式（schema）中的每一列；"
        "收到的列：{columns}。请与 `lingqu plan` 的输出对照。",
    ),
    "govern.unknown_column": (
        "{operator!r} names column {column!r}, which the data do not have. Near names: {near}. "
        "See the columns with `lingqu plan`.",
        "{operator!r} 写了列 {column!r}，数据中没有这一列。相近的列名：{near}。"
        "请用 `lingqu plan` 查看所有列。",
    ),
    "govern.wrong_kind": (
        "{operator!r} cannot work on column {column!r}. Expected a column of kind {expected}; "
        "received kind {kind!r}. Leave it out of `columns`.",
        "{operator!r} 无法处理列 {column!r}。应为 {expected} 类型的列；收到 {kind!r} 类型。"
        "请把它从 `columns` 中去掉。",
    ),
    "govern.all_missing": (
        "{operator!r} cannot fill column {column!r}: every value is missing. Expected at least "
        "one value. Put `drop_constant` before it, or leave the column out.",
        "{operator!r} 无法填补列 {column!r}：该列的值全部缺失。至少应有一个值。"
        "请在它之前加上 `drop_constant`，或去掉该列。",
    ),
    "govern.no_fill": (
        "{operator!r} has no value to fill column {column!r} with. Expected "
        "`{{impute: {{strategy: constant, fill: 0}}}}`.",
        "{operator!r} 没有可用来填补列 {column!r} 的值。应写作 "
        "`{{impute: {{strategy: constant, fill: 0}}}}`。",
    ),
    "govern.all_marked": (
        "{operator!r} marked every one of {rows} training rows to be left out. Expected at least "
        "one row to stay. Loosen its options, or set its action to `report`.",
        "{operator!r} 把全部 {rows} 行训练数据都标记为剔除。至少应留下一行。"
        "请放宽它的选项，或把它的 action 设为 `report`。",
    ),
    "govern.unread_media": (
        "The file of column {column!r}, row {row}, cannot be read: {why} Expected a readable file; "
        "received {path!r}. Correct the path, or run from the folder it is relative to.",
        "列 {column!r} 第 {row} 行所指的文件无法读取：{why} 应为可读的文件；收到 {path!r}。"
        "请改正路径，或在相对路径所依据的目录中运行。",
    ),
    "govern.no_target": (
        "{operator!r} needs a target column. Expected a column with role `target`; the data have "
        "none. Declare `train.target` in the channel.",
        "{operator!r} 需要目标列。应有角色为 `target` 的列；数据中没有。"
        "请在渠道文件中声明 `train.target`。",
    ),
    "govern.no_protected": (
        "{operator!r} needs a protected column. Expected `{{reweigh: sex}}` or `data.protected` in "
        "the channel; neither names one.",
        "{operator!r} 需要受保护列。应写 `{{reweigh: sex}}`，或在渠道文件的 `data.protected` "
        "中声明；两处都没有写。",
    ),
    "govern.bad_limit": (
        "{operator!r} refuses option {option!r}. Expected {expected}; received {received!r}. "
        "See `lingqu show operators {operator}`.",
        "{operator!r} 不接受选项 {option!r}。应为 {expected}；收到 {received!r}。"
        "请看 `lingqu show operators {operator}`。",
    ),
    "govern.contract_broken": (
        "The data break the contract: rule {rule!r} {what}. Expected no failure of rules with "
        "severity `block`; received {failures} of {rows} rows. First rows: {samples}. Correct "
        "the data, or set `on_fail: report`.",
        "数据违反了契约：规则 {rule!r} {what}。严重级别为 `block` 的规则不应有失败；"
        "{rows} 行中有 {failures} 行失败。最先失败的行：{samples}。"
        "请修正数据，或设 `on_fail: report`。",
    ),
    "govern.mask_target": (
        "`mask` may not change column {column!r}: it is the target. Expected feature or id "
        "columns. Leave it out of `columns`.",
        "`mask` 不能改动列 {column!r}：它是目标列。应为特征列或标识列。请把它从 `columns` 中去掉。",
    ),
    "govern.advice_contract": (
        "Look at the sample rows, then correct the source, or mark the rows with `on_fail: mark`.",
        "请查看样例行，修正数据源，或用 `on_fail: mark` 标记这些行。",
    ),
    "govern.advice_contract_unknown": (
        "The rule could not be evaluated, and counts as failed: correct the rule or the column.",
        "该规则无法评估，按失败处理：请修正规则或相应的列。",
    ),
    "govern.advice_privacy": (
        "Personal data was found: add `mask` to `govern`, or declare why the column is needed.",
        "发现个人信息：请在 `govern` 中加入 `mask`，或说明为何需要保留该列。",
    ),
    "govern.aside_empty": ("every value is missing", "所有值都缺失"),
    "govern.aside_one_value": ("one value: {value!r}", "只有一个值：{value!r}"),
    "govern.aside_mostly": (
        "{value!r} in {count} of {rows} rows",
        "{rows} 行中有 {count} 行都是 {value!r}",
    ),
    "govern.aside_named": (
        "{distinct} distinct values in {rows} rows, named like an id",
        "{rows} 行中有 {distinct} 种值，列名像编号",
    ),
    "govern.aside_counting": (
        "{distinct} distinct values in {rows} rows, counting up by one",
        "{rows} 行中有 {distinct} 种值，逐行加一",
    ),
    "govern.aside_words": (
        "{distinct} distinct values in {rows} rows, single words",
        "{rows} 行中有 {distinct} 种值，都是单个词",
    ),
    "govern.unjudged_target": ("there is no target", "没有目标列"),
    "govern.unjudged_kind": (
        "the target is of kind {kind}: only labels can be judged",
        "目标列的种类是 {kind}：只有标签才能判断",
    ),
    "govern.unjudged_rows": ("fewer than 20 rows", "少于 20 行"),
    "govern.unjudged_classes": (
        "{classes} classes in {rows} rows",
        "{rows} 行中有 {classes} 个类别",
    ),
    "govern.unjudged_features": (
        "no feature of a kind that can be encoded",
        "没有可以编码的特征列",
    ),
    "govern.reason_mask": ("mask: personal data", "mask：个人数据"),
    "govern.reason_flag": ("a value was missing", "原先缺少一个值"),
    "govern.reason_plain": ("plain numbers written as text", "写成文字的数字"),
    "govern.reason_quantity": (
        "quantities written as text, in {unit}",
        "写成文字的数量，以 {unit} 计",
    ),
    "govern.reason_date": ("dates written as text", "写成文字的日期"),
    "govern.reason_weight": (
        "reweigh: {column} against {target}",
        "reweigh：{column} 与 {target} 之间的权重",
    ),
    "govern.why_contract": (
        "every source breaks its promises one day; the contract notices it first",
        "任何数据源总有一天会违背约定；数据契约最先发现",
    ),
    "govern.why_dedupe": (
        "rows that are equal count twice, and leak into the test rows",
        "相同的行会被重复计数，还会泄漏到测试集",
    ),
    "govern.why_drop_constant": (
        "a column with one value explains nothing",
        "只有一个取值的列没有任何信息",
    ),
    "govern.why_drop_ids": (
        "a column that only numbers the rows would be learnt by heart",
        "只给行编号的列会被模型死记硬背",
    ),
    "govern.why_standardise": (
        "some columns hold text in several forms, or numbers and dates written as text",
        "有些列的文字写法不一，或把数字、日期写成了文字",
    ),
    "govern.why_clean_categories": (
        "there are categories, and their spellings should be one per value",
        "数据中有类别列，每个取值应只有一种写法",
    ),
    "govern.why_text_features": (
        "Chinese texts say more to every learner as weighed characters and pairs of them, reduced "
        "to 200 numbers",
        "中文文本化为单字与双字的加权特征并降到 200 维，各种学习器都更易利用",
    ),
    "govern.why_log_mel": (
        "recordings are read as log-mel pictures: no learner reads samples",
        "录音以对数梅尔图的形式读取：没有学习器直接读取波形",
    ),
    "govern.why_impute": (
        "some features have missing values, and most learners cannot read them",
        "有些特征存在缺失值，而多数学习算法无法读取",
    ),
    "govern.why_mask": (
        "direct personal data was found in these columns",
        "这些列中发现可直接识别个人的信息",
    ),
    "govern.why_outliers": (
        "numbers far from the rest are reported, and nothing is changed",
        "报告远离其余数据的数值，不作任何改动",
    ),
    "govern.why_find_label_errors": (
        "labels that neighbours and a model both doubt are worth a look",
        "邻近样本和模型都怀疑的标签值得看一眼",
    ),
}
