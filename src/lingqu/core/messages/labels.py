"""Messages of the judges of labels (`lingqu.govern.find_label_errors`)."""

MESSAGES: dict[str, tuple[str, str]] = {
    "labels.reason_suspect": (
        "{operator}: model and neighbours both prefer another label",
        "{operator}：模型和邻近样本都认为应是另一个标签",
    ),
    "labels.reason_value": (
        "{operator}: far from what model and neighbours foretell",
        "{operator}：与模型和邻近样本的估计相差太远",
    ),
    "labels.unjudged_spread": (
        "every value of the target is the same",
        "目标列的值全都相同",
    ),
    "labels.expects_share": ("a share of 0 to 0.5", "0 到 0.5 之间的比例"),
}
