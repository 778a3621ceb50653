"""Words of the nets that make pictures, and of the operator that adds made rows."""

MESSAGES: dict[str, tuple[str, str]] = {
    "made.no_label": (
        "The label {column!r} of the pictures is a {received}. Expected a category or yes and no: "
        "write `data: {{kinds: {{{column}: category}}}}`, or leave `target` out; then run "
        "`lingqu plan`.",
        "图像的标签列 {column!r} 是 {received}；应为类别或是非。请写 `data: {{kinds: {{{column}: "
        "category}}}}`，或不写 `target`，然后运行 `lingqu plan`。",
    ),
    "made.one_picture": (
        "This learner makes pictures, and the features are {received}. Expected one column of "
        "pictures and none beside it. Leave the others out by `data: {{drop: […]}}`, then run "
        "`lingqu plan`.",
        "该算法生成图像，而特征列是 {received}。应只有一列图像。请用 `data: {{drop: […]}}` "
        "去掉其余列，然后运行 `lingqu plan`。",
    ),
    "made.few_pictures": (
        "There are {rows} pictures to learn from. Expected {least} or more. Add rows, then run "
        "`lingqu run`.",
        "可供学习的图像只有 {rows} 幅；至少应有 {least} 幅。请增加数据，然后运行 `lingqu run`。",
    ),
    "made.large_picture": (
        "The pictures have {height} × {width} pixels. Expected sides of {least} to {most}: these "
        "nets are small. Make them smaller (`govern: [{{resize: …}}]`), then run `lingqu plan`.",
        "图像大小为 {height} × {width} 像素；边长应在 {least} 到 {most} 之间：这些网络很小。"
        "请缩小图像（`govern: [{{resize: …}}]`），然后运行 `lingqu plan`。",
    ),
    "made.restarted": (
        "The training collapsed (all pictures alike: their spread was {variety} of the real one) "
        "and was started once more with another seed.",
        "训练坍缩（所有图像几乎一样：其离散度只有真实图像的 {variety}），已换一个种子重来一次。",
    ),
    "made.collapsed": (
        "It collapsed again: the pictures it makes vary {variety} as much as the real ones. Try "
        "another algorithm, a smaller `learning_rate`, or more rows.",
        "重来后再次坍缩：生成图像的离散度只有真实图像的 {variety}。可换一种算法、调小 "
        "`learning_rate`，或增加数据。",
    ),
    "made.advice_copies": (
        "Some of the made pictures are training pictures, or nearly. Take fewer `epochs` or more "
        "rows, or another algorithm: `train: {{algorithm: picture_vae}}`.",
        "部分生成图像就是训练图像或与之几乎相同。请减少 `epochs`、增加数据，或改用别的算法："
        "`train: {{algorithm: picture_vae}}`。",
    ),
    "made.advice_variety": (
        "Made pictures of one label hardly differ. Take a longer budget or another algorithm: "
        "`train: {{algorithm: picture_vae}}`.",
        "同一标签的生成图像几乎没有差别。请加长 budget，或改用别的算法："
        "`train: {{algorithm: picture_vae}}`。",
    ),
    "made.expects_maker": (
        "an algorithm of `task: generate`, such as sequential_trees",
        "`task: generate` 的算法，例如 sequential_trees",
    ),
    "made.nothing_made": (
        "`{operator}` makes numbers, categories, booleans, dates, or a picture that stands alone; "
        "no feature is of these kinds. Write `{{balance: over}}` instead, then run `lingqu plan`.",
        "`{operator}` 可生成数值、类别、布尔、日期，或单独一列图像；特征中没有这些类型。"
        "请改用 `{{balance: over}}`，然后运行 `lingqu plan`。",
    ),
    "made.left": (
        "classes with fewer than {least} rows are left as they are: {labels}",
        "不足 {least} 行的类别保持原样：{labels}",
    ),
}
