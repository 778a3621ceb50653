"""Words of the task generate: rows and pictures that are made."""

MESSAGES: dict[str, tuple[str, str]] = {
    "generate.reason_seed": (
        "a row is made from this whole number; who leaves it out gets one that is drawn",
        "由这个整数生成一行；不给出时随机抽取一个",
    ),
    "generate.reason_asked": (
        "what the row shall be of; drawn by its share where it is left out",
        "要生成哪一类；不给出时按占比抽取",
    ),
    "generate.target_seed": (
        "`train.target` is {target!r}, and that is the name of the number from which each row is "
        "made. Expected another name: rename the column in the data, or leave the target out; "
        "then run `lingqu plan`.",
        "`train.target` 是 {target!r}，而这正是用来生成每一行的那个数的名字。"
        "请在数据中改用别的列名，或省略 target；然后运行 `lingqu plan`。",
    ),
    "generate.bad_seed": (
        "Row {row}: `seed` is {received!r}. Expected a whole number from 0 to 2^53 − 1, such as 7; "
        "leave it out and one is drawn. Correct the row, then run `lingqu call` again.",
        "第 {row} 行：`seed` 是 {received!r}。应为 0 到 2^53 − 1 之间的整数，例如 7；"
        "不写则随机抽取。请改正后重新运行 `lingqu call`。",
    ),
    "generate.unknown_class": (
        "Row {row} asks for {column} = {received!r}, of which nothing was learned. Known: "
        "{expected}. Ask for one of these, or leave {column!r} out; then run `lingqu call` again.",
        "第 {row} 行要求 {column} = {received!r}，但训练数据中没有它。已知的取值：{expected}。"
        "请改用其中之一，或不写 {column!r}；然后重新运行 `lingqu call`。",
    ),
    "generate.kinds": (
        "`task: generate` makes tables of the kinds {expected}, or one picture a row; it cannot "
        "make {columns}. Leave them out with `data: {{source: …, drop: [{drop}]}}`, or give them "
        "another kind in `data.kinds`; then run `lingqu plan`.",
        "`task: generate` 生成的表格只含 {expected} 类列，或每行一幅图像；无法生成 {columns}。"
        "请写 `data: {{source: …, drop: [{drop}]}}` 去掉它们，或在 `data.kinds` 中改换种类；"
        "然后运行 `lingqu plan`。",
    ),
    "generate.mixed": (
        "`task: generate` makes pictures or tables, and these rows are both: the pictures "
        "{pictures} and the columns {columns}. Leave one side out with `data.drop`, then run "
        "`lingqu plan`.",
        "`task: generate` 生成图像或表格，而这些数据两者都有：图像列 {pictures}，其他列 {columns}。"
        "请用 `data.drop` 去掉一边，然后运行 `lingqu plan`。",
    ),
    "generate.other_metric": (
        "`train.metric` is {metric!r}, which cannot say which learner makes the likest rows. "
        "Expected one of: {expected}. Correct the channel file, then run `lingqu plan`.",
        "`train.metric` 是 {metric!r}，它不能说明哪种算法生成的行最像真实数据。可用：{expected}。"
        "请改正渠道文件，然后运行 `lingqu plan`。",
    ),
    "generate.too_few": (
        "There are {rows} training rows. Expected {expected} or more: of fewer, rows that are made "
        "would be copies. Add rows, then run `lingqu run`.",
        "训练数据只有 {rows} 行，至少需要 {expected} 行：再少，生成的就只是副本。"
        "请补充数据，然后运行 `lingqu run`。",
    ),
    "generate.collapsed": (
        "The rows that {name} makes are all alike, also from another seed. Try another algorithm: "
        "`train: {{algorithm: {expected}}}`, or a longer budget; then run `lingqu run`.",
        "{name} 生成的行都一样，换随机种子后仍是如此。请换算法："
        "`train: {{algorithm: {expected}}}`，或加长 budget；然后运行 `lingqu run`。",
    ),
    "generate.note_collapsed": (
        "{name}: the rows of the first fit were all alike; it was begun again from another seed.",
        "{name}：第一次训练后生成的行都一样，已换随机种子重新训练。",
    ),
    "generate.note_held": (
        "{rows} training rows were held out; made rows were compared with them by {metric}. Test "
        "rows took no part.",
        "留出 {rows} 行训练数据，用 {metric} 与生成的行比较；测试数据未参与。",
    ),
    "generate.note_few": (
        "Too few rows to learn from, fewer than {least}: {classes}. What is made of them is hardly "
        "more than those rows again.",
        "少于 {least} 行、不足以学习的类别：{classes}。对它们生成的内容与原来几行相差无几。",
    ),
    "generate.why_metric": (
        "which learner makes the likest rows, by this score on held-out training rows",
        "用留出训练数据上的这一指标，判断哪种算法生成的行最像",
    ),
    "generate.why_asked": (
        "rows are made of all: name a target to ask for rows of a class",
        "不加指定地生成；写明 target 后可按类别生成",
    ),
    "generate.why_made": (
        "columns that are learned and made",
        "学习并生成的列",
    ),
    "generate.too_many": (
        "{received:,} rows were asked for; at most {limit:,} are made by one command. Ask for "
        "fewer, or several times with other `--seed`s: `lingqu call {channel} --n {limit}`.",
        "要求生成 {received:,} 行；一条命令最多生成 {limit:,} 行。请减少数量，或换 `--seed` "
        "分多次：`lingqu call {channel} --n {limit}`。",
    ),
    "generate.not_made": (
        "Channel {channel!r} makes no rows: its task is {task}. `--n` and `--where` are for "
        "`task: generate`; send rows instead: `lingqu call {channel} rows.json`.",
        "渠道 {channel!r} 不生成数据：其任务是 {task}。`--n` 与 `--where` 只用于 "
        "`task: generate`；请改为送入数据：`lingqu call {channel} rows.json`。",
    ),
    "generate.bad_where": (
        "`--where {received}` is not understood. Expected {expected}, such as "
        "`--where {example}`; then run the command again.",
        "无法理解 `--where {received}`。应为 {expected}，例如 `--where {example}`；"
        "然后重新运行命令。",
    ),
    "generate.bad_out": (
        "{path!r} is no place for these: expected {expected}. Name one after `--out`.",
        "{path!r} 不能存放这些内容：应为 {expected}。请在 `--out` 后写明。",
    ),
    "generate.not_written": (
        "{path!r} could not be written: {problem}. Name another place after `--out`.",
        "无法写入 {path!r}：{problem}。请在 `--out` 后写别的位置。",
    ),
    "generate.same_again": ("The same again: --seed {seed}", "再次得到同样的结果：--seed {seed}"),
    "generate.more_made": (
        "{shown} of {count:,}; all of them with --out rows.csv or --json",
        "显示 {count:,} 行中的 {shown} 行；用 --out rows.csv 或 --json 得到全部",
    ),
    "generate.wrote_rows": ("{rows:,} made rows in {path}", "{rows:,} 行生成的数据写入 {path}"),
    "generate.wrote_pictures": (
        "{rows:,} made pictures in {path}",
        "{rows:,} 幅生成的图像写入 {path}",
    ),
    "generate.no_made": ("nothing was made to be judged", "没有可评判的生成内容"),
    "generate.few_judged": (
        "{rows} rows are too few to tell made rows from real ones",
        "{rows} 行太少，无法区分生成与真实数据",
    ),
    "generate.no_near": (
        "real test rows are as far from training rows as made ones: 0",
        "真实测试数据到训练数据的距离为 0",
    ),
    "generate.advice_copies": (
        "More of the made rows repeat a training row than fresh real rows do. Raise `min_leaf`, "
        "set `between: 0.5`, or take `table_vae`: `train: {{algorithm: table_vae}}`.",
        "与训练数据完全相同的生成行多于新的真实数据。请增大 `min_leaf`、设 `between: 0.5`，"
        "或改用 `table_vae`：`train: {{algorithm: table_vae}}`。",
    ),
    "generate.advice_near": (
        "Made rows lie nearer to training rows than fresh real rows do: some may be remembered. "
        "Raise `min_leaf`, or take `table_vae`.",
        "生成的行比新的真实数据更接近训练数据：可能记住了其中一些。请增大 `min_leaf`，"
        "或改用 `table_vae`。",
    ),
    "generate.advice_variety": (
        "Made rows are less various than real ones. Give more `budget`, or take another algorithm.",
        "生成的行不如真实数据多样。请加长 `budget`，或换一种算法。",
    ),
    "generate.docs": (
        "a made row or picture, and the seed from which it can be made again",
        "一行生成的数据或一幅图像，以及可据以再次生成它的种子",
    ),
    "generate.lead": (
        "Made from chance, beside real test rows. How like they are is what the measures say; "
        "copies and nearest rows tell whether something of a person was kept.",
        "由随机数生成，与真实测试数据并列。像不像由各项指标说明；"
        "副本与最近的行说明是否保留了某个人的信息。",
    ),
    "generate.legend": (
        "Of each pair of bars the upper, pale one is the share of real rows, the lower one of made "
        "rows.",
        "每对条形中，上方浅色为真实数据占比，下方为生成数据占比。",
    ),
    "generate.missing_shares": (
        "Missing: {real} of real rows, {made} of made ones.",
        "缺失：真实数据 {real}，生成数据 {made}。",
    ),
    "generate.grid_real": ("Real test pictures", "真实的测试图像"),
    "generate.grid_made": ("Made pictures", "生成的图像"),
    "generate.grid_between": (
        "From one made picture to another: the noise moves step by step along each line",
        "从一幅生成图像到另一幅：每行沿噪声逐步移动",
    ),
    "generate.column_caption": (
        "{name}: shares of real and of made rows",
        "{name}：真实与生成数据中的占比",
    ),
    "generate.rows_caption": ("{count} made rows", "{count} 行生成的数据"),
}
