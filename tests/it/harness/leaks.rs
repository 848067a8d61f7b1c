//! The whole suite runs with every word logged. What looks like a secret of the sandbox or of the harness in a log line,
//! a panic's message or a page ends the run.

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use hufu::cli::LOUD_LIBRARIES_ARE_QUIET;
use hufu::sandbox::{NEWCOMER_AES_KEY, NEWCOMER_SECRET};
use tracing_subscriber::EnvFilter;

use super::PASSWORD;

/// How the sandbox's values begin; behind each stand 43 characters and more.
const BEGINNINGS: [&str; 4] = ["ticket@@@", "preauthcode@@@", "queryauthcode@@@", "refreshtoken@@@"];
/// What the platform's operator entered; the Token is a word that the sandbox says of itself.
const COMPONENT: [&str; 2] = [NEWCOMER_SECRET, NEWCOMER_AES_KEY];
const API_KEY: &str = "hufu_live_";
/// Of an access token, after its two digits and `_`.
const ACCESS_TOKEN: usize = 150;

static LINES: AtomicU64 = AtomicU64::new(0);

/// Begins to listen; once for the process.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter = EnvFilter::try_new(format!("{LOUD_LIBRARIES_ARE_QUIET},trace")).unwrap();
        let told = std::env::var_os("RUST_LOG").is_some();
        let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        let _ = lines.with_writer(move || Lines { told }).try_init();
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // A test's own assertion may show what it holds in its hands; the program's may not.
            if info.location().is_some_and(|place| place.file().starts_with("src/")) {
                check("a panic", &info.to_string());
            }
            usual(info);
        }));
    });
}

/// Each write is one line of the log.
struct Lines {
    told: bool,
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LINES.fetch_add(1, Ordering::Relaxed);
        let text = String::from_utf8_lossy(line);
        check("a line of the log", &text);
        if self.told {
            let _ = io::stderr().write_all(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn check(what: &str, text: &str) {
    if let Some(found) = find(text) {
        let _ = writeln!(io::stderr(), "{what} holds a secret in clear, {found:?}:\n{text}");
        std::process::abort();
    }
}

/// A page may show a key that was just made, and leads to WeChat with the code that it needs there; nothing else. The one
/// page that answers a form which asks for a secret, with a reason, shows it in one place.
pub(crate) fn check_page(posted_to: &str, body: &str) {
    let body = if is_reveal(posted_to) { without_output(body) } else { body.to_owned() };
    let body = body.replace("preauthcode@@@", "").replace("preauthcode%40%40%40", "").replace(API_KEY, "");
    assert_eq!(find(&body), None, "a page holds a secret in clear:\n{body}");
}

fn is_reveal(path: &str) -> bool {
    let appid = path.strip_prefix("/admin/components/").and_then(|rest| rest.strip_suffix("/reveal"));
    appid.is_some_and(|appid| run(appid) == appid.len())
}

/// The page without its first `<output>`, which holds nothing but the text with its button.
fn without_output(body: &str) -> String {
    let Some((before, rest)) = body.split_once("<output>") else { return body.to_owned() };
    let (inside, after) = rest.split_once("</output>").unwrap();
    assert!(inside.starts_with(r#"<span class="copy"><code>"#) && inside.len() < 600, "{inside}");
    format!("{before}{after}")
}

/// The beginning of the first secret in this text.
pub(crate) fn find(text: &str) -> Option<String> {
    let marked = BEGINNINGS.iter().find_map(|start| {
        text.match_indices(start).find(|(at, _)| run(&text[at + start.len()..]) >= 43).map(|(at, _)| at)
    });
    let key =
        text.match_indices(API_KEY).find(|(at, _)| run(&text[at + API_KEY.len()..]) >= 39).map(|(at, _)| at);
    let of_component = COMPONENT.iter().find_map(|secret| text.find(secret));
    let at =
        marked.or(key).or(of_component).or_else(|| access_token(text)).or_else(|| text.find(PASSWORD))?;
    Some(text[at..].chars().take(24).collect())
}

fn access_token(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(length) = text[from..].find(|c: char| !is_part(c)) {
        if is_access_token(&text[from..from + length]) {
            return Some(from);
        }
        from += length + text[from + length..].chars().next().map_or(1, char::len_utf8);
    }
    is_access_token(&text[from..]).then_some(from)
}

fn is_access_token(word: &str) -> bool {
    let digits = word.bytes().take(2).filter(u8::is_ascii_digit).count();
    digits == 2 && word.as_bytes().get(2) == Some(&b'_') && word.len() >= ACCESS_TOKEN
}

fn run(text: &str) -> usize {
    text.find(|c: char| !is_part(c)).unwrap_or(text.len())
}

const fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[test]
fn every_word_is_heard() {
    watch();
    let before = LINES.load(Ordering::Relaxed);
    tracing::trace!(target: "hufu::test", "a word");
    assert!(LINES.load(Ordering::Relaxed) > before, "nobody listens at trace");
}

#[test]
fn only_the_page_that_answers_who_asked_shows_a_secret_and_only_in_one_place() {
    let shown =
        format!(r#"<p><output><span class="copy"><code>{NEWCOMER_SECRET}</code></span></output></p>"#);
    let refused = |path: &str, body: &str| std::panic::catch_unwind(|| check_page(path, body)).is_err();
    assert!(!refused("/admin/components/wx1/reveal", &shown));
    assert!(refused("", &shown) && refused("/admin/components/wx1", &shown));
    assert!(refused("/admin/components/wx1/reveal", &format!("{shown}{NEWCOMER_AES_KEY}")));
}

#[test]
fn secrets_are_found_and_fingerprints_are_not() {
    let long = "Ab-_9".repeat(31);
    for secret in [
        format!("refreshed {{ token: refreshtoken@@@{} }}", &long[..43]),
        format!("?auth_code=queryauthcode@@@{long}"),
        format!("<p>42_{long}</p>"),
        format!("Bearer hufu_live_{}_0Ab3Cd", &"x1Y".repeat(11)[..32]),
        format!("password={PASSWORD}"),
        format!("appsecret: {NEWCOMER_SECRET}"),
    ] {
        assert!(find(&secret).is_some(), "{secret}");
    }
    for harmless in ["refreshtoken@@@…", "hufu_live_Ab12…", "42_short", "2026_11_21", &"a".repeat(400)] {
        assert_eq!(find(harmless), None, "{harmless}");
    }
}
