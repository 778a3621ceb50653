"""Messages of the parts of a report that explain a choice."""

MESSAGES: dict[str, tuple[str, str]] = {
    "explain.why": ("Why this model", "为什么是这个模型"),
    "explain.growth": ("What more data would give", "增加数据会带来什么"),
    "explain.growth_title": (
        "{metric} of {name} by the number of rows, with a forecast",
        "{name} 的{metric}随行数的变化与预测",
    ),
    "explain.growth_chart": ("{metric} by rows learned from", "{metric}与所学行数"),
    "explain.growth_chart_down": (
        "{metric} by rows learned from (lower is better)",
        "{metric}与所学行数（越低越好）",
    ),
    "explain.growth_note": (
        "Dots were seen on the held-out rows of {folds} fold(s), with their standard errors. "
        "Right of the dotted line ({rows} rows) is a forecast by a power law; the shade holds 95 "
        "% of the laws that agree with the dots.",
        "圆点是在 {folds} 折留出数据上的实测值及其标准误。竖直虚线（{rows} 行）右侧为按幂律的预测；"
        "阴影包含与圆点相符的 95 % 的幂律。",
    ),
    "explain.x_rows": ("rows learned from", "所学行数"),
    "explain.effects": ("How the answer changes with a column", "回答如何随各列变化"),
    "explain.effects_note": (
        "Test rows are answered with each value of the column in turn, the other columns as they "
        "are. Thick: the mean (partial dependence). Faint: single rows. Grey at the foot: where "
        "rows are; elsewhere the line is a guess. Columns that go together share their effect.",
        "把测试行的该列依次换成各个取值、其余列不变，看回答如何变化。粗线为平均（部分依赖），"
        "细线为单行，底部灰柱表示数据所在之处，别处的线只是推测。相互关联的列会分摊影响。",
    ),
    "explain.effect_title": (
        "{answer} by {column}: mean, single rows, and where rows are",
        "{answer}随 {column} 的变化：平均、单行与数据分布",
    ),
    "explain.chance_of": ("chance of “{name}”", "判为“{name}”的概率"),
    "explain.answer": ("answer", "回答"),
    "explain.missing": ("Where it is missing: {value} on average.", "缺失时平均为 {value}。"),
    "explain.curves": ("What each column adds", "每一列的贡献"),
    "explain.curves_note": (
        "This model is a sum: a start, and what each column, or pair of columns, adds to the "
        "{answer}. The curves are the model itself, nothing is sampled. Grey at the foot, or "
        "numbers at the right: where test rows are.",
        "这个模型就是一个和：起始值，加上每一列（或每对列）对{answer}的贡献。曲线就是模型本身，"
        "并非抽样估计。底部灰柱或右侧数字表示测试数据所在之处。",
    ),
    "explain.curves_spread": (
        "Shade or whisker: one standard deviation between the fits that are averaged.",
        "阴影或短横线：取平均的各次拟合之间的一个标准差。",
    ),
    "explain.curves_tables": (
        "Maps show what two columns add together beyond what each adds, the first one to the "
        "right, the second one at the left; the two colours are the two signs.",
        "方格图表示两列在各自贡献之外的共同贡献：前一列为横向，后一列为纵向；两种颜色表示正负。",
    ),
    "explain.curves_odds": (
        "In log-odds, +0.69 doubles the odds and −0.69 halves them; 0 (dotted) changes nothing.",
        "以对数几率计：+0.69 使几率翻倍，−0.69 使其减半；0（虚线）表示没有影响。",
    ),
    "explain.curves_fits": (
        "Shown is the mean over the {fits} fits whose answers are averaged.",
        "所示为 {fits} 次拟合的平均，它们的回答也取平均。",
    ),
    "explain.curves_left": (
        "{count} terms that add less are not shown.",
        "另有 {count} 项贡献更小，未画出。",
    ),
    "explain.chances": ("log chance of each class", "每一类的对数概率"),
    "explain.log_chance_of": ("log chance of “{name}”", "“{name}”的对数概率"),
    "explain.curves_chances": (
        "In logarithms, beside the mean of all classes: where the curve of one class lies 0.69 "
        "above that of another, this column doubles the chance of the one against the other.",
        "以对数计，相对各类的平均：某一类的曲线比另一类高 0.69 之处，"
        "这一列使前者相对后者的概率翻倍。",
    ),
    "explain.odds_of": ("log-odds of “{name}”", "“{name}”的对数几率"),
    "explain.curve_title": (
        "What {column} adds to the {answer}",
        "{column} 对{answer}的贡献",
    ),
    "explain.weight": ("{value} on average, up or down.", "平均幅度 {value}。"),
    "explain.missing_adds": ("Where it is missing: {value}.", "缺失时：{value}。"),
    "explain.table_title": (
        "What {across} and {up} together add to the {answer}, beyond what each adds",
        "{across} 与 {up} 在各自贡献之外对{answer}的共同贡献",
    ),
    "explain.table_note": ("Darkest: {most}.", "颜色最深处：{most}。"),
    "explain.slices": ("Where it fails", "哪里容易出错"),
    "explain.no_slices": (
        "No slice of one or two columns is surely answered worse than the rest ({looked} were "
        "looked at, of {support} rows or more).",
        "没有哪个由一两列划出的子群明显更差（共查看 {looked} 个，每个不少于 {support} 行）。",
    ),
    "explain.slices_share": (
        "Parts of the test rows with surely more wrong answers than the rest, of {looked} slices "
        "of {support} rows or more (Benjamini–Hochberg at 5 %). Picked for being bad, they look "
        "somewhat worse than new rows will.",
        "测试数据中答错明显更多的子群，从 {looked} 个不少于 {support} 行的子群中检出"
        "（Benjamini–Hochberg，5 %）。因为是挑出的最差者，新数据上的差距会略小。",
    ),
    "explain.slices_deviations": (
        "Parts of the test rows with surely larger errors than the rest, in standard deviations "
        "of the target, of {looked} slices of {support} rows or more (Benjamini–Hochberg at 5 %). "
        "Picked for being bad, they look somewhat worse than new rows will.",
        "测试数据中误差明显更大的子群（以目标的标准差计），从 {looked} 个不少于 {support} 行的"
        "子群中检出（Benjamini–Hochberg，5 %）。因为是挑出的最差者，新数据上的差距会略小。",
    ),
    "explain.slice": ("Slice", "子群"),
    "explain.loss_share": ("Wrong", "答错"),
    "explain.loss_deviations": ("Error", "误差"),
    "explain.rest": ("Elsewhere", "其余"),
    "explain.gap": ("Gap", "差距"),
    "explain.against": ("Against the chosen", "与入选者相比"),
    "explain.cost": ("Cost", "开销"),
    "explain.cpu": ("CPU {time}", "处理器 {time}"),
    "explain.model": ("One fit", "单个拟合"),
    "explain.chosen": ("chosen, {share}", "入选，{share}"),
    "explain.leaderboard_note": (
        "± is the standard error over held-out rows. “Against the chosen” compares on the same "
        "rows only, so it is surer than the scores beside it: a difference below twice its "
        "standard error may be chance. Cost is that of all fits; “one fit” tells its size and how "
        "long it takes to answer one row.",
        "± 为留出行上的标准误。“与入选者相比”只在相同的行上比较，因此比左侧得分更可靠："
        "差距小于其标准误的两倍时可能只是偶然。开销为全部拟合之和；单个拟合给出体积与应答一行的时间。",
    ),
}
