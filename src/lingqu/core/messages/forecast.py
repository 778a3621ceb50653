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
        "Series {series!r} has two rows for one time: {time}, rows {rows}. Expected one "
        "value per time. Name the column that tells series apart as `data.group`, or sum the rows.",
        "序列 {series!r} 在同一时间有两行：{time}，第 {rows} 行。每个时间应只有一个值。"
        "请用 `data.group` 指明区分序列的列，或把这些行相加。",
    ),
    "forecast.gaps": (
        "Series {series!r} lacks {lacking} of {steps} steps of {step}, the first at {first}. "
        "Expected at most half of them. Where no row means nothing happened, write "
        "`train: {{gaps: zero}}`; where the step is larger, bring the rows to that step.",
        "序列 {series!r} 以 {step} 为步长的 {steps} 步中缺 {lacking} 步，第一处在 {first}。"
        "缺失不应超过一半。若没有行表示数值为 0，请写 `train: {{gaps: zero}}`；"
        "若实际步长更大，请先归并到该步长。",
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
    "forecast.note_interval": (
        "Intervals should hold {coverage:.0%} of the values; their width, from {errors} errors of "
        "the backtest, is {near:.3g} units of a series at the first step and {far:.3g} at the last "
        "(a unit is the mean error of the seasonal naive forecast).",
        "区间应包含 {coverage:.0%} 的值；宽度取自回测的 {errors} 个误差：第一步为序列单位的 "
        "{near:.3g} 倍，最后一步为 {far:.3g} 倍（一个单位是季节性朴素预测的平均误差）。",
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
