"""Messages of `lingqu.govern.standardise`."""

MESSAGES: dict[str, tuple[str, str]] = {
    "standardise.reason_unit": ("the unit of {column!r}", "列 {column!r} 的单位"),
    "standardise.reason_money": (
        "amounts in several currencies, told apart and not converted",
        "多种货币的金额，只区分，不换算",
    ),
    "standardise.reason_units": (
        "quantities of several kinds, told apart and not converted",
        "多种类型的数量，只区分，不换算",
    ),
    "standardise.why_repair_encoding": (
        "some texts were read in the wrong encoding, and can be restored with certainty",
        "有些文字是按错误的编码读入的，可以确定无误地还原",
    ),
    "standardise.reason_yes_no": (
        "several words for yes and no",
        "用多种写法表示的是与否",
    ),
}
