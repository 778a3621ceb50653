"""Messages of `lingqu.release.prepare`: preparation steps inside a release."""

MESSAGES: dict[str, tuple[str, str]] = {
    "prepare.bad_row": (
        "{where} of the release is not a preparation step. Expected an object with name, options "
        "and state; received {received!r}. Run `lingqu verify`.",
        "发布包中的 {where} 不是预处理步骤。应为含 name、options、state 的对象；"
        "收到 {received!r}。请运行 `lingqu verify`。",
    ),
    "prepare.not_restored": (
        "{where} of the release cannot be restored: {why} Expected an operator of this "
        "installation. Run `lingqu verify`, or install the version that built the release.",
        "发布包中的 {where} 无法还原：{why} 应为当前安装中已有的算子。"
        "请运行 `lingqu verify`，或安装构建该发布包的版本。",
    ),
}
