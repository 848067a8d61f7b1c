//! `docs/roles.md` says what the program does: its tables are written from `domain/role.rs`.
//! `INSTA_UPDATE=always cargo test --test it roles_md` writes them anew.

use std::fmt::Write as _;

use hufu::domain::role::{Permission, PlatformPermission, PlatformRole, Role};
use hufu::domain::text::Lang;

const FILE: &str = "docs/roles.md";
const BEGIN: &str = "<!-- written from src/domain/role.rs -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn roles_md_has_the_tables_of_the_program() {
    let text = std::fs::read_to_string(FILE).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the first mark");
    let (_, after) = rest.split_once(END).expect("the second mark");
    let expected = format!("{before}{BEGIN}{}{END}{after}", tables());
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(FILE, &expected).unwrap();
    }
    let text = std::fs::read_to_string(FILE).unwrap();
    assert_eq!(text, expected, "{FILE} is not what domain/role.rs says");
}

fn tables() -> String {
    let mut text = String::from("\n### Within a tenant\n\n");
    head(&mut text, Role::ALL.map(Role::as_str));
    for permission in Permission::ALL {
        row(&mut text, permission.label(), Role::ALL.map(|role| role.may(permission)));
    }
    text.push_str("\n### On the platform\n\n");
    head(&mut text, PlatformRole::ALL.map(PlatformRole::as_str));
    for permission in PlatformPermission::ALL {
        row(&mut text, permission.label(), PlatformRole::ALL.map(|role| role.may(permission)));
    }
    text.push('\n');
    text
}

fn head<const N: usize>(text: &mut String, roles: [&str; N]) {
    let names = roles.map(|role| format!("`{role}`")).join(" | ");
    writeln!(text, "| may | {names} |\n|---|{}", ":-:|".repeat(N)).unwrap();
}

fn row<const N: usize>(text: &mut String, label: hufu::domain::text::Text, may: [bool; N]) {
    let marks = may.map(|may| if may { "✓" } else { "–" }).join(" | ");
    writeln!(text, "| {} / {} | {marks} |", label.get(Lang::Zh), label.get(Lang::En)).unwrap();
}
