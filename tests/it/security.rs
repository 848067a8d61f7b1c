//! docs/security.md answers every requirement of OWASP ASVS 5.0, levels 1 and 2, and names tests that exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const LEVEL_2: &str = include_str!("data/asvs_5_0_level_2.txt");

#[test]
fn every_requirement_has_one_row_and_every_row_its_test_or_text() {
    let page = fs::read_to_string("docs/security.md").unwrap();
    let rows = rows(&page);
    let tests = names_of_tests();
    let mut complaints = Vec::new();
    for id in LEVEL_2.lines() {
        match rows.get(id).map_or(0, Vec::len) {
            0 => complaints.push(format!("{id} has no row")),
            1 => {}
            _ => complaints.push(format!("{id} has several rows")),
        }
    }
    for (id, cells) in &rows {
        if !LEVEL_2.lines().any(|known| known == id) {
            complaints.push(format!("{id} is no requirement of levels 1 and 2"));
        }
        for (how, shown) in cells {
            if how.trim().len() < 12 {
                complaints.push(format!("{id} does not say how it is met"));
            }
            complaints.extend(doubts(id, shown, &tests));
        }
    }
    assert!(complaints.is_empty(), "docs/security.md:\n{}", complaints.join("\n"));
}

/// What is wrong with the last cell of a row: tests in backticks, links to texts, or “not applicable”.
fn doubts(id: &str, shown: &str, tests: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let named: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
    for name in &named {
        if !tests.iter().any(|test| test == name) {
            found.push(format!("{id} names the test {name}, which there is not"));
        }
    }
    let links: Vec<&str> = shown.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    for link in &links {
        let file = link.split('#').next().unwrap();
        if !file.is_empty() && !Path::new("docs").join(file).exists() {
            found.push(format!("{id} leads to {file}, which there is not"));
        }
    }
    if named.is_empty()
        && links.is_empty()
        && !shown.contains("not applicable")
        && !shown.contains("accepted gap")
    {
        found.push(format!("{id} names neither a test nor a text: {shown}"));
    }
    found
}

/// `| V1.2.3, V1.2.4 | how | test |`, by requirement.
fn rows(page: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| V")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 3, "a row with three cells: {line}");
        for id in cells[0].split(',') {
            found.entry(id.trim().to_owned()).or_default().push((cells[1].to_owned(), cells[2].to_owned()));
        }
    }
    found
}

fn names_of_tests() -> Vec<String> {
    let mut found = Vec::new();
    for root in ["tests", "src", "fuzz/fuzz_targets"] {
        visit(Path::new(root), &mut found);
    }
    assert!(found.len() > 300, "the tests were not read");
    found
}

/// Functions and the first argument of `on_both_databases!`; a fuzz target counts by its file's name.
fn visit(path: &Path, found: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            visit(&entry.unwrap().path(), found);
        }
        return;
    }
    if path.extension().is_none_or(|extension| extension != "rs") {
        return;
    }
    if path.starts_with("fuzz") {
        found.push(path.file_stem().unwrap().to_string_lossy().into_owned());
    }
    let text = fs::read_to_string(path).unwrap();
    let after = |marker: &str| -> Vec<String> {
        let parts = text.split(marker).skip(1);
        parts
            .map(|rest| rest.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
            .collect()
    };
    found.extend(after("fn "));
    found.extend(after("on_both_databases!("));
}
