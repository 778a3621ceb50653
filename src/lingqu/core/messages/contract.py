"""Messages of the data contract: its rules, its files, what is drafted into it."""

MESSAGES: dict[str, tuple[str, str]] = {
    # A rule that is refused
    "contract.rule_number": ("rule {number}", "第 {number} 条规则"),
    "contract.rule_line": ("{file} line {line}", "{file} 第 {line} 行"),
    "contract.bad_rule": (
        "The contract refuses {where}: {problem}. Expected {expected}; received {received!r}. "
        "See `lingqu show operators contract`.",
        "数据契约不接受“{where}”：{problem}。应为 {expected}；收到 {received!r}。"
        "请看 `lingqu show operators contract`。",
    ),
    "contract.contradiction": (
        "Two rules of the contract cannot both be kept: {first!r} ({first_where}) and {second!r} "
        "({second_where}): {reason}. Expected rules that some table can keep. Correct or remove "
        "one of them.",
        "数据契约中有两条规则无法同时成立：{first!r}（{first_where}）与 {second!r}"
        "（{second_where}）：{reason}。应至少有一张表能同时满足。请修改或删去其中一条。",
    ),
    "contract.against_limits": (
        "no value is at least {low} and at most {high}",
        "没有哪个值既不小于 {low} 又不大于 {high}",
    ),
    "contract.against_order": (
        "no two values are ordered both ways",
        "两个值不可能同时满足两种大小关系",
    ),
    "contract.against_columns": (
        "the table may not have column {column!r}",
        "表中不允许有列 {column!r}",
    ),
    "contract.against_forbidden": (
        "the value {value!r} is both allowed and forbidden",
        "值 {value!r} 既被允许又被禁止",
    ),
    "contract.against_missing": (
        "one allows no missing value, the other a share of {share}; make `not_null` a warning, or "
        "remove one",
        "一条不允许缺失，另一条允许 {share} 的比例缺失；请把 `not_null` 改为 warn，或删去一条",
    ),
    "contract.against_unique": (
        "values that are unique cannot stand in {rows} rows each",
        "取值唯一的列，每个值不可能出现在 {rows} 行中",
    ),
    "contract.against_share": (
        "one of {levels} values must have a larger share",
        "只有 {levels} 种取值时，必有一种所占比例更大",
    ),
    "contract.against_distinct": (
        "only {levels} values are allowed",
        "只允许 {levels} 种取值",
    ),
    "contract.against_type": (
        "the column must hold {type}, and the other rule reads numbers",
        "该列须为 {type}，而另一条规则要求是数字或另一种类型",
    ),
    "contract.against_levels": (
        "none of the allowed values keeps the other rule",
        "允许的取值没有一个符合另一条规则",
    ),
    "contract.against_rows": (
        "there cannot be {rows} rows",
        "不可能有 {rows} 行",
    ),
    "contract.not_a_rule": ("it is not a rule", "这不是规则"),
    "contract.unknown_severity": ("unknown severity", "未知的严重级别"),
    "contract.not_one_rule": (
        "it names more or less than one rule",
        "应恰好写一种规则",
    ),
    "contract.unknown_rule": ("unknown rule", "没有这种规则"),
    "contract.expects_rule": (
        "one of those that `lingqu list rules` names, such as {near}",
        "`lingqu list rules` 所列的规则之一，如 {near}",
    ),
    "contract.no_options": ("`{kind}` has no options", "`{kind}` 没有写选项"),
    "contract.names_not_text": ("column names must be text", "列名必须是文字"),
    "contract.wrong_shape": ("`{kind}` is about {shape}", "`{kind}` 针对的是{shape}"),
    "contract.shape_column": ("column", "一列"),
    "contract.shape_columns": ("columns", "若干列"),
    "contract.shape_table": ("table", "整张表"),
    "contract.not_a_comparison": ("it is not a comparison", "这不是比较"),
    "contract.no_expression": ("`expression` has no text", "`expression` 没有写内容"),
    "contract.id_twice": ("the id is used twice", "编号重复"),
    "contract.expects_unique_id": ("a unique `id`", "不重复的 `id`"),
    "contract.bad_mostly": (
        "`mostly` is not a share of the rows",
        "`mostly` 不是行数的比例",
    ),
    "contract.no_mostly": (
        "`{kind}` is about the table and takes no `mostly`",
        "`{kind}` 针对整张表，不能写 `mostly`",
    ),
    "contract.no_such_option": (
        "`{kind}` has no option `{option}`",
        "`{kind}` 没有选项 `{option}`",
    ),
    "contract.wrong_type": (
        "option `{option}` of `{kind}` is of a wrong type",
        "`{kind}` 的选项 `{option}` 类型不对",
    ),
    "contract.lacks_option": ("`{kind}` lacks an option", "`{kind}` 缺少选项"),
    "contract.not_finite": ("a number is not finite", "数值不是有限数"),
    "contract.mixed_limits": (
        "min and max are of different types",
        "min 与 max 的类型不同",
    ),
    "contract.min_above_max": ("min is above max", "下限大于上限"),
    "contract.bad_share": ("a share lies outside 0 to 1", "比例不在 0 到 1 之间"),
    "contract.below_zero": ("a number is not positive", "数值不是正数"),
    "contract.bad_step": ("the step is not positive", "步长不是正数"),
    "contract.unknown_type": ("unknown type", "未知的类型"),
    "contract.unknown_comparison": ("unknown comparison", "未知的比较符"),
    "contract.unknown_format": ("unknown format", "未知的格式"),
    "contract.unknown_method": ("unknown method", "未知的方法"),
    "contract.empty_list": (
        "the list is empty, or holds what is no text",
        "列表为空，或含有不是文字的内容",
    ),
    "contract.bad_pattern": (
        "the pattern cannot be read ({cause})",
        "无法读懂该模式（{cause}）",
    ),
    "contract.not_a_date": ("it is not an ISO date", "不是 ISO 日期"),
    "contract.bad_cadence": ("it is not a length of time", "不是时间长度"),
    "contract.bad_correlation": (
        "a correlation lies outside -1 to 1",
        "相关系数不在 -1 到 1 之间",
    ),
    "contract.bad_shares": ("the shares do not sum to 1", "各比例之和不为 1"),
    "contract.bad_summary": (
        "the summary is neither of bins nor of levels",
        "摘要既不是分箱也不是取值",
    ),
    "contract.needs_two": ("`{kind}` compares two columns", "`{kind}` 比较的是两列"),
    "contract.bad_expression": (
        "The expression {text!r} cannot be read at character {place}. Expected {expected}; "
        "received {received!r}. Write, for example, `total == price * quantity`.",
        "表达式 {text!r} 在第 {place} 个字符处无法读懂。应为 {expected}；收到 {received!r}。"
        "例如可以写 `total == price * quantity`。",
    ),
    # A file of rules
    "contract.file_absent": (
        "The contract {file!r} cannot be read: {problem}. Expected a YAML file of rules, its path "
        "relative to the channel file. Draft one with `lingqu init DATA --contract`.",
        "数据契约 {file!r} 无法读取：{problem}。应为规则的 YAML 文件，路径相对于渠道文件。"
        "可用 `lingqu init DATA --contract` 起草一份。",
    ),
    "contract.file_form": (
        "The contract {file!r} holds no list of rules. Expected `- {{range: {{column: age, min: "
        "0}}}}` on lines of their own, or such a list under `rules`; received {received!r}.",
        "数据契约 {file!r} 中没有规则列表。应逐行写 `- {{range: {{column: age, min: 0}}}}`，"
        "或把这样的列表写在 `rules` 之下；收到 {received!r}。",
    ),
    "contract.not_pandera": (
        "The file {file!r} is no pandera schema: {problem}. Expected YAML or JSON that pandera "
        "wrote. Write it again with `schema.to_yaml()`.",
        "文件 {file!r} 不是 pandera 模式：{problem}。应为 pandera 写出的 YAML 或 JSON。"
        "请用 `schema.to_yaml()` 重新写出。",
    ),
    "contract.not_a_suite": (
        "This is no suite of Great Expectations: {problem}. Expected `name` and a list of "
        "`expectations`, each with `type` and `kwargs`; received {received!r}. Save the suite "
        "again with `suite.to_json_dict()`.",
        "这不是 Great Expectations 的期望套件：{problem}。应有 `name` 和 `expectations` 列表，"
        "其中每项含 `type` 与 `kwargs`；收到 {received!r}。请用 `suite.to_json_dict()` 重新保存。",
    ),
    "contract.marked": ("contract: {rule}", "违反数据契约：{rule}"),
    # Why a rule is unknown
    "contract.no_column": ("the table has no column {column!r}", "表中没有列 {column!r}"),
    "contract.no_now": (
        "it compares with today, and `as_of` was not given",
        "它要与当前时间比较，而没有给出 `as_of`",
    ),
    "contract.needs_numbers": (
        "it needs numbers, and {column!r} holds {dtype}",
        "它需要数字，而 {column!r} 的类型是 {dtype}",
    ),
    "contract.needs_text": (
        "it needs text, and {column!r} holds {dtype}",
        "它需要文字，而 {column!r} 的类型是 {dtype}",
    ),
    "contract.needs_dates": (
        "it needs dates, and {column!r} holds {dtype}",
        "它需要日期，而 {column!r} 的类型是 {dtype}",
    ),
    "contract.needs_lists": (
        "it needs lists or bytes, and {column!r} holds {dtype}",
        "它需要列表或字节，而 {column!r} 的类型是 {dtype}",
    ),
    "contract.needs_media": (
        "it needs paths or bytes of files, and {column!r} holds {dtype}",
        "它需要文件的路径或字节，而 {column!r} 的类型是 {dtype}",
    ),
    "contract.not_listed": (
        "{column!r} holds {dtype}, which cannot be listed",
        "{column!r} 的类型是 {dtype}，无法逐一列举",
    ),
    "contract.not_comparable": (
        "{columns} hold {families}, which cannot be compared",
        "{columns} 的类型是 {families}，无法比较",
    ),
    "contract.not_boolean": (
        "{text!r} is {dtype}, and neither true nor false",
        "{text!r} 的结果是 {dtype}，不是真假值",
    ),
    "contract.not_iso": (
        "{written} is not an ISO date, such as 2026-01-31",
        "{written} 不是 ISO 日期（如 2026-01-31）",
    ),
    "contract.no_file": (
        "columns {columns} of {file!r} cannot be read",
        "无法读取 {file!r} 中的列 {columns}",
    ),
    "contract.uneven_keys": (
        "{columns} and {keys} are not as many",
        "{columns} 与 {keys} 的列数不同",
    ),
    "contract.empty_reference": (
        "column {column!r} of the reference has no value to compare with",
        "参照数据的列 {column!r} 没有可比较的值",
    ),
    "contract.no_value": (
        "there is no value to judge",
        "没有可以评判的值",
    ),
    "contract.no_language": (
        "the detector knows no language {codes!r}",
        "识别器不认识语言 {codes!r}",
    ),
    "contract.no_package": (
        'the package {package!r} is not installed: pip install "lingqu[{extra}]"',
        '没有安装软件包 {package!r}：pip install "lingqu[{extra}]"',
    ),
    "contract.engine": ("the engine refuses it: {problem}", "计算引擎拒绝执行：{problem}"),
    # Why a rule was drafted
    "contract.why_rows": (
        "a table without rows is a broken delivery",
        "没有行的表是一次失败的交付",
    ),
    "contract.why_finite": (
        "no learner can read infinity or NaN",
        "学习算法读不了无穷大和 NaN",
    ),
    "contract.why_range": (
        "seen from {low} to {high}; there is room on both sides",
        "所见范围为 {low} 到 {high}，两侧留有余地",
    ),
    "contract.why_positive": (
        "the smallest value seen is {low}",
        "所见最小值为 {low}",
    ),
    "contract.why_whole": ("every value seen is a whole number", "所见的值都是整数"),
    "contract.why_levels": ("{count} values were seen", "共见到 {count} 种取值"),
    "contract.why_not_blank": (
        "text of blanks only says nothing",
        "只有空格的文字没有意义",
    ),
    "contract.why_length": (
        "the longest text seen has {longest} characters; twice that is allowed",
        "所见最长的文字有 {longest} 个字符，允许到两倍",
    ),
    "contract.why_format": (
        "every text seen is of the format {form}",
        "所见的文字都符合格式 {form}",
    ),
    "contract.why_id": ("the column names the rows", "该列用来标识每一行"),
    "contract.why_key": (
        "no two rows share {one} and {other}",
        "没有两行的 {one} 与 {other} 都相同",
    ),
    "contract.why_target": (
        "a row without the target cannot be learnt from",
        "没有目标值的行无法用于学习",
    ),
    "contract.why_not_null": ("no value was missing", "没有缺失值"),
    "contract.why_some_missing": ("some values were missing", "有些值缺失"),
    "contract.why_missing": (
        "{share} of the values were missing (95 % interval {low} to {high})",
        "缺失比例为 {share}（95% 区间 {low} 到 {high}）",
    ),
    "contract.why_dates": (
        "dates were seen from {low} to {high}",
        "所见日期为 {low} 到 {high}",
    ),
    "contract.why_past": (
        "no date lies in the future",
        "没有未来的日期",
    ),
    "contract.why_sorted": ("the rows stand in order of time", "各行按时间先后排列"),
    "contract.why_shares": (
        "the classes were seen in these shares; if they shift, something changed",
        "各类别的比例如此；若有偏移，必有变化",
    ),
    "contract.why_order": (
        "this held in all {rows} rows that have both",
        "在两列都有值的 {rows} 行中全部成立",
    ),
    "contract.why_sum": (
        "{whole} is the sum of these columns in every row seen",
        "在所见的每一行中，{whole} 都是这些列之和",
    ),
    "contract.why_product": (
        "{whole} is the product of two columns in every row seen",
        "在所见的每一行中，{whole} 都是两列之积",
    ),
    "contract.why_depends": (
        "the same {one} always came with the same {other}",
        "相同的 {one} 总是对应相同的 {other}",
    ),
    "contract.draft_head": (
        "Drafted from {rows} rows of {source}. Read it, sharpen it, keep it.",
        "根据 {source} 的 {rows} 行起草。请阅读、修改并保留。",
    ),
    "contract.draft_rules": (
        "Rules without `severity: warn` stop a release when they fail.",
        "没有写 `severity: warn` 的规则一旦不成立，就会阻止发布。",
    ),
}
