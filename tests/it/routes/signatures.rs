//! The table's policies against the signatures of the handlers, read from the sources. What a handler begins with is
//! checked by the compiler already (`web/policy.rs`); forms, step-up and public pages are checked here.

use std::collections::BTreeSet;
use std::fs;

use hufu::domain::role::{Permission, Role};
use hufu::web::policy::{Access, Route};
use hufu::web::routes::TABLE;

#[test]
fn every_handlers_signature_says_what_the_table_says() {
    let complaints: Vec<String> =
        TABLE.iter().flat_map(|route| complaints(route, &arguments(route))).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn a_signature_that_asks_for_something_else_is_told() {
    let revoke = TABLE.iter().find(|route| route.pattern == "/api-keys/{key}/revoke").unwrap();
    let told = |signature: &str| complaints(revoke, &types_of(&syn::parse_str(signature).unwrap()));
    assert_eq!(told("async fn f(v: Viewer<ManageKeys>, _: Recent, _: Form<Nothing>)"), [""; 0]);
    let another = told("async fn f(v: Viewer<SeeAuthorizers>, _: Recent, _: Form<Nothing>)");
    assert!(another[0].contains("Viewer<ManageKeys>"));
    assert!(told("async fn f(v: Viewer<ManageKeys>, _: Recent)")[0].contains("Form"));
    assert!(told("async fn f(v: Viewer<ManageKeys>, _: Form<Nothing>)")[0].contains("Recent"));
    let two = told("async fn f(v: Viewer<ManageKeys>, v: Admin, _: Recent, _: Form<Nothing>)");
    assert!(two[0].contains("Admin"));
}

#[test]
fn every_pattern_and_verb_stands_there_once() {
    let mut seen = BTreeSet::new();
    for route in TABLE {
        assert!(seen.insert((route.pattern, format!("{:?}", route.verb))), "{} twice", route.pattern);
    }
    assert!(TABLE.len() > 40, "the table was not read");
}

/// A permission that every role has protects nothing that another does not; one that nobody has locks everybody out.
#[test]
fn the_owner_may_do_whatever_a_route_asks_for() {
    for route in TABLE {
        if let Access::Member(permission) = route.policy.access {
            assert!(Role::Owner.may(permission), "nobody may {permission:?}: {}", route.pattern);
        }
    }
    assert!(!Role::Viewer.may(Permission::ManageAuthorizers));
}

/// What a handler may be given about its visitor, at most one of them.
const VISITORS: &[&str] = &["Viewer", "Admin", "PlatformReader", "SignedIn", "Visitor", "Caller"];

fn complaints(route: &Route, types: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    let place = format!("{} ({})", route.pattern, route.handler);
    let visitors: Vec<&String> = types.iter().filter(|one| VISITORS.contains(&name_of(one))).collect();
    let expected = visitor(route.policy.access);
    if visitors.iter().map(|one| one.as_str()).ne(expected.iter().map(String::as_str)) {
        complaints.push(format!("{place}: asks for {visitors:?} instead of {expected:?}"));
    }
    for (name, promised) in [("Form", route.policy.form), ("Recent", route.policy.recent)] {
        let asked = types.iter().any(|one| name_of(one) == name || (name == "Form" && one == "FileForm"));
        if asked != promised {
            complaints.push(format!("{place}: {name} in the signature: {asked}, in the table: {promised}"));
        }
    }
    complaints
}

fn visitor(access: Access) -> Option<String> {
    match access {
        Access::Open | Access::Signed => None,
        Access::Key(scope) => Some(format!("Caller<May{scope:?}>")),
        Access::Public => Some("Visitor".to_owned()),
        Access::SignedIn => Some("SignedIn".to_owned()),
        Access::Member(permission) => Some(format!("Viewer<{permission:?}>")),
        Access::PlatformReader => Some("PlatformReader".to_owned()),
        Access::PlatformAdmin => Some("Admin".to_owned()),
    }
}

fn name_of(kind: &str) -> &str {
    kind.split('<').next().unwrap()
}

/// The types of the handler's arguments, as `Viewer<SeeAuthorizers>`.
fn arguments(route: &Route) -> Vec<String> {
    let (modules, name) = route.handler.trim_start_matches("::").rsplit_once("::").unwrap();
    let file = format!("src/web/{}.rs", modules.replace("::", "/"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {file}: {error}", route.handler));
    let items = syn::parse_file(&text).unwrap().items;
    let function = items.iter().find_map(|item| match item {
        syn::Item::Fn(function) if function.sig.ident == name => Some(function),
        _ => None,
    });
    types_of(&function.unwrap_or_else(|| panic!("{file} has no function {name}")).sig)
}

fn types_of(signature: &syn::Signature) -> Vec<String> {
    let types = signature.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(typed) => Some(text_of(&typed.ty)),
        syn::FnArg::Receiver(_) => None,
    });
    types.collect()
}

/// The last segment of a path with its first type argument; what is no path is of no interest.
fn text_of(kind: &syn::Type) -> String {
    let syn::Type::Path(path) = kind else { return String::new() };
    let last = path.path.segments.last().unwrap();
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return last.ident.to_string();
    };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(inner)) => format!("{}<{}>", last.ident, text_of(inner)),
        _ => last.ident.to_string(),
    }
}
