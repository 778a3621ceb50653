"""Messages of `lingqu.store`: the ledger, the trail of events, the blobs, the signing key."""

MESSAGES: dict[str, tuple[str, str]] = {
    "store.unwritable": (
        "{path!r} cannot be written: {problem}. Expected a place that this user may write to. "
        "Change its permissions or choose another folder, then run `lingqu doctor`.",
        "{path!r} 无法写入：{problem}。应为当前用户可写的位置。"
        "请修改权限或换一个目录，然后运行 `lingqu doctor`。",
    ),
    "store.disk_full": (
        "No space left while writing {path!r}: {problem}. Whatever was finished before is kept. "
        "Free some space (`lingqu prune --dry-run` shows what may go), then run the command again.",
        "写入 {path!r} 时空间不足：{problem}。此前已完成的内容都已保留。"
        "请先腾出空间（`lingqu prune --dry-run` 会列出可清理的内容），再重新执行命令。",
    ),
    "store.busy": (
        "The ledger {path!r} stayed locked by another process for {seconds} seconds. Expected a "
        "write to finish sooner. See who runs with `lingqu runs`, then try again.",
        "账本 {path!r} 被其他进程锁定超过 {seconds} 秒，写入本应更快完成。"
        "请用 `lingqu runs` 查看谁在运行，然后重试。",
    ),
    "store.failed": (
        "The ledger {path!r} cannot be used: {problem}. Expected a readable Lingqu ledger. "
        "Run `lingqu doctor`.",
        "账本 {path!r} 无法使用：{problem}。应为可读取的灵渠账本。请运行 `lingqu doctor`。",
    ),
    "store.blob_failed": (
        "Stored file {path!r} cannot be used: {problem}. Run `lingqu doctor` to test the storage.",
        "存储的文件 {path!r} 无法使用：{problem}。请运行 `lingqu doctor` 检查存储。",
    ),
    "store.no_blob": (
        "Stored file {path!r} does not exist. It may have been pruned or erased; `lingqu run` "
        "makes it again.",
        "存储的文件 {path!r} 不存在，可能已被清理或擦除；运行 `lingqu run` 会重新生成。",
    ),
    "store.bad_path": (
        "{path!r} is not a path inside the storage. Expected a relative path such as "
        "'releases/ab12/manifest.json', without '..', empty parts or backslashes.",
        "{path!r} 不是存储内的路径。应为相对路径，例如 'releases/ab12/manifest.json'，"
        "不含 '..'、空的部分或反斜杠。",
    ),
    "store.bad_url": (
        "{url!r} is not a storage address: {problem}. Expected {expected}. "
        "Check it with `lingqu doctor`.",
        "{url!r} 不是有效的存储地址：{problem}。应为 {expected}。请用 `lingqu doctor` 检查。",
    ),
    "store.not_json": (
        "{what} cannot be stored: {problem}. Expected plain JSON: text, numbers, true/false, "
        "null, lists and mappings with text keys.",
        "{what} 无法保存：{problem}。应为普通 JSON：文本、数字、布尔值、null、列表，"
        "以及以文本为键的映射。",
    ),
    "store.exists": (
        "The ledger already holds this entry: {problem}. Expected a new id; nothing was changed.",
        "账本中已有这一条：{problem}。应使用新的编号；未作任何改动。",
    ),
    "store.unknown_run": (
        "There is no run {received!r}. Near ids: {near}. See `lingqu runs`.",
        "没有运行 {received!r}。相近的编号：{near}。请看 `lingqu runs`。",
    ),
    "store.unknown_release": (
        "There is no release {received!r}. Near digests: {near}. See `lingqu list releases`.",
        "没有发布版本 {received!r}。相近的摘要：{near}。请看 `lingqu list releases`。",
    ),
    "store.unknown_outlet": (
        "There is no outlet {received!r}. Near ids: {near}. See `lingqu list outlets`.",
        "没有出口 {received!r}。相近的编号：{near}。请看 `lingqu list outlets`。",
    ),
    "store.unknown_key": (
        "There is no key {received!r}. Near ids: {near}. See `lingqu keys`.",
        "没有密钥 {received!r}。相近的编号：{near}。请看 `lingqu keys`。",
    ),
    "store.unknown_action": (
        "There is no action {received!r}. Near ids: {near}. See `lingqu list actions`.",
        "没有处置记录 {received!r}。相近的编号：{near}。请看 `lingqu list actions`。",
    ),
    "store.ambiguous": (
        "{received!r} is the beginning of several ids: {near}. Write more of it.",
        "有多个编号以 {received!r} 开头：{near}。请多写几位。",
    ),
    "store.bad_move": (
        "Release {digest!r} is {state!r} and cannot become {received!r}. "
        "From {state!r} it may become: {expected}. See `lingqu show {digest}`.",
        "发布版本 {digest!r} 当前状态为 {state!r}，不能变为 {received!r}。"
        "从 {state!r} 可以变为：{expected}。请看 `lingqu show {digest}`。",
    ),
    "store.bad_change": (
        "An outlet has no field {received!r} that may be changed. Expected one of: {expected}.",
        "出口没有可修改的字段 {received!r}。应为：{expected}。",
    ),
    "store.newer_schema": (
        "The ledger {path!r} has version {found}; this Lingqu knows versions up to {known}. "
        "Expected a ledger it can read. Run `pip install --upgrade lingqu`.",
        "账本 {path!r} 的版本是 {found}，当前灵渠只认识到版本 {known}。"
        "请运行 `pip install --upgrade lingqu`。",
    ),
    "store.key_open": (
        "The signing key {path!r} can be read by other users (mode {mode}). "
        "Expected mode 0600. Run `chmod 600 {path}`.",
        "签名私钥 {path!r} 可被其他用户读取（权限 {mode}）。应为 0600。请运行 `chmod 600 {path}`。",
    ),
    "store.key_bad": (
        "{path!r} is not an Ed25519 signing key: {problem}. Expected a PEM private key. "
        "Put the workspace's key back from a backup; a new key cannot continue its trail.",
        "{path!r} 不是 Ed25519 签名私钥：{problem}。应为 PEM 格式的私钥。"
        "请从备份恢复工作区的私钥；新的私钥无法接续原来的事件链。",
    ),
    "store.key_needed": (
        "The trail of events in {path!r} is signed, but the ledger was opened without its "
        "signing key. Expected the key of the workspace. Open it with `lingqu.open()`.",
        "{path!r} 中的事件链已签名，但打开账本时没有提供签名私钥。"
        "应使用工作区的私钥。请用 `lingqu.open()` 打开。",
    ),
    "store.chain_broken": (
        "The trail of events in {path!r} was changed from outside: {problem}. Nothing was "
        "appended. Run `lingqu audit verify`, then restore the ledger from a backup.",
        "{path!r} 中的事件链被从外部改动：{problem}。未追加任何内容。"
        "请运行 `lingqu audit verify`，然后从备份恢复账本。",
    ),
    "store.chain_edited": (
        "event {sequence} was edited: its content does not give its hash",
        "第 {sequence} 条事件被改动：内容与其哈希不符",
    ),
    "store.chain_missing": (
        "event {sequence} is missing or out of order (found {received})",
        "第 {sequence} 条事件缺失或次序不对（实际为 {received}）",
    ),
    "store.chain_unlinked": (
        "event {sequence} does not follow the event before it",
        "第 {sequence} 条事件与前一条不相连",
    ),
    "store.chain_tail": (
        "the head says {expected} events, the trail has {received}",
        "链头记录有 {expected} 条事件，实际有 {received} 条",
    ),
    "store.chain_head": (
        "the head does not name the hash of the last event",
        "链头与最后一条事件的哈希不符",
    ),
    "store.chain_headless": (
        "the head row is missing though there are events",
        "存在事件，但链头缺失",
    ),
    "store.chain_signature": (
        "the signature of the head was not made with the key of this workspace",
        "链头的签名不是用本工作区的私钥生成的",
    ),
    "store.chain_seal": (
        "the trail does not contain the seal of {expected} events made at {at}: "
        "an older or another copy was put in its place",
        "事件链与 {at} 封存的 {expected} 条事件不符：被换成了较旧的或另一份副本",
    ),
    "store.seal_forged": (
        "the seal itself was not signed with the key of this workspace",
        "封存记录本身不是用本工作区的私钥签名的",
    ),
    "store.damaged_piece": (
        "The bytes at {offset} of {path!r} are not those that were kept. Expected what their "
        "SHA-256 says. Restore the file from a backup, or commit the source again with "
        "`lingqu data commit`.",
        "{path!r} 中位于 {offset} 的字节与当初保存的不同。应与其 SHA-256 相符。"
        "请从备份恢复该文件，或用 `lingqu data commit` 重新提交数据源。",
    ),
    "store.no_versions": (
        "There is no data version {received!r}: this workspace has none yet. Record one with "
        "`lingqu data commit SOURCE`, or walk a channel with `lingqu run`.",
        "没有数据版本 {received!r}：此工作区还没有任何数据版本。"
        "请用 `lingqu data commit 数据源` 记录一个，或用 `lingqu run` 运行渠道。",
    ),
    "store.unknown_version": (
        "There is no data version {received!r} in this workspace. Expected the name of a dataset "
        "or the beginning of a version. Near: {near}. See `lingqu data log`.",
        "此工作区没有数据版本 {received!r}。应为数据集的名字或版本号的开头。相近的：{near}。"
        "请看 `lingqu data log`。",
    ),
    "store.interrupted": (
        "The process of this run ended before the run did. Its finished stages are kept: "
        "`lingqu run` goes on from there.",
        "该运行的进程在完成之前就终止了。已完成的阶段都已保留：再次执行 `lingqu run` 即可继续。",
    ),
    "store.no_release_files": (
        "The files of release {release!r} are not in the storage. They may have been pruned. "
        "Run `lingqu run` to make the release again.",
        "存储中没有发布版本 {release!r} 的文件，可能已被清理。请运行 `lingqu run` 重新生成。",
    ),
    "store.bad_erase": (
        "Nothing to erase by: {received!r}. Expected a column name and a value that is not empty, "
        "such as `lingqu prune --erase id_card=110101…`.",
        "无法据此擦除：{received!r}。应给出列名和非空的值，"
        "例如 `lingqu prune --erase id_card=110101…`。",
    ),
}
