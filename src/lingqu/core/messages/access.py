"""Messages of access: keys, quotas, people and their roles, TLS, tokens of identity providers."""

MESSAGES: dict[str, tuple[str, str]] = {
    # What a caller reads
    "access.wrong_verb": (
        "Key {name!r} may not {verb} here; it may: {may}. Ask who runs the channel for a key with "
        "that scope (`lingqu keys add NAME --verb {verb}`).",
        "密钥 {name!r} 在此无权 {verb}，只可：{may}。"
        "请向渠道的管理者索取带该权限的密钥（`lingqu keys add NAME --verb {verb}`）。",
    ),
    "access.wrong_place": (
        "Key {name!r} may not be used from {address}. Expected an address of its list. Ask who "
        "runs the channel (`lingqu keys list`).",
        "密钥 {name!r} 不能从 {address} 使用，应来自其名单中的地址。"
        "请联系渠道的管理者（`lingqu keys list`）。",
    ),
    "access.no_certificate": (
        "This server wants a client certificate, and none was shown. Expected one that its "
        "authority signed (`access.tls.client_ca`).",
        "该服务器要求客户端证书，但未出示。应出示由其机构（`access.tls.client_ca`）签发的证书。",
    ),
    "access.wrong_certificate": (
        "Key {name!r} is bound to another client certificate than the one that was shown. Expected "
        "the certificate that it was made for.",
        "密钥 {name!r} 绑定的不是所出示的客户端证书。应出示制作该密钥时指定的证书。",
    ),
    "access.away": (
        "The ledger has been away for more than {away} seconds, so keys can no longer be checked. "
        "Try again in {seconds} seconds.",
        "账本已失联超过 {away} 秒，无法再核验密钥。请在 {seconds} 秒后重试。",
    ),
    "access.bad_token": (
        "The token is not taken here: {problem}. Expected one of the identity provider that "
        "`access.oidc` names, for this audience, not expired. Sign in again.",
        "此处不接受该令牌：{problem}。应为 `access.oidc` 所写的身份提供方为此受众签发的、"
        "未过期的令牌。请重新登录。",
    ),
    "access.empty_token": (
        "The token of {name!r} names no channel, or nothing that may be done. Ask whoever gives "
        "out tokens for the claims that `access.oidc.claims` names.",
        "{name!r} 的令牌没有写明渠道或可做的事。"
        "请向令牌的管理者申请 `access.oidc.claims` 所写的声明。",
    ),
    "access.provider_away": (
        "The keys of the identity provider are being read. Try again in {seconds} seconds.",
        "正在读取身份提供方的公钥。请在 {seconds} 秒后重试。",
    ),
    # What whoever runs it reads
    "access.no_jwks": (
        "The keys of the identity provider cannot be read from {jwks!r}: {problem}. Expected a "
        "JWKS document with public keys for RS256, ES256 or EdDSA. Mend `access.oidc.jwks`, then "
        "run `lingqu deploy` again.",
        "无法从 {jwks!r} 读取身份提供方的公钥：{problem}。"
        "应为含 RS256、ES256 或 EdDSA 公钥的 JWKS 文档。"
        "请改正 `access.oidc.jwks` 后重新运行 `lingqu deploy`。",
    ),
    "access.unknown_verb": (
        "{received!r} is nothing that a key may do. Expected some of {known}. Near: {near}.",
        "{received!r} 不是密钥可做的事，应为 {known} 之一。相近：{near}。",
    ),
    "access.unknown_role": (
        "There is no role {received!r}. Expected one of {known}. Near: {near}. See "
        "`lingqu people roles`.",
        "没有角色 {received!r}，应为 {known} 之一。相近：{near}。请看 `lingqu people roles`。",
    ),
    "access.bad_certificate": (
        "{received!r} names no client certificate. Expected `sha256:` and its fingerprint, or "
        "`subject:` and its name, such as `subject:CN=branch-3,O=bank`.",
        "{received!r} 不是客户端证书。应为 `sha256:` 加指纹，或 `subject:` 加名称，如 "
        "`subject:CN=branch-3,O=bank`。",
    ),
    "access.unknown_by": (
        "Use cannot be told apart by {received!r}. Expected some of {known}.",
        "用量不能按 {received!r} 区分，应为 {known} 中的若干项。",
    ),
    "access.bad_export": (
        "{received!r} is no file that usage can be written to. Expected the ending .csv, .json or "
        ".parquet.",
        "用量不能写入 {received!r}，文件名应以 .csv、.json 或 .parquet 结尾。",
    ),
    "access.bad_host": (
        "{received!r} is no host or caller. Expected a name such as api.example.org, an address "
        "such as 10.0.0.7, or for a caller letters, digits, `-`, `_` and `.`.",
        "{received!r} 不是主机名或调用者名。应为 api.example.org 这样的名字、10.0.0.7 这样的地址；"
        "调用者名由字母、数字、`-`、`_` 和 `.` 组成。",
    ),
    "access.bad_authority": (
        "The local authority in {path!r} cannot be read: {problem}. Expected the PEM files that "
        "`lingqu doctor --make-ca` made. Move both away, then run it again.",
        "无法读取 {path!r} 中的本地机构：{problem}。"
        "应为 `lingqu doctor --make-ca` 生成的 PEM 文件。请移走这两个文件后重新运行。",
    ),
    # People and roles
    "access.no_person": (
        "The token is nobody's here. Expected one that `lingqu people add` printed, of somebody "
        "who still has a role, in `LINGQU_TOKEN` or as `Authorization: Bearer`.",
        "此处不认识该令牌。应为 `lingqu people add` 给出的、仍有角色者的令牌，"
        "放在 `LINGQU_TOKEN` 中或作为 `Authorization: Bearer`。",
    ),
    "access.wrong_role": (
        "{name!r} is {role} and may not {verb}. Roles that could: {could}. Ask somebody who has "
        "one (`lingqu people list`).",
        "{name!r} 的角色是 {role}，无权 {verb}。可以做此事的角色：{could}。"
        "请联系具有该角色的人（`lingqu people list`）。",
    ),
    "access.other_channel": (
        "{name!r} may not do this to {channel}, only to: {known}. Ask an admin "
        "(`lingqu people list`).",
        "{name!r} 无权对 {channel} 这样做，只可对：{known}。请联系 admin（`lingqu people list`）。",
    ),
    "access.approve_own": (
        "{name!r} ran what release {release} came from, and may not approve it too. Somebody else "
        "must: {could}. See `lingqu people list`.",
        "发布 {release} 来自 {name!r} 自己的运行，不能由同一人批准。"
        "须由他人批准：{could}。请看 `lingqu people list`。",
    ),
    "access.approve_unknown": (
        "Roles are in use here and this channel wants a person to approve, so whoever does must "
        "show who he is. Expected `LINGQU_TOKEN` of one of: {could}.",
        "此处已启用角色，且该渠道须由人批准，因此批准者必须表明身份。"
        "应设置以下角色之一的 `LINGQU_TOKEN`：{could}。",
    ),
    # The command line
    "access.cli_rotate": (
        "Give a key another secret; both hold for a while.",
        "为密钥换新的密文；新旧在一段时间内都有效。",
    ),
    "access.cli_overlap": (
        "How long the old secret still holds, such as 24h; 0s for not at all.",
        "旧密文仍然有效的时长，如 24h；0s 表示立即失效。",
    ),
    "access.cli_rotated": (
        "Key {name}: {secret}   (shown once; keep it)\nThe old secret holds until {ends}.",
        "密钥 {name}：{secret}   （只显示一次，请保存）\n旧密文有效至 {ends}。",
    ),
    "access.cli_rotated_now": (
        "Key {name}: {secret}   (shown once; keep it)\nThe old secret holds no longer.",
        "密钥 {name}：{secret}   （只显示一次，请保存）\n旧密文已失效。",
    ),
    "access.cli_verb": (
        "What it may do: call, read, feedback, admin (all but admin when omitted).",
        "可做的事：call、read、feedback、admin（不写则为除 admin 外的全部）。",
    ),
    "access.cli_network": (
        "Where it may be used from, such as 10.0.0.0/8 (anywhere when omitted).",
        "可使用的来源网络，如 10.0.0.0/8（不写则不限）。",
    ),
    "access.cli_certificate": (
        "Client certificate that must come with it: sha256:… or subject:CN=….",
        "须同时出示的客户端证书：sha256:… 或 subject:CN=…。",
    ),
    "access.cli_people": (
        "People and services with a role: list, add, remove, roles.",
        "有角色的人和服务：列出、添加、移除、角色。",
    ),
    "access.cli_people_list": ("List who has which role.", "列出谁有什么角色。"),
    "access.cli_people_add": (
        "Give somebody a role; the token is shown once.",
        "授予角色；令牌只显示一次。",
    ),
    "access.cli_people_remove": ("Take a role away at once.", "立即收回角色。"),
    "access.cli_people_rotate": (
        "Give somebody another token; both hold for a while.",
        "换新的令牌；新旧在一段时间内都有效。",
    ),
    "access.cli_people_roles": ("What each role may do.", "每个角色可做的事。"),
    "access.cli_person": ("Name of the person or service.", "人或服务的名字。"),
    "access.cli_role": (
        "viewer, builder, operator, risk-officer, auditor or admin.",
        "viewer、builder、operator、risk-officer、auditor 或 admin。",
    ),
    "access.cli_person_channel": (
        "Channels that it is for (all when omitted).",
        "所管的渠道（不写则全部）。",
    ),
    "access.cli_person_once": (
        "{name} is {role}. Token: {secret}   (shown once; keep it in LINGQU_TOKEN)",
        "{name} 的角色为 {role}。令牌：{secret}   （只显示一次，请存入 LINGQU_TOKEN）",
    ),
    "access.cli_person_gone": ("{name} has no role any more.", "{name} 已没有角色。"),
    "access.cli_people_title": ("People", "人员"),
    "access.cli_roles_title": ("Roles", "角色"),
    "access.cli_make_ca": (
        "Make or renew a certificate for the servers here, by a local authority.",
        "由本地机构为此处的服务器生成或更新证书。",
    ),
    "access.cli_host": (
        "Name or address under which callers reach this machine; repeatable.",
        "调用者访问本机的名字或地址；可重复。",
    ),
    "access.cli_client": (
        "Make or renew a certificate for this caller instead.",
        "改为给该调用者生成或更新证书。",
    ),
    "access.cli_signed": (
        "Certificate {certificate}\n  for {names}, until {until}\n  SHA-256 {fingerprint}\n"
        "Private key {private} (mode 0600)",
        "证书 {certificate}\n  用于 {names}，有效至 {until}\n  SHA-256 {fingerprint}\n"
        "私钥 {private}（模式 0600）",
    ),
    "access.cli_use_server": (
        "Callers must trust {authority}. In channel.yaml:\n"
        "  access: {{tls: {{certificate: {certificate}, key: {private}}}}}",
        "调用者须信任 {authority}。在 channel.yaml 中写：\n"
        "  access: {{tls: {{certificate: {certificate}, key: {private}}}}}",
    ),
    "access.cli_use_client": (
        "Servers must trust {authority}: `access: {{tls: {{…, client_ca: {authority}}}}}`. To bind "
        "a key to it:\n  lingqu keys add NAME --certificate subject:{subject}",
        "服务器须信任 {authority}：`access: {{tls: {{…, client_ca: {authority}}}}}`。"
        "将密钥绑定到它：\n  lingqu keys add NAME --certificate subject:{subject}",
    ),
    "access.cli_usage": (
        "What keys used, by key, channel, release, month, day or hour.",
        "密钥的用量，按密钥、渠道、发布、月、日或小时。",
    ),
    "access.cli_usage_by": (
        "What is told apart: key, channel, release, month, day, hour.",
        "区分项：key、channel、release、month、day、hour。",
    ),
    "access.cli_usage_since": (
        "From when: a date, or a duration back such as '30 d'.",
        "起始时间：日期，或如 '30 d' 的时长。",
    ),
    "access.cli_usage_channel": ("Of one channel only.", "只看一个渠道。"),
    "access.cli_usage_out": (
        "File to write to: .csv, .json or .parquet.",
        "写入的文件：.csv、.json 或 .parquet。",
    ),
    "access.cli_usage_title": ("Usage", "用量"),
    "access.cli_usage_none": ("Nothing was used.", "没有用量。"),
    "access.cli_usage_written": ("{path}: {count} row(s).", "{path}：{count} 行。"),
    "access.head_person": ("Name", "名字"),
    "access.head_role": ("Role", "角色"),
    "access.head_may": ("May", "可做"),
    "access.head_key": ("Key", "密钥"),
    "access.head_channel": ("Channel", "渠道"),
    "access.head_release": ("Release", "发布"),
    "access.head_month": ("Month", "月"),
    "access.head_day": ("Day", "日"),
    "access.head_hour": ("Hour", "小时"),
    "access.head_requests": ("Requests", "请求"),
    "access.head_errors": ("Errors", "错误"),
    "access.head_rows": ("Rows", "行"),
    "access.head_tokens": ("Tokens", "词元"),
    "access.head_money": ("Cost", "费用"),
    "access.head_verbs": ("May", "可做"),
    "access.head_from": ("From", "来源"),
    "access.bad_network": (
        "{received!r} is not a network: {problem}. Expected such as `10.0.0.0/8`, `2001:db8::/32` "
        "or a single address.",
        "{received!r} 不是网络：{problem}。应形如 `10.0.0.0/8`、`2001:db8::/32` 或单个地址。",
    ),
}
