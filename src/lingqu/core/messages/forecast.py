"""Words of forecasting: series, grids, gaps, origins."""

MESSAGES: dict[str, tuple[str, str]] = {
    "forecast.no_horizon": (
        "`train.horizon` is {received!r}. Expected how many steps ahead are to be forecast, at "
        "least 1, such as `train: {{task: forecast, target: sales, horizon: 14}}`.",
        "`train.horizon` 为 {received!r}。应写明要预测多少步，至少为 1，例如 "
        "`train: {{task: forecast, target: sales, horizon: 14}}`。",
    ),
    "forecast.no_time": (
        "Nothing says when a value was measured. Expected the column of times as "
        "`data: {{source: …, time: date}}`. Received the columns {columns}.",
        "无从得知数值是何时的。请指明时间列，例如 `data: {{source: …, time: date}}`。"
        "收到的列：{columns}。",
    ),
    "forecast.reason_known": (
        "taken as known in advance: callers send it for the times to be forecast",
        "视为事先已知：调用方须为待预测的时间提供",
    ),
    "forecast.reason_time": (
        "the only column of dates",
        "唯一的日期列",
    ),
    "forecast.no_moment": (
        "Row {row} has no time in column {column!r}. Expected a time in every row of a series. "
        "Leave such rows out or fill them in.",
        "第 {row} 行的列 {column!r} 没有时间。序列的每一行都应有时间。请去掉或补全这些行。",
    ),
    "forecast.one_moment": (
        "Column {column!r} does not order the {rows} rows: no series has two different times. "
        "Expected at least two values of one series at different times; see `data.group`.",
        "列 {column!r} 无法给 {rows} 行排序：没有哪条序列有两个不同的时间。"
        "同一序列至少应有两个不同时间的值；参见 `data.group`。",
    ),
    "forecast.irregular": (
        "Row {row}, series {series!r}: the time {received} in column {column!r} lies between two "
        "steps of {step} ({count} such rows). Expected values at equal distances. Bring them to "
        "one step, for example by summing per day, and run again.",
        "第 {row} 行，序列 {series!r}：列 {column!r} 的时间 {received} 落在两步之间，步长为 {step}"
        "（共 {count} 行如此）。数值应等间隔。请先归并到同一步长（例如按日求和），再运行。",
    ),
    "forecast.twice": (
        "Series {series!r} has two rows for one time: {time}, with the values {values}. Expected "
        "one value per time. Name the column that tells series apart as `data.group`, or sum the "
        "rows; copies go with `govern: [dedupe]`.",
        "序列 {series!r} 在同一时间有两行：{time}，值为 {values}。每个时间应只有一个值。"
        "请用 `data.group` 指明区分序列的列，或把这些行相加；"
        "重复的行可用 `govern: [dedupe]` 去掉。",
    ),
    "forecast.twice_alone": (
        "There are two rows for one time: {time}, with the values {values}. Expected one value "
        "per time. Name the column that tells series apart as `data.group`, or sum the rows; "
        "copies go with `govern: [dedupe]`.",
        "同一时间有两行：{time}，值为 {values}。每个时间应只有一个值。"
        "请用 `data.group` 指明区分序列的列，或把这些行相加；"
        "重复的行可用 `govern: [dedupe]` 去掉。",
    ),
    "forecast.gaps": (
        "Series {series!r} lacks {lacking} of {steps} steps of {step}, the first at {first}. "
        "Expected at most half of them. Where no row means nothing happened, write "
        "`train: {{gaps: zero}}`; where the step is larger, bring the rows to that step.",
        "序列 {series!r} 以 {step} 为步长的 {steps} 步中缺 {lacking} 步，第一处在 {first}。"
        "缺失不应超过一半。若没有行表示数值为 0，请写 `train: {{gaps: zero}}`；"
        "若实际步长更大，请先归并到该步长。",
    ),
    "forecast.gap_refused": (
        "Series {series!r} lacks {lacking} of {steps} steps of {step}, the first at {first}, and "
        "`train.gaps` is 'refuse'. Expected a value at every step. Add the rows, or write "
        "`gaps: fill` or `gaps: zero`.",
        "序列 {series!r} 以 {step} 为步长的 {steps} 步中缺 {lacking} 步，第一处在 {first}，"
        "而 `train.gaps` 为 'refuse'。每一步都应有值。"
        "请补上这些行，或写 `gaps: fill` 或 `gaps: zero`。",
    ),
    "forecast.too_short": (
        "The longest series has {longest} values. Expected at least {expected}, so that some can "
        "be held out. Shorten `train.horizon` or bring more history.",
        "最长的序列只有 {longest} 个值，至少应有 {expected} 个，才能留出一部分用来评判。"
        "请缩短 `train.horizon` 或提供更长的历史。",
    ),
    "forecast.few_examples": (
        "only {rows} examples of what follows what; expected at least {expected}",
        "由前推后的样例只有 {rows} 个，至少应有 {expected} 个",
    ),
    "forecast.off_grid": (
        "Row {row}: {received} in column {column!r} is no time of the series, which go by {step}. "
        "Expected a time that lies on a step.",
        "第 {row} 行：列 {column!r} 的 {received} 不是序列的时刻，序列步长为 {step}。"
        "应给出落在步点上的时间。",
    ),
    "forecast.not_ahead": (
        "Row {row}, series {series!r}: {received} in column {column!r} is not after {last}, the "
        "last known value. Expected a later time, 1 to {horizon} steps ahead.",
        "第 {row} 行，序列 {series!r}：列 {column!r} 的 {received} 不晚于最后一个已知值的时间 "
        "{last}。应给出其后 1 到 {horizon} 步的时间。",
    ),
    "forecast.too_far": (
        "Row {row}, series {series!r}: {received} in column {column!r} is {steps} steps after "
        "{last}, the last known value. Expected at most {horizon}. Send the newer values as rows "
        "with {target!r} filled in before it, or release again.",
        "第 {row} 行，序列 {series!r}：列 {column!r} 的 {received} 在最后一个已知值 {last} 之后 "
        "{steps} 步，最多可到 {horizon} 步。请在它之前附上填好 {target!r} 的新行，或重新发布。",
    ),
    "forecast.other_split": (
        "`data.split` is {how!r}. A forecast is judged on the last `train.horizon` steps of each "
        "series. Leave `split` out.",
        "`data.split` 为 {how!r}。预测以每条序列最后的 `train.horizon` 步来评判，请去掉 `split`。",
    ),
    "forecast.split": (
        "the last {horizon} steps of each series",
        "每条序列最后的 {horizon} 步",
    ),
    "forecast.note_series": (
        "{series} series in steps of {step}, season of {season} steps; forecasts go {horizon} "
        "steps beyond {end}.",
        "{series} 条序列，步长 {step}，季节周期 {season} 步；预测到 {end} 之后 {horizon} 步。",
    ),
    "forecast.average": (
        "average of {names}, by the inverse square of their errors; {share:.0%} of the answer",
        "{names} 的平均，权重与误差平方成反比；占最终回答的 {share:.0%}",
    ),
    "forecast.note_least": (
        "What was held out does not tell the best ensemble from the average of {names} by more "
        "than three standard errors (error less by {gain:.4f} ± {error:.4f}, over {count} "
        "stretches of one series and one origin each): it has {share:.0%} of the weight, the "
        "average the rest.",
        "留出的数据不足以分辨最优组合与 {names} 的平均，差距未超过三个标准误"
        "（误差小 {gain:.4f} ± {error:.4f}，依据 {count} 段，"
        "每段为一条序列的一个起点）：最优组合占权重的 {share:.0%}，其余归该平均。",
    ),
    "forecast.note_moved": (
        "The best ensemble beats the average of {names} by more than three standard errors (error "
        "less by {gain:.4f} ± {error:.4f}, over {count} stretches of one series and one origin "
        "each): it has {share:.0%} of the weight, the average the rest.",
        "最优组合优于 {names} 的平均，差距超过三个标准误（误差小 {gain:.4f} ± {error:.4f}，"
        "依据 {count} 段，每段为一条序列的一个起点）：它占权重的 {share:.0%}，其余归该平均。",
    ),
    "forecast.note_few": (
        "Stretches of one series and one origin that were held out: {count}, too few to tell "
        "chance from merit. The best ensemble has {share:.0%} of the weight, the average of "
        "{names} the rest.",
        "只留出了 {count} 段（每段为一条序列的一个起点），不足以分辨优劣与偶然："
        "最优组合占权重的 {share:.0%}，其余归 {names} 的平均。",
    ),
    "forecast.note_interval": (
        "Intervals should hold {coverage:.0%} of the values; their width, from {errors} errors of "
        "the backtest, is {near:.3g} units of a series at the first step and {far:.3g} at the last "
        "(a unit is the mean error of the seasonal naive forecast).",
        "区间应包含 {coverage:.0%} 的值；宽度取自回测的 {errors} 个误差：第一步为序列单位的 "
        "{near:.3g} 倍，最后一步为 {far:.3g} 倍（一个单位是季节性朴素预测的平均误差）。",
    ),
    "forecast.note_levels": (
        "Mean scaled error in the backtest, once parts and sums fit: {levels}.",
        "部分与汇总相符之后，回测中的平均标准化误差：{levels}。",
    ),
    "forecast.note_bottom_up": (
        "Sums are the sums of their series' forecasts (bottom-up); other ways were not compared: "
        "fewer than 3 origins at which all series had values, or over 2,000 series.",
        "汇总取各序列预测之和（自下而上）；未比较其他方式：各序列都有值的起点不足 3 个，"
        "或序列超过 2000 条。",
    ),
    "forecast.note_kept": (
        "Sums are the sums of their series' forecasts (bottom-up, error {usual:.4f} as the mean of "
        "the levels). Weighted least squares ({tried}) gained {gain:.4f} ± {error:.4f} an origin: "
        "not more than one standard error.",
        "汇总取各序列预测之和（自下而上，各层平均误差 {usual:.4f}）。加权最小二乘（{tried}）"
        "每个起点的改进为 {gain:.4f} ± {error:.4f}，未超过一个标准误。",
    ),
    "forecast.note_reconciled": (
        "Sums and series are reconciled by weighted least squares ({method}): error {tried} as the "
        "mean of the levels, bottom-up {usual:.4f}; gain {gain:.4f} ± {error:.4f} an origin.",
        "汇总与各序列以加权最小二乘协调（{method}）：各层平均误差 {tried}，自下而上为 {usual:.4f}；"
        "每个起点的改进为 {gain:.4f} ± {error:.4f}。",
    ),
    "forecast.sum_cell": (
        "Row {row}: column {column!r} is empty or `*`, but `train.hierarchy` sums over it. "
        "Expected the name of a part in every row. Fill it in, or leave such rows out.",
        "第 {row} 行：列 {column!r} 为空或为 `*`，而 `train.hierarchy` 要按它汇总。"
        "每一行都应写明属于哪一部分。请补全或去掉这些行。",
    ),
    "forecast.sum_of_one": (
        "`train.hierarchy` asks for sums, and there is {series} series. Expected at least two. "
        "Leave `hierarchy` out.",
        "`train.hierarchy` 要求汇总，但只有 {series} 条序列，至少应有两条。请去掉 `hierarchy`。",
    ),
    "forecast.sum_ends": (
        "Series {series!r} ends at {end}, others go on to {last} ({count} end early): a sum of "
        "them would mean nothing. Where no row means nothing happened, write "
        "`train: {{gaps: zero}}`; else bring the newest rows, or leave out what has ended.",
        "序列 {series!r} 止于 {end}，其他序列延续到 {last}（共 {count} 条提前结束），其和没有意义。"
        "若没有行表示数值为 0，请写 `train: {{gaps: zero}}`；否则请补上最新的行，"
        "或去掉已结束的序列。",
    ),
    "forecast.sum_known": (
        "Column {column!r} is known in advance and differs between series at {time}: a row that "
        "asks for a sum could not say it. Expected one value for all series at one time, such as "
        "a holiday. Name it in `data.drop`, or leave `train.hierarchy` out.",
        "列 {column!r} 视为事先已知，但在 {time} 各序列不同：求汇总的行无法给出它。"
        "同一时间各序列应取同一值（例如是否节假日）。请把它写进 `data.drop`，或去掉 "
        "`train.hierarchy`。",
    ),
    "forecast.sum_sent": (
        "Row {row} brings a newer value of a sum. Expected those of its series; the sum follows.",
        "第 {row} 行给出了汇总的新值。应给出其各序列的值，汇总由此得出。",
    ),
    "forecast.sum_lacks": (
        "Row {row}: newer values at {time} came for {sent} of {series} series. Where sums are "
        "forecast, expected those of all series.",
        "第 {row} 行：{time} 的新值只给了 {series} 条序列中的 {sent} 条。"
        "预测汇总时应给出全部序列的。",
    ),
    "forecast.no_sum": (
        "Row {row}: {received!r} is no sum that is forecast. Sums are told apart by: {expected}; "
        "leave the other columns of `group` empty.",
        "第 {row} 行：{received!r} 不是所预测的汇总。汇总按以下各列区分：{expected}；"
        "`group` 的其余列请留空。",
    ),
    "forecast.note_fill": (
        "{count} steps without a value were filled along the line between their neighbours; they "
        "are read as history, but never learned or judged.",
        "{count} 步没有值，以相邻值连线补上；只作历史读取，从不用于学习或评判。",
    ),
    "forecast.note_zero": (
        "{count} steps without a row count as 0 in the history; they are never learned or judged.",
        "{count} 步没有行，在历史中记为 0；从不用于学习或评判。",
    ),
    "forecast.note_span": (
        "The series are short: backtesting held out {span} steps at a time, not {horizon}; "
        "intervals further ahead are extrapolated.",
        "序列较短：回测每次只留出 {span} 步，而非 {horizon} 步；更远的区间为外推。",
    ),
}
