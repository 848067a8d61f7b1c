//! No store function goes untested: each is called by name in this folder.

use std::fs;

use crate::architecture::sources;

#[test]
fn every_store_function_is_called_by_a_contract_test() {
    let tests: String = fs::read_dir("tests/it/store_contract")
        .unwrap()
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let functions = store_functions();
    assert!(functions.len() > 20, "the store was not read: {functions:?}");

    let missing: Vec<&String> =
        functions.iter().filter(|name| !tests.contains(&format!("{name}("))).collect();

    assert!(missing.is_empty(), "no contract test calls {missing:#?}");
}

/// `component::put` for each `pub async fn put` in `src/store/component.rs`.
fn store_functions() -> Vec<String> {
    let mut names = Vec::new();
    for (path, text) in sources() {
        let Some(module) = path.strip_prefix("store/").and_then(|file| file.strip_suffix(".rs")) else {
            continue;
        };
        for item in syn::parse_file(&text).unwrap().items {
            let syn::Item::Fn(function) = item else { continue };
            let is_public = matches!(function.vis, syn::Visibility::Public(_));
            if is_public && function.sig.asyncness.is_some() {
                names.push(format!("{}::{}", module.replace('/', "::"), function.sig.ident));
            }
        }
    }
    names
}
