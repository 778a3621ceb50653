"""Words of the task verify: identities, pairs, thresholds."""

MESSAGES: dict[str, tuple[str, str]] = {
    "verify.few": (
        "Column {target!r} names {count} identities. `task: verify` needs at least {expected}: two "
        "to learn from, two to decide on the model, two to judge it. Add rows of others, or give "
        "pairs (columns `x` and `x.other`), then run `lingqu plan`.",
        "列 {target!r} 只有 {count} 个身份。`task: verify` 至少需要 {expected} 个："
        "两个用于学习，两个用于挑选模型，两个用于评判。请补充其他身份的数据，"
        "或直接给出成对数据（列 `x` 与 `x.other`），然后运行 `lingqu plan`。",
    ),
    "verify.all_single": (
        "None of the {count} identities in column {target!r} has two rows ({rows} rows), so "
        "nothing shows what stays the same. Expected identities with several rows: is {target!r} "
        "the column of identities? Then run `lingqu plan`.",
        "列 {target!r} 的 {count} 个身份都只有一行（共 {rows} 行），无从看出什么保持不变。"
        "每个身份应有多行：{target!r} 是标识身份的列吗？然后运行 `lingqu plan`。",
    ),
    "verify.not_with": (
        "`data.{option}: {received}` has no meaning where pairs are made of identities: these keep "
        "rows apart by themselves, and a thing is in several pairs. Leave it out, or give pairs "
        "(columns `x` and `x.other`), then run `lingqu plan`.",
        "由身份组成配对时，`data.{option}: {received}` 没有意义：划分已由身份决定，"
        "且同一条数据会出现在多个配对里。请省略，或直接给出成对数据（列 `x` 与 `x.other`），"
        "然后运行 `lingqu plan`。",
    ),
    "verify.one_side": (
        "These columns are on one side of the pairs only: {columns}. Expected each column twice, "
        "`x` and `x.other`. Add the other side, or name them in `data.drop`, then run "
        "`lingqu plan`.",
        "这些列只在配对的一侧：{columns}。每列应有两份：`x` 与 `x.other`。"
        "请补上另一侧，或写进 `data.drop`，然后运行 `lingqu plan`。",
    ),
    "verify.not_two": (
        "Target {target!r} of the pairs holds {received}. Expected `same` and `different`, or 1 "
        "and 0, true and false, yes and no. Correct it, then run `lingqu plan`.",
        "配对数据的目标列 {target!r} 含有 {received}。应为 `same` 与 `different`，"
        "或 1 与 0、true 与 false、yes 与 no。请改正后运行 `lingqu plan`。",
    ),
    "verify.two_classes": (
        "The pairs have {count} classes ({received}). Expected two: `different` and `same`. Use "
        "`task: classify` for more, then run `lingqu run`.",
        "配对有 {count} 个类别（{received}）。应为两个：`different` 与 `same`。"
        "类别更多时请用 `task: classify`，然后运行 `lingqu run`。",
    ),
    "verify.sides_differ": (
        "The two sides of a pair do not fit: {left!r} is read as {first}, {right!r} as {second}. "
        "Expected the same on both. Where an operator learned them apart, say what it shall use "
        "(such as `log_mel: {{seconds: 2, rate: 8000}}`), then run `lingqu run`.",
        "配对的两侧不一致：{left!r} 读作 {first}，{right!r} 读作 {second}；两侧应相同。"
        "若是算子分别学习所致，请写明取值（例如 `log_mel: {{seconds: 2, rate: 8000}}`），"
        "然后运行 `lingqu run`。",
    ),
    "verify.no_sides": (
        "No column has two sides. Expected `x` and `x.other` for each; received: {received}. An "
        "operator may have dropped or renamed a side: see `lingqu plan`.",
        "没有成对的列。每列应有 `x` 与 `x.other` 两份；收到：{received}。"
        "可能有算子删去或改名了其中一侧：见 `lingqu plan`。",
    ),
    "verify.reason_pairs": (
        "{same} pairs of the same and {different} of different identities, of {rows} rows of "
        "{identities} identities ({single} with one row, in different pairs only)",
        "由 {identities} 个身份的 {rows} 行组成：{same} 对同一身份，{different} 对不同身份"
        "（其中 {single} 个身份只有一行，只用于不同身份的配对）",
    ),
    "verify.reason_given": (
        "pairs as they were given",
        "直接给出的配对",
    ),
    "verify.reason_chain": (
        "pairs that share a thing, or a chain of things, stay on one side",
        "共用同一条数据（或经由其他配对相连）的配对留在同一侧",
    ),
    "verify.reason_part": (
        "both sides of a pair are of one part of the identities; whole parts are set aside",
        "配对的两侧出自同一部分身份；测试与验证都整部分地留出",
    ),
    "verify.note_threshold": (
        "From {threshold:.3f} on a pair counts as the same: there as many others are accepted as "
        "own ones refused, {eer:.2%} of {rows} held-out pairs.",
        "相似概率不低于 {threshold:.3f} 即视为同一身份：此处误接受与误拒绝的比例相等，"
        "在 {rows} 对留出数据上为 {eer:.2%}。",
    ),
}
