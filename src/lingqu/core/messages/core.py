"""Messages of `lingqu.core`: the channel file, rules, units and the catalogue of pieces."""

MESSAGES: dict[str, tuple[str, str]] = {
    "core.bad_unit": (
        "{value!r} is not a quantity. Expected a number with one of these units: {expected}.",
        "{value!r} 不是一个量。应为数字加下列单位之一：{expected}。",
    ),
    "core.bad_quota": (
        "{value!r} is not a quota. Expected limits such as `600/min`, `20000 rows/day`, "
        "`1e6 tokens/month` or `50 EUR/month`, with commas between them, one for each measure and "
        "period (s, min, h, d, month).",
        "{value!r} 不是配额。应为 `600/min`、`20000 rows/day`、`1e6 tokens/month` 或 "
        "`50 EUR/month` 这样的上限，用逗号分隔，每种计量与周期（s、min、h、d、month）只写一个。",
    ),
    "core.bad_amount": (
        "{value!r} is out of range. Expected {expected}.",
        "{value!r} 超出范围。应为 {expected}。",
    ),
    "core.unknown_piece": (
        "{where} names {name!r}, which is not among the {family}. Near names: {near}. "
        "See `lingqu list {family}`.",
        "{where}写了 {name!r}，{family} 里没有这一项。相近的名字：{near}。"
        "请看 `lingqu list {family}`。",
    ),
    "core.bad_option": (
        "{where}: {name!r} refuses option {option!r}: {problem}. Expected {expected}; "
        "received {received!r}. See `lingqu show {family} {name}`.",
        "{where}：{name!r} 不接受选项 {option!r}：{problem}。应为{expected}；"
        "收到 {received!r}。请看 `lingqu show {family} {name}`。",
    ),
    "core.missing_extra": (
        "{name!r} needs the Python package {package!r}, which is not installed. "
        'Run `pip install "lingqu[{extra}]"`.',
        '{name!r} 需要 Python 包 {package!r}，尚未安装。请运行 `pip install "lingqu[{extra}]"`。',
    ),
    "core.where_line": ("`{path}` ({file} line {line})", "`{path}`（{file} 第 {line} 行）"),
    "core.where_section": ("`{path}` ({file})", "`{path}`（文件 {file}）"),
    "core.where_file": ("{file}", "文件 `{file}`"),
    "core.either": ("{english}", "{chinese}"),
    "core.and": ("{said}; {more}", "{said}；{more}"),
    "core.at": ("{where}: {problem}", "{where}：{problem}"),
    "core.problems": (
        "{first}\n{count} more in {file}:\n{others}",
        "{first}\n{file} 中还有 {count} 处：\n{others}",
    ),
    "core.unknown_key": (
        "{where} is an unknown key: {name!r}. Near names: {near}. "
        "See `lingqu schema` for every key.",
        "{where}写了未知的键 {name!r}。相近的名字：{near}。全部的键请看 `lingqu schema`。",
    ),
    "core.missing_key": (
        "{where} lacks `{name}`. {description} See `lingqu schema`.",
        "{where}缺少 `{name}`。{description}请看 `lingqu schema`。",
    ),
    "core.wrong_value": (
        "{where}: expected {expected}; received {received}. See `lingqu schema`.",
        "{where}：应为{expected}；收到 {received}。请看 `lingqu schema`。",
    ),
    "core.expects_text": ("text", "文字"),
    "core.expects_whole": ("a whole number", "整数"),
    "core.expects_number": ("a number", "数字"),
    "core.expects_list": ("a list, such as `[a, b]`", "列表，如 `[a, b]`"),
    "core.expects_mapping": ("keys with values, such as `{{a: 1}}`", "键和值，如 `{{a: 1}}`"),
    "core.expects_piece": (
        "`name`, `{{name: value}}` or `{{name: {{option: value}}}}`",
        "以下写法之一：`name`、`{{name: value}}`、`{{name: {{option: value}}}}`",
    ),
    "core.expects_boolean": ("`true` or `false`", "`true` 或 `false`"),
    "core.expects_something": ("a value for this option", "给这个选项写一个值"),
    "core.expects_no_options": ("no options", "不带选项"),
    "core.option_unknown": ("it has no such option", "没有这个选项"),
    "core.option_bare": ("it takes no bare value", "不接受单独的值"),
    "core.option_wrong": ("the value does not fit", "值不合适"),
    "core.expects_choice": ("one of {choices}", "下列之一：{choices}"),
    "core.no_horizon": (
        "A forecast needs `horizon`, the steps ahead, such as "
        "`train: {{task: forecast, target: sales, horizon: 14}}`.",
        "预测任务需要写明 `horizon`（向前多少步），例如 "
        "`train: {{task: forecast, target: sales, horizon: 14}}`。",
    ),
    "core.no_target": (
        "`task: {task}` needs `target`, the column to predict. Write "
        "`train: {{task: {task}, target: COLUMN}}`.",
        "`task: {task}` 需要写明 `target`（要预测的列）：`train: {{task: {task}, target: 列名}}`。",
    ),
    "core.only_flag": (
        "`{option}` belongs to `task: flag`; the task here is {task!r}. Leave it out.",
        "`{option}` 只用于 `task: flag`；这里的任务是 {task!r}。请去掉它。",
    ),
    "core.not_flag": (
        "`{option}` has no meaning for `task: flag`: learners are compared by average precision "
        "where labels are, and `rate` or the labels set the threshold. Leave it out.",
        "`{option}` 对 `task: flag` 没有意义：有标签时按平均精确率比较各学习器，"
        "阈值由 `rate` 或标签决定。请去掉它。",
    ),
    "core.only_forecast": (
        "`{option}` belongs to `task: forecast`; the task here is {task!r}. Leave it out.",
        "`{option}` 只用于 `task: forecast`；这里的任务是 {task!r}。请去掉它。",
    ),
    "core.bad_group": (
        "`group` is {received!r}. Expected the name of a column, or a list of names such as "
        "`group: [region, store]`.",
        "`group` 为 {received!r}。应为一个列名，或列名的列表，例如 `group: [region, store]`。",
    ),
    "core.one_group": (
        "`data.group` names several columns: {received}. Several columns name the series of a "
        "forecast; `task: {task}` takes one column. Join them into one column, or keep one.",
        "`data.group` 写了多列：{received}。多列只用于标识预测的序列；`task: {task}` 只接受一列。"
        "请把它们并成一列，或只保留一列。",
    ),
    "core.hierarchy_column": (
        "`train.hierarchy` names {received!r}. Expected columns of `data.group`: {expected}. "
        "Sums are made over the series of these columns, from the largest part to the smallest.",
        "`train.hierarchy` 写了 {received!r}。应为 `data.group` 中的列：{expected}。"
        "汇总按这些列进行，由大到小排列。",
    ),
    "core.hierarchy_names": (
        "`train.hierarchy` is {received}. Expected each column once, and none called `total` or "
        "`series`: these are names of levels.",
        "`train.hierarchy` 为 {received}。每列只应出现一次，且不能叫 `total` 或 `series`："
        "它们是层级的名称。",
    ),
    "core.bad_quantiles": (
        "`train.quantiles` is {received}. Expected numbers between 0 and 1, each once, such as "
        "`quantiles: [0.1, 0.5, 0.9]`.",
        "`train.quantiles` 为 {received}。应为 0 与 1 之间的数，各不相同，例如 "
        "`quantiles: [0.1, 0.5, 0.9]`。",
    ),
    "core.unknown_task": (
        "{task!r} is not a task. Near names: {near}. Tasks that work: {works}.",
        "{task!r} 不是任务。相近的名字：{near}。可用的任务：{works}。",
    ),
    "core.small_budget": (
        "A budget of {received:g} s is too small to train anything. Expected at least 1 s, such as "
        "`budget: 60 s`.",
        "{received:g} s 的预算不够训练任何模型。至少 1 s，如 `budget: 60 s`。",
    ),
    "core.small_memory": (
        "{received} bytes of memory are too few for any candidate. Expected at least 100 MB, such "
        "as `memory: 2 GB`.",
        "{received} 字节内存不够任何候选模型使用。至少 100 MB，如 `memory: 2 GB`。",
    ),
    "core.split_column": (
        "`split: {split}` needs the column. Add `{split}: <column>` beside it.",
        "`split: {split}` 需要指明列。请在旁边加上 `{split}: <列名>`。",
    ),
    "core.missing_facts": (
        "this channel requires facts of its data that are not declared: {missing}. Expected each "
        "beside `source`. Write `{first}: …` under `data`, then run `lingqu plan`.",
        "该渠道要求声明数据的事实，但缺少：{missing}。应在 `source` 旁逐一写明。"
        "请在 `data` 下写 `{first}: …`，然后运行 `lingqu plan`。",
    ),
    "core.bad_retention": (
        "{received!r} is no length of time. Expected such as {expected}, or words that do not "
        "begin with a number. Correct it, then run `lingqu plan`.",
        "{received!r} 不是一段时间。应写成如 {expected}，或不以数字开头的文字说明。"
        "请改正后运行 `lingqu plan`。",
    ),
    "core.column_twice": (
        "Column {column!r} is declared for two uses that exclude each other. Keep one of them.",
        "列 {column!r} 被声明为两种互相排斥的用途。请只保留一种。",
    ),
    "core.target_used": (
        "`train.target` is {target!r}, which `{use}` uses as well. Take it out of one of them.",
        "`train.target` 是 {target!r}，而 `{use}` 也用了它。请从其中一处去掉。",
    ),
    "core.channel_name": (
        "{received!r} cannot be the name of a channel. Expected 1 to 64 letters, digits, `_`, `-` "
        "or `.`, not beginning with `-` or `.`.",
        "{received!r} 不能作渠道的名字。应为 1 到 64 个文字、数字、`_`、`-` 或 `.`，"
        "且不以 `-` 或 `.` 开头。",
    ),
    "core.bad_route": (
        "{received!r} is not a route. Expected `canary 10%`, with a share between 0 % and 100 %, "
        "`shadow`, or `shadow 20%`.",
        "{received!r} 不是路由。应为 `canary 10%`（比例在 0 % 与 100 % 之间）、`shadow` 或 "
        "`shadow 20%`。",
    ),
    "core.empty_channel": (
        "{file} is empty. Expected the keys `channel`, `data` and `train`. Run "
        "`lingqu init <data> --predict <column>` to draft one.",
        "{file} 是空的。应有 `channel`、`data`、`train` 三个键。"
        "请运行 `lingqu init <数据> --predict <列>` 起草一份。",
    ),
    "core.not_a_channel": (
        "{file} is not a channel: expected the keys `channel`, `data` and `train`; received "
        "{received}. Run `lingqu init <data> --predict <column>` to draft one.",
        "{file} 不是渠道文件：应有 `channel`、`data`、`train` 三个键；收到 {received}。"
        "请运行 `lingqu init <数据> --predict <列>` 起草一份。",
    ),
    "core.no_file": (
        "Cannot read the channel file {file!r}: {problem}. Run "
        "`lingqu init <data> --predict <column>` to draft one.",
        "无法读取渠道文件 {file!r}：{problem}。请运行 `lingqu init <数据> --predict <列>` "
        "起草一份。",
    ),
    "core.not_utf8": (
        "{file} is not UTF-8 text: byte {byte} cannot be read. Save the file as UTF-8.",
        "{file} 不是 UTF-8 文本：第 {byte} 字节无法读取。请把文件存为 UTF-8。",
    ),
    "core.bad_yaml": (
        "{file} line {line} is not YAML: {problem}. Expected `key: value` lines, indented by "
        "spaces. See `lingqu schema`.",
        "{file} 第 {line} 行不是 YAML：{problem}。应为用空格缩进的 `key: value`。"
        "请看 `lingqu schema`。",
    ),
    "core.yaml_tab": (
        "{file} line {line} is indented by a tab. Expected spaces: replace the tab by two spaces.",
        "{file} 第 {line} 行用制表符缩进。应为空格：请把制表符换成两个空格。",
    ),
    "core.yaml_deep": (
        "{file} is nested too deeply. Expected a few levels. See `lingqu schema`.",
        "{file} 嵌套过深。应只有几层。请看 `lingqu schema`。",
    ),
    "core.yaml_twice": (
        "{file} line {line} writes the key {received!r} a second time; line {first} has it "
        "already. Keep one of them.",
        "{file} 第 {line} 行重复了键 {received!r}，第 {first} 行已有。请只保留一处。",
    ),
    "core.yaml_anchor": (
        "{file} line {line} uses the anchor {received!r}. Expected plain values: write the value "
        "where it is needed.",
        "{file} 第 {line} 行用了锚点 {received!r}。应为普通的值：请在需要处直接写出。",
    ),
    "core.yaml_key": (
        "{file} line {line} has a key that is empty or not text. Expected `key: value`.",
        "{file} 第 {line} 行的键为空或不是文字。应为 `key: value`。",
    ),
    "core.yaml_number": (
        "{file} line {line}: {received!r} is not a finite number. Write a number, or put it in "
        "quotes if it is text.",
        "{file} 第 {line} 行：{received!r} 不是有限的数。请写数字；若是文字请加引号。",
    ),
    "core.yaml_tag": (
        "{file} line {line} uses the tag {received!r}. Expected plain values without tags.",
        "{file} 第 {line} 行用了标签 {received!r}。应为不带标签的普通值。",
    ),
    "core.bad_rule": (
        "Rule {rule!r}, column {column}: expected {expected}; received {received!r}. A rule reads "
        "`measure(column) >= 0.8 and other < 5%`.",
        "规则 {rule!r} 第 {column} 列：应为 {expected}；收到 {received!r}。"
        "规则的写法：`measure(column) >= 0.8 and other < 5%`。",
    ),
    "core.rule_ends": (
        "Rule {rule!r} ends at column {column}: expected {expected}. A rule reads "
        "`measure(column) >= 0.8 and other < 5%`.",
        "规则 {rule!r} 在第 {column} 列就结束了：应为 {expected}。"
        "规则的写法：`measure(column) >= 0.8 and other < 5%`。",
    ),
    "core.rule_unit": (
        "Rule {rule!r}, column {column}: {measure!r} has no unit in its name, so {unit!r} cannot "
        "be compared with it. Write the bare number, or name a measure that ends in `_ms`, `_s` "
        "or `_mb`.",
        "规则 {rule!r} 第 {column} 列：{measure!r} 的名字不带单位，无法与 {unit!r} 比较。"
        "请只写数字，或改用以 `_ms`、`_s`、`_mb` 结尾的度量。",
    ),
    "core.rule_not_text": (
        "{received!r} is not a rule. Expected text of at most {longest} characters, such as "
        "`roc_auc >= 0.8`.",
        "{received!r} 不是规则。应为至多 {longest} 个字符的文字，如 `roc_auc >= 0.8`。",
    ),
    "core.object_column": (
        "Column {column!r} holds Python objects, which have no digest. Expected numbers, text, "
        "dates, bytes or lists of these. Convert the column before giving the frame.",
        "列 {column!r} 里是 Python 对象，无法计算摘要。应为数字、文字、日期、字节或它们的列表。"
        "请先转换该列再传入。",
    ),
}
