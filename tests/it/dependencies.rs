//! What `deny.toml` bans is kept out also where cargo-deny is not installed.

#[test]
fn no_banned_crate_is_in_the_tree() {
    let lock: toml::Table = std::fs::read_to_string("Cargo.lock").unwrap().parse().unwrap();
    let deny: toml::Table = std::fs::read_to_string("deny.toml").unwrap().parse().unwrap();
    let names = |list: &toml::Value, key: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
    };
    let packages = names(&lock["package"], "name");
    let banned = names(&deny["bans"]["deny"], "crate");

    assert!(packages.len() > 100 && banned.len() > 3, "the files were not read");
    for name in banned {
        assert!(!packages.contains(&name), "Cargo.lock holds {name}, which deny.toml bans");
    }
}
