"""Messages of `lingqu.govern.privacy` and of the keys it uses."""

MESSAGES: dict[str, tuple[str, str]] = {
    "privacy.no_key": (
        "The key {name!r} that hides personal data is not here. Expected a secret of at least 16 "
        "characters in the environment variable {variable!r}, or the file `secrets/{name}.key` of "
        "the workspace; received one of {received} characters. Set it wherever the release is "
        "used; nothing is "
        "answered without it.",
        "找不到用来遮蔽个人信息的密钥 {name!r}。环境变量 {variable!r} 中应有至少 16 个字符的密钥，"
        "或工作区里应有 "
        "`secrets/{name}.key`；收到的有 {received} 个字符。凡使用该发布包的地方都要设置；没有它就不"
        "作答。",
    ),
    "privacy.wrong_key": (
        "The key {name!r} is another one. Expected the key with fingerprint {expected}; received "
        "{received}. Set the key that the release was made with, or run the channel again.",
        "密钥 {name!r} 不是原来的那一把。应为指纹 {expected} 的密钥；收到 {received}。"
        "请设置制作该发布包时所用的密钥，或重新运行渠道。",
    ),
    "privacy.absent_key": (
        "There is no key {name!r} to delete. Expected the file {path!r}; it does not exist. See "
        "the "
        "folder `secrets` of the workspace.",
        "没有可删除的密钥 {name!r}。应有文件 {path!r}；它不存在。请查看工作区的 `secrets` 目录。",
    ),
    "privacy.key_name": (
        "A key cannot be called {name!r}. Expected letters, digits, `_`, `-` and `.`, at most 64; "
        "received another sign. Choose another `key`.",
        "密钥不能叫 {name!r}。应由字母、数字、`_`、`-`、`.` 组成，至多 64 "
        "个字符；收到其他字符。请换一个 `key`。",
    ),
    "privacy.bad_token": (
        "{token!r} cannot be reversed. Expected a token that `strategy: tokenise` made with this "
        "key; received another text, or a token of another key. Look for the key with the "
        "fingerprint that the release names.",
        "{token!r} 无法还原。应为 `strategy: tokenise` 用这把密钥生成的标记；"
        "收到的是别的文字，或另一把密钥的标记。请查找发布包中所写指纹对应的密钥。",
    ),
    "privacy.bad_ner": (
        "The recogniser {name!r} of `ner` cannot be used: {problem}. Expected "
        "`package.module:function`, a function of a list of texts that returns, for each text, "
        "(kind, start, end). Install the package, or correct the name.",
        "`ner` 所写的识别器 {name!r} 无法使用：{problem}。应写作 `包.模块:函数`，"
        "该函数接收文本列表，"
        "对每段文本返回 (种类, 起点, 终点)。请安装该包，或改正名称。",
    ),
    "privacy.ner_spans": (
        "The recogniser {name!r} of `ner` returned {received!r} for text {row}. Expected a list of "
        "(kind, start, end) with 0 ≤ start < end ≤ {length}, one list for each text. Correct the "
        "recogniser.",
        "`ner` 所写的识别器 {name!r} 对第 {row} 段文本返回了 {received!r}。应为 (种类, 起点, 终点) "
        "的列表，"
        "且 0 ≤ 起点 < 终点 ≤ {length}，每段文本一个列表。请修正识别器。",
    ),
    "privacy.bad_treatment": (
        "`mask` cannot treat {name!r}. Expected a column of the data or a kind of personal data in "
        "`treat`: {expected}. Near names: {near}. See `lingqu show operators mask`.",
        "`mask` 无法处理 {name!r}。`treat` 中应写数据的列名或个人信息的种类：{expected}。相近的名称"
        "：{near}。"
        "请看 `lingqu show operators mask`。",
    ),
    "privacy.no_quasi": (
        "{operator!r} finds no column by which people could be told apart. Expected "
        "`{{{operator}: {{columns: [age, sex, postcode]}}}}`, or protected columns; the data have "
        "neither. Name the columns.",
        "{operator!r} 没有找到可据以区分个人的列。应写作 "
        "`{{{operator}: {{columns: [age, sex, postcode]}}}}`，"
        "或声明受保护列；两者都没有。请写明列名。",
    ),
    "privacy.not_reached": (
        "No generalisation of {columns} puts every row into a group of at least {k}. Expected at "
        "most {allowed} rows left out; {count} would have to be. Lower `k`, raise `suppress`, or "
        "name fewer columns.",
        "无论怎样泛化 {columns}，都无法让每一行落入至少 {k} 行的组。最多可剔除 {allowed} 行；"
        "实际需要剔除 {count} 行。请减小 `k`、增大 `suppress`，或少写几列。",
    ),
    "privacy.suppressed": (
        "generalise: too few rows like this one",
        "generalise：与此行相同的行太少",
    ),
    "privacy.reason_generalise": (
        "generalise: {step}",
        "generalise：泛化为 {step}",
    ),
    "privacy.reason_boxes": (
        "generalise: the range of its group",
        "generalise：泛化为所在组的范围",
    ),
    "privacy.reason_coarse": ("mask: made coarser", "mask：已泛化"),
    "privacy.reason_token": ("mask: tokens", "mask：已换成标记"),
    "privacy.reason_stripped": ("metadata stripped", "已去除元数据"),
    "privacy.unreadable_media": (
        "The picture of column {column!r}, row {row}, cannot be cleaned of its metadata: {why} "
        "Expected a JPEG, PNG, TIFF, WebP or DICOM file; received {received}. Correct the file, or "
        "leave the column out.",
        "列 {column!r} 第 {row} 行的图片无法清除元数据：{why} 应为 JPEG、PNG、TIFF、WebP 或 DICOM "
        "文件；"
        "收到 {received}。请修正文件，或去掉该列。",
    ),
    "privacy.advice_left": (
        "Personal data is left although `mask` was declared: name the column in `columns`, or take "
        "the value out at the source.",
        "虽已声明 `mask`，仍有个人信息残留：请在 `columns` 中写上该列，或在数据源中去掉该值。",
    ),
    "privacy.masked_feature": (
        "the model cannot learn from {column!r}: {effect}",
        "模型无法从 {column!r} 中学习：{effect}",
    ),
    "privacy.effect_mask": ("its values are hidden", "其取值被遮蔽"),
    "privacy.effect_redact": ("its values are replaced", "其取值被替换"),
    "privacy.effect_drop": ("the column is dropped", "该列被删除"),
    "privacy.effect_hash": (
        "only which values are equal is left",
        "只留下哪些取值相同",
    ),
    "privacy.effect_tokenise": (
        "only which values are equal is left",
        "只留下哪些取值相同",
    ),
    "privacy.effect_generalise": ("only coarser values are left", "只留下更粗的取值"),
}
