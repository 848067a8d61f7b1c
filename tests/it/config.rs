//! Settings: where they come from, which wins, and what is said about wrong ones.

use std::collections::BTreeMap;
use std::path::Path;

use hufu::config::{Config, ConfigError, KEYS, LogFormat};
use tempfile::TempDir;

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(&variables)
}

fn problems(variables: &[(&str, &str)]) -> Vec<String> {
    load(variables).unwrap_err().problems
}

/// A folder with a configuration file, and its path.
fn file(text: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

#[test]
fn without_any_setting_everything_has_its_default() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert!(config.public_url.is_none());
    assert_eq!(config.database_url.expose(), "sqlite:hufu.sqlite");
    assert_eq!(config.database_connections, 20);
    assert_eq!(config.master_key_file, Path::new("hufu.key"));
    assert_eq!(config.wechat_api_url.as_str(), "https://api.weixin.qq.com/");
    assert_eq!((config.refresh_parallel, config.refresh_rate), (64, 100));
    assert_eq!(config.log_format, LogFormat::Text);
}

#[test]
fn the_master_key_lies_beside_the_sqlite_file() {
    for (database, key) in [
        ("sqlite:/var/lib/hufu/hufu.sqlite", "/var/lib/hufu/hufu.key"),
        ("sqlite:///var/lib/hufu/hufu.sqlite?mode=rwc", "/var/lib/hufu/hufu.key"),
        ("postgres://hufu@db/hufu", "hufu.key"),
    ] {
        let config = load(&[("HUFU_DATABASE_URL", database)]).unwrap();
        assert_eq!(config.master_key_file, Path::new(key), "{database}");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let (_folder, path) = file("listen = \"0.0.0.0:80\"\nrefresh_parallel = 8\nlog_format = \"json\"\n");
    let config = load(&[("HUFU_CONFIG", &path), ("HUFU_LISTEN", "127.0.0.1:9000")]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:9000");
    assert_eq!(config.refresh_parallel, 8);
    assert_eq!(config.log_format, LogFormat::Json);
}

#[test]
fn every_mistake_is_told_at_once_and_names_its_key() {
    let problems = problems(&[
        ("HUFU_LISTEN", "8080"),
        ("HUFU_PUBLIC_URL", "hufu.example.com"),
        ("HUFU_DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("HUFU_WECHAT_API_URL", "ftp://api.weixin.qq.com"),
        ("HUFU_REFRESH_PARALLEL", "0"),
        ("HUFU_SIGN_UP", "true"),
        ("HUFU_LOG", "no=such=filter"),
        ("HUFU_LOG_FORMAT", "xml"),
        ("HUFU_LISTN", "127.0.0.1:1"),
    ]);
    for key in [
        "HUFU_LISTEN",
        "HUFU_PUBLIC_URL",
        "HUFU_DATABASE_URL",
        "HUFU_WECHAT_API_URL",
        "HUFU_REFRESH_PARALLEL",
        "HUFU_SIGN_UP",
        "HUFU_LOG",
        "HUFU_LOG_FORMAT",
        "HUFU_LISTN",
    ] {
        let about = problems.iter().filter(|p| p.split([' ', ':']).next() == Some(key));
        assert_eq!(about.count(), 1, "{key}: {problems:?}");
    }
    assert!(!problems.concat().contains("hunter2"), "a password is not repeated");
}

#[test]
fn a_public_url_is_an_origin() {
    for bad in ["https://a.example/path", "https://u:p@a.example", "https://a.example/?x", "https://"] {
        assert_eq!(problems(&[("HUFU_PUBLIC_URL", bad)]).len(), 1, "{bad}");
    }
    let config = load(&[("HUFU_PUBLIC_URL", "https://hufu.example.com")]).unwrap();
    assert_eq!(config.public_url.unwrap().as_str(), "https://hufu.example.com/");
}

#[test]
fn a_file_with_an_unknown_key_or_no_sense_is_refused() {
    let (_folder, path) = file("listen = \"127.0.0.1:1\"\nlisten_on = \"x\"\nlog = true\n");
    let told = problems(&[("HUFU_CONFIG", &path)]);
    assert!(told.iter().any(|p| p.contains("`listen_on`")), "{told:?}");
    assert!(told.iter().any(|p| p.contains("`log`")), "{told:?}");
    let (_folder, path) = file("listen = \n");
    let told = problems(&[("HUFU_CONFIG", &path)]);
    assert!(told[0].contains("line 1") && told[0].contains("settings.toml"), "{told:?}");
    let told = problems(&[("HUFU_CONFIG", "/nowhere/hufu.toml")]);
    assert!(told[0].contains("HUFU_CONFIG") && told[0].contains("/nowhere/hufu.toml"), "{told:?}");
}

#[test]
fn the_database_address_may_be_in_a_file_of_its_own() {
    let (_folder, path) = file("postgres://hufu:hunter2@db/hufu\n");
    let config = load(&[("HUFU_DATABASE_URL_FILE", &path)]).unwrap();
    assert_eq!(config.database_url.kind(), "postgres");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(problems(&[("HUFU_DATABASE_URL_FILE", "/nowhere")])[0].starts_with("HUFU_DATABASE_URL_FILE"));
}

#[test]
fn letters_need_a_server_and_a_sender_and_the_servers_password_is_not_told() {
    let from = ("HUFU_MAIL_FROM", "虎符 <hufu@example.com>");
    for good in ["smtp://mail:25", "smtps://a%40b:hunter2@mail.example.com", "starttls://u:hunter2@mail:587"]
    {
        let config = load(&[("HUFU_SMTP_URL", good), from]).unwrap();
        assert_eq!(config.mail.as_ref().unwrap().smtp_url.expose(), good);
        assert!(!format!("{config:?}").contains("hunter2"));
    }
    for bad in ["mail:25", "http://mail", "smtp://mail/path", "smtp://mail?tls=none"] {
        assert!(problems(&[("HUFU_SMTP_URL", bad), from])[0].starts_with("HUFU_SMTP_URL"), "{bad}");
    }
    let told = problems(&[("HUFU_SMTP_URL", "smtp://u:hunter2@mail")]);
    assert!(told[0].starts_with("HUFU_MAIL_FROM") && !told[0].contains("hunter2"), "{told:?}");
    assert_eq!(problems(&[("HUFU_MAIL_FROM", "nobody")]).len(), 1);
    assert!(load(&[from]).unwrap().mail.is_none());
    let (_folder, path) = file("smtp://u:hunter2@mail\n");
    assert!(load(&[("HUFU_SMTP_URL_FILE", &path), from]).unwrap().mail.is_some());
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let config = load(&[("HUFU_LISTEN", ""), ("HUFU_PUBLIC_URL", "")]).unwrap();
    assert_eq!(config.listen.port(), 8080);
}

#[test]
fn every_key_has_a_meaning_in_both_languages_and_a_default_that_works() {
    for key in KEYS {
        assert!(!key.meaning_zh.is_empty() && !key.meaning_en.is_empty(), "{}", key.name);
        if !key.default.is_empty() {
            load(&[(key.name, key.default)]).unwrap();
        }
    }
}

#[test]
fn a_debug_build_takes_the_crash_point_of_a_test_and_a_release_build_does_not_know_it() {
    let taken = load(&[("HUFU_CRASH_AT", "before_call"), ("HUFU_STOP_AT", "after_answer")]).is_ok();
    assert_eq!(taken, cfg!(debug_assertions));
    assert_eq!(problems(&[("HUFU_CRASH_ATT", "before_call")]).len(), 1);
}
