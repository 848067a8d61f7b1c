//! Every route that changes something says to a use case who asks: `actor()` stands in the handler, or in a function of its
//! file that it calls. A new one that does not, and is not excused here, fails.

use std::collections::BTreeSet;
use std::fs;

use hufu::web::policy::{Effect, Verb};
use hufu::web::routes::TABLE;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Handlers without a record, and why.
const EXCUSED: &[(&str, &str)] = &[
    (
        "::push::events",
        "WeChat's pushes are kept in the inbox, and what they change in the accounts' history",
    ),
    ("::push::messages", "WeChat's messages are kept in the inbox, and change nothing by themselves"),
    ("::authorize::entry::show", "it only lets the device come back; coming back is audited"),
    ("::authorize::entry::result", "it only lets the device come back; coming back is audited"),
    (
        "::security::start_app",
        "a secret that counts for nothing until its first code is entered, which is audited",
    ),
    (
        "::password::ask",
        "it answers the same for everybody; the letter is queued later, and its use is audited",
    ),
    ("::sign_up::ask", "it answers the same for everybody; finishing is audited"),
    ("::passkeys::start_new", "it only asks the browser; adding the passkey is audited"),
    ("::passkeys::start_sign_in", "it only asks the browser; the answer is audited"),
    ("::passkeys::start_step_up", "it only asks the browser; the answer is audited"),
    ("::passkeys::remove", "it calls the page of second factors, which names the actor"),
    ("::connect::show", "it only counts the visit; a press is audited"),
];

#[test]
fn every_route_that_changes_something_says_who_asks() {
    let changing =
        TABLE.iter().filter(|route| route.policy.effect == Effect::Changes || route.verb == Verb::Post);
    let handlers: BTreeSet<&str> = changing.map(|route| route.handler).collect();
    let silent: Vec<_> = handlers.iter().filter(|handler| !names_the_actor(handler)).collect();
    let unexcused: Vec<_> =
        silent.iter().filter(|handler| !EXCUSED.iter().any(|(excused, _)| *excused == ***handler)).collect();
    assert!(unexcused.is_empty(), "these change something and write no record: {unexcused:#?}");
    for (excused, why) in EXCUSED {
        assert!(!handlers.contains(excused) || silent.contains(&excused), "{excused} needs no excuse");
        assert!(why.len() > 20, "{excused}: why?");
    }
    assert!(handlers.len() > 30, "the table was not read");
}

#[test]
fn a_handler_that_is_silent_is_found() {
    assert!(names_the_actor("::authorizer::pause"), "through a function that it calls");
    assert!(names_the_actor("::api_keys::create"));
    assert!(!names_the_actor("::api_keys::list"));
}

fn names_the_actor(handler: &str) -> bool {
    let (modules, name) = handler.trim_start_matches("::").rsplit_once("::").unwrap();
    let file = format!("src/web/{}.rs", modules.replace("::", "/"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{handler}: {file}: {error}"));
    let functions = functions(text.parse().unwrap());
    let mut reached = vec![name.to_owned()];
    let mut at = 0;
    while at < reached.len() {
        let Some((_, said)) = functions.iter().find(|(function, _)| *function == reached[at]) else { break };
        if said.contains("actor") {
            return true;
        }
        let called: Vec<String> = functions.iter().map(|(function, _)| function.clone()).collect();
        for function in called.into_iter().filter(|function| said.contains(function)) {
            if !reached.contains(&function) {
                reached.push(function);
            }
        }
        at += 1;
    }
    false
}

/// Each function of a file with the words of its body.
fn functions(file: TokenStream) -> Vec<(String, BTreeSet<String>)> {
    let mut all = Vec::new();
    let mut tokens = file.into_iter();
    while let Some(token) = tokens.next() {
        if !matches!(&token, TokenTree::Ident(word) if word == "fn") {
            continue;
        }
        let Some(TokenTree::Ident(name)) = tokens.next() else { continue };
        let body = tokens.by_ref().find_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
            _ => None,
        });
        all.push((name.to_string(), words(body.unwrap_or_default())));
    }
    all
}

fn words(tokens: TokenStream) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                all.insert(word.to_string());
            }
            TokenTree::Group(group) => all.extend(words(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    all
}
