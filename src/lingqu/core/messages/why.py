"""Messages of why the winner won, and of what more data would give."""

MESSAGES: dict[str, tuple[str, str]] = {
    "why.single": (
        "{names} is released: {metric} {score} ± {error} on {rows} held-out rows.",
        "入选的是 {names}：在 {rows} 行留出数据上 {metric} 为 {score} ± {error}。",
    ),
    "why.average": (
        "An average is released, {names}: {metric} {score} ± {error} on {rows} held-out rows.",
        "入选的是加权平均：{names}；在 {rows} 行留出数据上 {metric} 为 {score} ± {error}。",
    ),
    "why.added": (
        "Averaging is better than its best member, {name}, by {gap} ± {error}.",
        "平均比其中最好的成员 {name} 好 {gap} ± {error}。",
    ),
    "why.added_little": (
        "Averaging differs from its best member, {name}, by {gap} ± {error}: within chance.",
        "平均与其中最好的成员 {name} 相差 {gap} ± {error}，未超出偶然。",
    ),
    "why.sure": (
        "Of the others that answered the same {rows} rows, {name} comes nearest: worse by {gap} "
        "± {error}, more than chance.",
        "其余回答过同样 {rows} 行的候选中，{name} 最接近：差 {gap} ± {error}，超出偶然。",
    ),
    "why.close": (
        "Of the others that answered the same {rows} rows, {name} comes nearest: worse by {gap} "
        "± {error}, within chance; other rows might turn it round.",
        "其余回答过同样 {rows} 行的候选中，{name} 最接近：差 {gap} ± {error}，未超出偶然，"
        "换一批数据可能反过来。",
    ),
    "why.equal": (
        "Of the others that answered the same {rows} rows, {name} is as good (± {error}): finer "
        "measures, such as how sure right answers are, decided.",
        "其余回答过同样 {rows} 行的候选中，{name} 一样好（± {error}）：由更细的度量决定，"
        "如答对时有多大把握。",
    ),
    "why.behind": (
        "{name} is better by {gap} ± {error} on the {rows} rows that both answered, yet the "
        "comparison on all that was measured (more rows, ties by the log loss, size and limits) "
        "went against it.",
        "{name} 在双方都回答过的 {rows} 行上好 {gap} ± {error}，但综合全部测量（更多的行、"
        "以对数损失分高下、体积与限制）后落选。",
    ),
    "why.folds": (
        " Of {of} folds, {won} were won and {lost} lost.",
        "{of} 折中胜 {won} 折，负 {lost} 折。",
    ),
    "why.baseline": (
        "Always giving the same answer gets {metric} {score}.",
        "总是给出同一个回答，{metric} 为 {score}。",
    ),
    "why.barred_one": ("{name} ({why})", "{name}（{why}）"),
    "why.barred": (
        "Limits excluded {names}.",
        "因限制而排除：{names}。",
    ),
    "why.untried": (
        "{count} candidate(s) were never started; a larger budget would try them.",
        "有 {count} 个候选未及开始；增加预算会试到它们。",
    ),
    "why.picked": (
        "The best of {count} looks a little better than it is: the test rows say how good it is.",
        "从 {count} 个候选里挑出的最好者，看上去会比实际略好：实际好坏以测试数据为准。",
    ),
    "why.growth_points": (
        "With twice the rows, {metric} would rise by about {twice_gain} points (95 %: {twice_low} "
        "– {twice_high}), with four times by {four_gain} ({four_low} – {four_high}), as {name} "
        "learns from parts of the rows.",
        "据 {name} 用部分数据学习的走势估计：数据增至两倍，{metric} 约升 {twice_gain} 个百分点"
        "（95 %：{twice_low} – {twice_high}）；增至四倍约升 {four_gain}"
        "（{four_low} – {four_high}）。",
    ),
    "why.growth_none_points": (
        "No gain is to be expected from more rows like these: with twice as many, {metric} would "
        "rise by {twice_high} points at most, as {name} learns from parts of the rows.",
        "再增加同类数据预计没有收益：据 {name} 用部分数据学习的走势，数据增至两倍，"
        "{metric} 至多升 {twice_high} 个百分点。",
    ),
    "why.growth_maybe_points": (
        "Twice the rows may help or not: {metric} would change by about {twice_gain} points "
        "(95 %: {twice_low} – {twice_high}), with four times by {four_gain} ({four_low} – "
        "{four_high}), as {name} learns from parts of the rows.",
        "数据增至两倍未必有用：据 {name} 用部分数据学习的走势，{metric} 约变化 "
        "{twice_gain} 个百分点（95 %：{twice_low} – {twice_high}）；增至四倍约 {four_gain}"
        "（{four_low} – {four_high}）。",
    ),
    "why.growth_maybe": (
        "Twice the rows may help or not: {metric} would fall by about {twice_gain} (95 %: "
        "{twice_low} – {twice_high}), with four times by {four_gain} ({four_low} – {four_high}), "
        "as {name} learns from parts of the rows.",
        "数据增至两倍未必有用：据 {name} 用部分数据学习的走势，{metric} 约降 {twice_gain}"
        "（95 %：{twice_low} – {twice_high}）；增至四倍约 {four_gain}"
        "（{four_low} – {four_high}）。",
    ),
    "why.growth": (
        "With twice the rows, {metric} would fall by about {twice_gain} (95 %: {twice_low} – "
        "{twice_high}), with four times by {four_gain} ({four_low} – {four_high}), as {name} "
        "learns from parts of the rows.",
        "据 {name} 用部分数据学习的走势估计：数据增至两倍，{metric} 约降 {twice_gain}"
        "（95 %：{twice_low} – {twice_high}）；增至四倍约降 {four_gain}"
        "（{four_low} – {four_high}）。",
    ),
    "why.growth_none": (
        "No gain is to be expected from more rows like these: with twice as many, {metric} would "
        "fall by {twice_high} at most, as {name} learns from parts of the rows.",
        "再增加同类数据预计没有收益：据 {name} 用部分数据学习的走势，数据增至两倍，"
        "{metric} 至多降 {twice_high}。",
    ),
    "why.growth_stands_in": (
        "{name} stands in for {best}, for which there was no time: it is nearly as good.",
        "这里以 {name} 代替 {best}：两者好坏相近，而后者来不及再学。",
    ),
    "why.growth_late": (
        "What more data would give was not estimated: that needs about {needed:.2g} s, and "
        "{left:.2g} s of the budget were left for it.",
        "未估计增加数据的收益：约需 {needed:.2g} 秒，而预算只余 {left:.2g} 秒可用。",
    ),
    "why.growth_few": (
        "What more data would give was not estimated: {rows} rows are too few to learn from parts "
        "of them.",
        "未估计增加数据的收益：{rows} 行太少，无法再取其中一部分来学习。",
    ),
    "why.growth_baseline": (
        "What more data would give was not estimated: nothing was learned that beats a constant.",
        "未估计增加数据的收益：没有学到比常数更好的模型。",
    ),
    "why.growth_metric": (
        "What more data would give was not estimated: of {metric} the best value is not known.",
        "未估计增加数据的收益：不知道 {metric} 的最佳值是多少。",
    ),
    "why.growth_unfinished": (
        "What more data would give was not estimated: {name} itself was cut short by the budget.",
        "未估计增加数据的收益：{name} 自身已因预算而提前结束。",
    ),
}
