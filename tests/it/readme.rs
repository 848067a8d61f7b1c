//! The README says what is true: its tables and its map are compared with the sources.

use std::path::Path;

use hufu::config::KEYS;
use hufu::domain::health::Health;
use hufu::domain::text::Lang;

fn readme() -> String {
    std::fs::read_to_string("README.md").unwrap()
}

#[test]
fn the_table_of_settings_is_the_programs_own_list() {
    let expected: String = KEYS
        .iter()
        .map(|key| {
            let default =
                if key.default.is_empty() { "–".to_owned() } else { format!("`{}`", key.default) };
            format!("| `{}` | {default} | {} |\n", key.name, key.meaning_en.replace('<', "\\<"))
        })
        .collect();
    assert!(readme().contains(&expected), "README.md, Configuration, should have this table:\n{expected}");
}

#[test]
fn the_table_of_health_has_every_state_with_its_words() {
    let text = readme();
    for health in Health::ALL {
        let label = health.label();
        let row = format!("| `{}` | {} / {} |", health.as_str(), label.get(Lang::Zh), label.get(Lang::En));
        assert!(text.contains(&row), "README.md, Health, has no row {row}");
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let text = readme();
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    for target in targets.filter(|target| !target.starts_with("http")) {
        assert!(Path::new(target).exists(), "README.md links to {target}, which is not there");
    }
}

#[test]
fn the_map_names_every_part_of_the_house_and_nothing_else() {
    let text = readme();
    let map = text.split("## The map of the house").nth(1).unwrap().split("```").nth(1).unwrap();
    for entry in std::fs::read_dir("src").unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        // `config/` belongs to `config.rs`.
        let is_beside_its_file = Path::new("src").join(format!("{name}.rs")).exists();
        let name = if entry.path().is_dir() { format!("{name}/") } else { name };
        assert!(is_beside_its_file || map.contains(&name), "README.md, the map, does not name src/{name}");
    }
    for word in map.split_whitespace().filter(|word| word.ends_with('/') || word.ends_with(".rs")) {
        let exists = word.contains('<') || Path::new(word).exists() || Path::new("src").join(word).exists();
        assert!(exists, "README.md, the map, names {word}, which is not there");
    }
}
