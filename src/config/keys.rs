//! The list of settings: what the README's table is checked against.

use crate::crash_point;

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// In the environment; in `hufu.toml` the same in lower case without `HUFU_`.
    pub name: &'static str,
    /// As text; empty when it follows from other settings.
    pub default: &'static str,
    pub meaning_zh: &'static str,
    pub meaning_en: &'static str,
}

impl Key {
    /// Its name in `hufu.toml`.
    pub fn in_file(&self) -> String {
        self.name.trim_start_matches("HUFU_").to_lowercase()
    }
}

const fn key(
    name: &'static str,
    default: &'static str,
    meaning_zh: &'static str,
    meaning_en: &'static str,
) -> Key {
    Key { name, default, meaning_zh, meaning_en }
}

/// Every setting, in the order of the README's table.
pub const KEYS: &[Key] = &[
    key("HUFU_LISTEN", "127.0.0.1:8080", "监听地址", "the address to listen on"),
    key(
        "HUFU_PUBLIC_URL",
        "",
        "用户访问门户的地址，域名须与微信开放平台上填写的一致；默认 http://{HUFU_LISTEN}",
        "where people reach the portal; its domain is the one entered at WeChat; default http://{HUFU_LISTEN}",
    ),
    key(
        "HUFU_DATABASE_URL",
        "sqlite:hufu.sqlite",
        "数据库：sqlite:文件 或 postgres://…；也可用 HUFU_DATABASE_URL_FILE 指定含有它的文件",
        "the database: sqlite:<file> or postgres://…; HUFU_DATABASE_URL_FILE names a file that holds it",
    ),
    key(
        "HUFU_DATABASE_CONNECTIONS",
        "20",
        "连接 PostgreSQL 的最大连接数（2–1000）；多个进程共用一个数据库时，其总和须小于数据库的 max_connections",
        "connections to PostgreSQL at once (2–1000); those of all processes stay below its max_connections",
    ),
    key(
        "HUFU_MASTER_KEY_FILE",
        "",
        "主密钥文件，首次启动时创建；默认在 SQLite 文件旁边的 hufu.key，PostgreSQL 为 ./hufu.key",
        "the master key, made on first start; default hufu.key beside the SQLite file, ./hufu.key with PostgreSQL",
    ),
    key(
        "HUFU_MASTER_KEY",
        "",
        "主密钥本身，代替文件；多个之间用分号分隔，每个形如 `hufu-key <名称> <32 字节的 base64>`",
        "the master keys themselves instead of the file: `hufu-key <id> <base64 of 32 bytes>`, semicolons between",
    ),
    key("HUFU_WECHAT_API_URL", "https://api.weixin.qq.com", "微信接口地址", "WeChat's interface"),
    key(
        "HUFU_WECHAT_MP_URL",
        "https://mp.weixin.qq.com",
        "电脑端授权页地址",
        "WeChat's consent page for computers",
    ),
    key(
        "HUFU_WECHAT_OPEN_URL",
        "https://open.weixin.qq.com",
        "手机端授权页地址",
        "WeChat's consent page for phones",
    ),
    key(
        "HUFU_REFRESH_PARALLEL",
        "64",
        "同时进行的续期数量（1–1000）",
        "refreshes in flight at once (1–1000)",
    ),
    key(
        "HUFU_REFRESH_RATE",
        "100",
        "每个第三方平台每秒最多开始的续期数量（1–10000），多个进程共享",
        "refreshes that may begin in a second for each component (1–10000), shared by all processes",
    ),
    key(
        "HUFU_TRUSTED_PROXIES",
        "",
        "可信反向代理的地址或网段，逗号分隔；只有来自它们的 X-Forwarded-For 才算数",
        "reverse proxies whose X-Forwarded-For is believed: addresses or ranges, commas between",
    ),
    key(
        "HUFU_CONNECTIONS_PER_ADDRESS",
        "1024",
        "每个来源地址最多同时打开的连接数（1–100000）；可信反向代理不受限制",
        "connections that one address may hold open (1–100000); trusted proxies are not counted",
    ),
    key(
        "HUFU_SMTP_URL",
        "",
        "发信服务器：smtp://、starttls:// 或 smtps://，可带 用户名:密码@；不设置则不发邮件，链接只显示给创建者一次；也可用 HUFU_SMTP_URL_FILE 指定含有它的文件",
        "the mail server: smtp://, starttls:// or smtps://, with user:password@ if it asks; without it no letters are sent and links are shown once to whoever makes them; HUFU_SMTP_URL_FILE names a file that holds it",
    ),
    key(
        "HUFU_MAIL_FROM",
        "",
        "发件人，例如 虎符 <hufu@example.com>；设置 HUFU_SMTP_URL 时必填",
        "the sender of letters, such as Hufu <hufu@example.com>; needed with HUFU_SMTP_URL",
    ),
    key(
        "HUFU_REQUIRE_ADMIN_MFA",
        "true",
        "平台管理员必须启用两步验证：true 或 false",
        "whether platform administrators need a second factor: true or false",
    ),
    key(
        "HUFU_SIGN_UP",
        "false",
        "公司可以自助注册租户：true 或 false；需要 HUFU_SMTP_URL",
        "whether companies may make tenants of their own: true or false; needs HUFU_SMTP_URL",
    ),
    key("HUFU_LOG", "info", "日志过滤，例如 info,hufu=debug", "what is logged, such as info,hufu=debug"),
    key("HUFU_LOG_FORMAT", "text", "日志格式：text 或 json", "the form of the log: text or json"),
];

/// Settings that may be given as the name of a file that holds them.
pub(super) const AS_FILE: &[&str] = &["HUFU_DATABASE_URL", "HUFU_SMTP_URL"];

/// Names the configuration file itself; only in the environment.
pub(super) const CONFIG_FILE: &str = "HUFU_CONFIG";

/// For the test-suite; not a setting of the program.
pub(super) fn is_of_tests(name: &str) -> bool {
    name.starts_with("HUFU_TEST_") || (crash_point::ENABLED && crash_point::VARIABLES.contains(&name))
}
