//! The floors of the house (see `src/lib.rs`), kept by reading the sources: who may see whom, and which files may
//! name which crate.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const LEVEL_0: &[&str] = &["clock", "random", "secret", "crash_point"];

/// Which floors a floor may see besides itself and `LEVEL_0`.
const FLOORS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("random", &[]),
    ("secret", &[]),
    ("crash_point", &[]),
    ("vault", &[]),
    ("config", &[]),
    ("domain", &[]),
    ("store", &["domain", "vault"]),
    ("wechat", &["domain"]),
    ("mail", &["domain"]),
    ("sandbox", &["domain", "wechat"]),
    ("service", &["domain", "store", "wechat", "mail", "vault"]),
    ("jobs", &["domain", "store", "service"]),
    ("web", &["domain", "store", "service", "jobs"]),
    ("app", &["domain", "store", "wechat", "mail", "vault", "config", "sandbox", "service", "jobs", "web"]),
    (
        "cli",
        &["domain", "store", "wechat", "mail", "vault", "config", "sandbox", "service", "jobs", "web", "app"],
    ),
    ("main", &["cli", "config", "app"]),
];

/// Which files may name a crate, by the start of their path under `src/`.
const CRATES: &[(&str, &[&str])] = &[
    // Benches fill and drop databases of their own with statements that no program should have.
    ("sqlx", &["store/", "cli/bench/scratch.rs"]),
    ("reqwest", &["wechat/", "sandbox/"]),
    ("lettre", &["mail.rs", "config/mail.rs"]),
    ("actix_web", &["web/", "sandbox/", "app.rs", "app/wire.rs", "cli/"]),
    ("actix_http", &["app/wire.rs"]),
    ("actix_server", &["app/wire.rs"]),
    ("actix_service", &["app/wire.rs"]),
    ("actix_session", &["web/", "app.rs"]),
    ("chacha20poly1305", &["vault/cipher.rs"]),
    ("getrandom", &["random.rs"]),
    ("rustix", &["crash_point.rs"]),
    ("toml", &["config.rs", "config/"]),
    ("clap", &["main.rs", "cli/"]),
];

/// Crates that live in one file, wherever it is.
const ALONE: &[&str] = &["argon2", "tokio_cron_scheduler", "quick_xml"];

/// Names that read the clock or wait.
const TIMEKEEPERS: &[&str] = &["SystemTime", "Instant", "now_utc"];

#[test]
fn every_module_looks_only_down() {
    let sources = sources();
    let mut complaints: Vec<String> =
        sources.iter().flat_map(|(path, text)| complaints_about(path, text)).collect();
    complaints.extend(crates_in_two_files(&sources));
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_file_opens_with_a_sentence_that_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(text.starts_with("//! "), "src/{path}: opens without a `//!` sentence");
    }
}

#[test]
fn no_template_prints_unescaped() {
    for path in files_below(Path::new("templates"), "html") {
        let text = fs::read_to_string(&path).unwrap();
        let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(!squeezed.contains("|safe"), "{}: prints with |safe", path.display());
        assert!(!squeezed.contains("autoescape"), "{}: changes the escaping", path.display());
    }
}

#[test]
fn the_reader_of_sources_sees_every_way_of_looking_up() {
    let domain = |text| complaints_about("domain/authorizer.rs", text);
    let refused = ["src/domain/authorizer.rs: domain may not see store"];
    assert_eq!(domain("use crate::store::Reader;"), refused);
    assert_eq!(domain("use crate::{clock::Clock, store};"), refused);
    assert_eq!(domain("use super::super::store::Reader;"), refused);
    assert_eq!(domain("fn f() -> crate::store::Reader { todo!() }"), refused);
    assert_eq!(domain("fn f() { vec![crate::store::open()]; }"), refused);
    assert_eq!(domain("mod tests { use super::super::super::store::Reader; }"), refused);
    assert_eq!(domain("use super::store::Reader; // a module of domain"), [""; 0]);
    assert_eq!(domain("/// [`crate::store`]\npub struct A;"), [""; 0]);
    assert_eq!(
        domain("use sqlx::Row;"),
        ["src/domain/authorizer.rs: only store/, cli/bench/scratch.rs may name sqlx"]
    );
    assert_eq!(
        domain("#[derive(sqlx::FromRow)] struct A;"),
        ["src/domain/authorizer.rs: only store/, cli/bench/scratch.rs may name sqlx"]
    );
    assert_eq!(
        domain("use std::time::{Duration, Instant};"),
        ["src/domain/authorizer.rs: only clock.rs may name Instant"]
    );
    assert_eq!(
        complaints_about("web/overview.rs", "async fn f(s: Store) { s.write().await; }"),
        ["src/web/overview.rs: web only reads; writing is a use case in service"]
    );
    assert_eq!(
        complaints_about("web/overview.rs", "async fn f(cx: Context) { cx.store.read().await; }"),
        ["src/web/overview.rs: web reads through its viewer: viewer.read(&db)"]
    );
    assert_eq!(complaints_about("web/overview.rs", "async fn f() { viewer.read(&db).await; }"), [""; 0]);
    assert_eq!(complaints_about("nowhere.rs", ""), ["src/nowhere.rs: nowhere is on no floor"]);
    let two =
        [("a.rs", "use argon2::A;"), ("b.rs", "use argon2::A;")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(crates_in_two_files(&two), ["argon2 belongs in one file, but a.rs, b.rs name it"]);
}

/// What is wrong with one file, each complaint once.
fn complaints_about(path: &str, text: &str) -> Vec<String> {
    if path == "lib.rs" {
        return Vec::new();
    }
    let (floor, depth) = place(path);
    let Some((_, below)) = FLOORS.iter().find(|(name, _)| *name == floor) else {
        return vec![format!("src/{path}: {floor} is on no floor")];
    };
    let seen = Seen::read(path, text, depth);
    let mut complaints = Vec::new();
    for other in &seen.floors {
        let known = FLOORS.iter().any(|(name, _)| name == other);
        if known && other != floor && !below.contains(&other.as_str()) && !LEVEL_0.contains(&other.as_str()) {
            complaints.push(format!("src/{path}: {floor} may not see {other}"));
        }
    }
    for (name, homes) in CRATES {
        let at_home = homes.iter().any(|home| path.starts_with(home));
        if !at_home && seen.roots.iter().any(|root| root == name) {
            complaints.push(format!("src/{path}: only {} may name {name}", homes.join(", ")));
        }
    }
    for name in TIMEKEEPERS {
        if path != "clock.rs" && seen.names.iter().any(|seen| seen == name) {
            complaints.push(format!("src/{path}: only clock.rs may name {name}"));
        }
    }
    if floor == "web"
        && path != "web/session_store.rs"
        && (seen.writes || seen.names.iter().any(|n| n == "Writer"))
    {
        complaints.push(format!("src/{path}: web only reads; writing is a use case in service"));
    }
    // Its own database access is the viewer's; a session belongs to nobody yet.
    let opens = ["web/viewer.rs", "web/viewer/read_only.rs", "web/viewer/look_up.rs", "web/session_store.rs"];
    if floor == "web" && !opens.contains(&path) && seen.reads {
        complaints.push(format!("src/{path}: web reads through its viewer: viewer.read(&db)"));
    }
    complaints.dedup();
    complaints
}

fn crates_in_two_files(sources: &[(String, String)]) -> Vec<String> {
    let files_naming = |name: &&str| -> Vec<&str> {
        let names = |(path, text): &&(String, String)| {
            Seen::read(path, text, 0).roots.iter().any(|root| root == name)
        };
        sources.iter().filter(names).map(|(path, _)| path.as_str()).collect()
    };
    ALONE
        .iter()
        .map(|name| (name, files_naming(name)))
        .filter(|(_, files)| files.len() > 1)
        .map(|(name, files)| format!("{name} belongs in one file, but {} name it", files.join(", ")))
        .collect()
}

/// The floor of a file and how many `super::` lead from it to the crate's root.
fn place(path: &str) -> (&str, usize) {
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    let is_folder = parts.last() == Some(&"mod");
    (parts[0], parts.len() - usize::from(is_folder))
}

/// What a file names, macros and attributes included.
#[derive(Default)]
struct Seen {
    /// First names after `crate::`, or after enough `super::`.
    floors: Vec<String>,
    /// First names of other paths.
    roots: Vec<String>,
    names: Vec<String>,
    /// `.write()` is called on something.
    writes: bool,
    /// `.read()` is called on something.
    reads: bool,
}

impl Seen {
    fn read(path: &str, text: &str, depth: usize) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("src/{path}: {error}"));
        drop(file);
        let mut seen = Self::default();
        seen.walk(text.parse().unwrap(), depth);
        seen.floors.sort();
        seen.floors.dedup();
        seen
    }

    fn walk(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => {
                    let in_module = group.delimiter() == Delimiter::Brace
                        && at >= 2
                        && word(&tokens[at - 2]).as_deref() == Some("mod");
                    self.walk(group.stream(), depth + usize::from(in_module));
                }
                TokenTree::Ident(_) => at = self.path(&tokens, at, depth),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }

    /// Reads the path that starts at `at`; answers where its last plain name is.
    fn path(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> usize {
        let mut names = vec![word(&tokens[at]).unwrap_or_default()];
        let mut end = at;
        while colons(tokens, end + 1) {
            let Some(next) = tokens.get(end + 3).and_then(word) else { break };
            names.push(next);
            end += 3;
        }
        if at > 0 && is(&tokens[at - 1], '.') {
            let empty =
                matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.stream().is_empty());
            self.writes |= empty && names == ["write"];
            self.reads |= empty && names == ["read"];
        }
        let up = names.iter().take_while(|name| *name == "super").count();
        let from_root = names[0] == "crate" || (up > 0 && up == depth);
        if from_root {
            self.floors.extend(names.get(up.max(1)).cloned());
            if names.len() == up.max(1) && colons(tokens, end + 1) {
                self.floors.extend(tokens.get(end + 3).map(first_names).unwrap_or_default());
            }
        } else if colons(tokens, end + 1)
            || names.len() > 1
            || (at > 0 && word(&tokens[at - 1]).as_deref() == Some("use"))
        {
            self.roots.push(names[0].clone());
        }
        self.names.extend(names);
        end
    }
}

/// The first names in the braces of `use crate::{a::B, c}`.
fn first_names(tree: &TokenTree) -> Vec<String> {
    let TokenTree::Group(group) = tree else { return Vec::new() };
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let starts = |at: &usize| *at == 0 || is(&tokens[at - 1], ',');
    (0..tokens.len()).filter(starts).filter_map(|at| word(&tokens[at])).collect()
}

fn word(tree: &TokenTree) -> Option<String> {
    match tree {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        TokenTree::Group(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    }
}

fn is(tree: &TokenTree, sign: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn colons(tokens: &[TokenTree], at: usize) -> bool {
    at + 1 < tokens.len() && is(&tokens[at], ':') && is(&tokens[at + 1], ':')
}

/// Every source file: its path under `src/` and its text.
pub(crate) fn sources() -> Vec<(String, String)> {
    let root = Path::new("src");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(&path).unwrap())
    };
    files_below(root, "rs").into_iter().map(read).collect()
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}
