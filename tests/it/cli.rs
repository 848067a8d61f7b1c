//! The real binary: exit codes, sentences, and that it starts, stops and refuses as promised.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn hufu(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
    command.current_dir(folder).args(arguments).env_clear().stdin(Stdio::null());
    command.env("HUFU_DATABASE_URL", format!("sqlite:{}", folder.join("hufu.sqlite").display()));
    command.env("HUFU_WECHAT_API_URL", "http://127.0.0.1:9/");
    command
}

/// Runs to its end with a text on standard input.
fn feed(mut command: Command, input: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses its arguments closes its end before it has read anything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    hufu(folder, arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Exit code and sentence; a panic or a value printed for programmers would show here.
fn refused(output: &Output, code: i32, sentence: &str) {
    let text = err(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(sentence), "expected “{sentence}” in: {text}");
    assert!(!text.contains("panicked") && !text.contains("Error {") && !text.contains("Err("), "{text}");
}

#[test]
fn tenants_and_users_are_made_from_the_command_line() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let made = run(folder, &["tenant", "create", "--slug", "acme", "--name", "山野餐饮"]);
    assert!(made.status.success() && out(&made).contains("acme"), "{}", err(&made));
    assert!(run(folder, &["tenant", "create", "second"]).status.success(), "a slug may stand alone");
    refused(&run(folder, &["tenant", "create", "acme"]), 1, "slug already");
    refused(&run(folder, &["tenant", "create", "Not A Slug"]), 2, "SLUG");

    let create = |more: &[&str], password: &str| {
        let arguments = [&["user", "create", "--password-stdin", "--email"], more].concat();
        feed(hufu(folder, &arguments), password)
    };
    let made =
        create(&["chen@example.com", "--tenant", "acme", "--role", "owner"], "correct horse battery\n");
    assert!(made.status.success() && out(&made).contains("chen@example.com"), "{}", err(&made));
    assert!(create(&["root@example.com", "--platform-admin"], "correct horse battery").status.success());
    refused(&create(&["chen@example.com"], "correct horse battery"), 1, "e-mail address already");
    refused(&create(&["nobody"], "correct horse battery"), 2, "--email");
    refused(&create(&["a@example.com"], "short"), 2, "at least 12");
    refused(&create(&["a@example.com"], ""), 2, "--password-stdin");
    refused(
        &create(&["a@example.com", "--tenant", "none", "--role", "owner"], "correct horse battery"),
        1,
        "none",
    );
    refused(&create(&["a@example.com", "--tenant", "acme"], "correct horse battery"), 2, "--role");
    refused(&create(&["a@example.com", "--tenant", "acme", "--role", "king"], "x"), 2, "--role");
}

#[test]
fn a_key_is_made_listed_and_revoked() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    assert!(run(folder, &["tenant", "create", "acme"]).status.success());
    let create = |more: &[&str]| {
        run(folder, &[&["key", "create", "--tenant", "acme", "--name", "orders"], more].concat())
    };

    let made = create(&[
        "--scope",
        "read_token",
        "--scope",
        "report",
        "--ip",
        "10.0.0.0/8",
        "--expires-in-days",
        "30",
    ]);
    assert!(made.status.success(), "{}", err(&made));
    let text = out(&made);
    let key = text.lines().find(|line| line.starts_with("hufu_live_")).expect("the key on a line of its own");
    assert!(hufu::domain::api_key::is_well_formed(key), "{key}");
    let listed = out(&run(folder, &["key", "list", "--tenant", "acme"]));
    assert!(
        listed.contains("orders") && listed.contains("read_token report") && listed.contains(" live "),
        "{listed}"
    );
    assert!(!listed.contains(key), "shown once");

    let id = listed.split_whitespace().next().unwrap();
    assert!(run(folder, &["key", "revoke", "--tenant", "acme", id]).status.success());
    assert!(out(&run(folder, &["key", "list", "--tenant", "acme"])).contains(" revoked "));
    refused(&run(folder, &["key", "revoke", "--tenant", "acme", "nobody"]), 1, "no such thing");
    refused(&run(folder, &["key", "list", "--tenant", "none"]), 1, "none");
    refused(&create(&[]), 2, "--scope");
    refused(&create(&["--scope", "everything"]), 2, "--scope");
    refused(&create(&["--scope", "report", "--ip", "10.0.0.0/99"]), 2, "--ip");
    refused(&create(&["--scope", "report", "--authorizer", "a/b"]), 2, "--authorizer");
}

#[test]
fn a_component_is_added_updated_and_refused() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        name.to_owned()
    };
    let (secret, token, key) =
        (file("s", "appsecret\n"), file("t", "token123\r\n"), file("k", &format!("{AES_KEY}\n")));
    let add = |key: &str| {
        let arguments = ["component", "add", "--appid", "wx0123456789abcdef", "--secret-file", &secret];
        let more = ["--token-file", &token, "--aes-key-file", key];
        run(folder, &[&arguments[..], &more[..]].concat())
    };
    let added = add(&key);
    assert!(added.status.success(), "{}", err(&added));
    assert!(out(&added).contains("/wechat/wx0123456789abcdef/events"), "{}", out(&added));
    assert!(add(&key).status.success(), "again changes nothing");
    refused(&add(&file("short", "abc")), 2, "43");
    refused(&add("nowhere"), 1, "--aes-key-file");
    let all = out(&added) + &err(&added);
    assert!(!all.contains("appsecret\n") && !all.contains(AES_KEY));
}

#[test]
fn a_wrong_configuration_ends_with_2_and_names_every_key() {
    let folder = TempDir::new().unwrap();
    let output = hufu(folder.path(), &["serve"])
        .env("HUFU_LISTEN", "nonsense")
        .env("HUFU_LSTEN", "127.0.0.1:1")
        .output()
        .unwrap();
    refused(&output, 2, "HUFU_LISTEN must be");
    refused(&output, 2, "HUFU_LSTEN: there is no such setting");
    refused(&run(folder.path(), &["no-such-command"]), 2, "no-such-command");
}

#[test]
fn a_missing_or_wrong_master_key_is_never_replaced() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let key = folder.join("hufu.key");
    assert!(run(folder, &["tenant", "create", "one"]).status.success());
    let original = std::fs::read(&key).unwrap();

    std::fs::remove_file(&key).unwrap();
    refused(&run(folder, &["tenant", "create", "two"]), 1, "does not exist, but the database holds secrets");
    assert!(!key.exists(), "no silent new key over an existing database");

    std::fs::write(&key, "hufu-key kAAAAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n").unwrap();
    refused(&run(folder, &["tenant", "create", "two"]), 1, "not the one this database was sealed with");
    std::fs::write(&key, "garbage").unwrap();
    refused(&run(folder, &["tenant", "create", "two"]), 1, "is not one of ours");

    std::fs::write(&key, original).unwrap();
    assert!(run(folder, &["tenant", "create", "two"]).status.success());
}

#[cfg(unix)]
#[test]
fn the_master_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    assert!(run(folder.path(), &["tenant", "create", "one"]).status.success());
    let mode = std::fs::metadata(folder.path().join("hufu.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_database_that_cannot_be_opened_is_one_sentence() {
    let folder = TempDir::new().unwrap();
    let output = hufu(folder.path(), &["tenant", "create", "one"])
        .env("HUFU_DATABASE_URL", "sqlite:/nowhere/at/all/hufu.sqlite")
        .output()
        .unwrap();
    refused(&output, 1, "HUFU_DATABASE_URL: the database cannot be opened");
    for url in ["postgres://u:pASSw0rd@127.0.0.1:1/x", "postgres://u:pASS/w0rd@127.0.0.1:1/x"] {
        let output = hufu(folder.path(), &["tenant", "create", "one"])
            .env("HUFU_DATABASE_URL", url)
            .env("HUFU_MASTER_KEY_FILE", "hufu.key")
            .output()
            .unwrap();
        refused(&output, 1, "HUFU_DATABASE_URL: the database cannot be opened");
        assert!(
            !err(&output).contains("pASS") && !err(&output).contains("pool timed out"),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn serve_prints_the_set_up_link_answers_and_stops_on_sigterm() {
    let folder = TempDir::new().unwrap();
    let mut child = hufu(folder.path(), &[])
        .env("HUFU_LISTEN", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line = || lines.next().unwrap().unwrap();
    let first = line();
    let address = first.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    line();
    line();
    assert!(line().starts_with(&format!("http://{address}/setup/")));

    let mut connection = std::net::TcpStream::connect(&address).unwrap();
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"), "{answer}");

    let taken = hufu(folder.path(), &["serve"]).env("HUFU_LISTEN", &address).output().unwrap();
    refused(&taken, 1, "HUFU_LISTEN: cannot listen on");

    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert!(child.wait().unwrap().success(), "SIGTERM is a normal end");
}

#[test]
fn doctor_tells_what_is_missing_and_fails_when_something_is_wrong() {
    let folder = TempDir::new().unwrap();
    let fresh = run(folder.path(), &["doctor"]);
    assert!(fresh.status.success(), "nothing is wrong yet: {}{}", out(&fresh), err(&fresh));
    assert!(out(&fresh).contains("does not exist yet") && !folder.path().join("hufu.sqlite").exists());

    assert!(run(folder.path(), &["tenant", "create", "one"]).status.success());
    let sick = run(folder.path(), &["doctor"]);
    refused(&sick, 1, "must be put right");
    for line in ["ok    database", "warn  component", "warn  administrators", "FAIL  WeChat"] {
        assert!(out(&sick).contains(line), "{line} in {}", out(&sick));
    }
    let broken = hufu(folder.path(), &["doctor"]).env("HUFU_LISTEN", "x").output().unwrap();
    assert_eq!(broken.status.code(), Some(1));
    assert!(out(&broken).contains("HUFU_LISTEN"));
}
