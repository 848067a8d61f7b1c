//! A schema of its own on the PostgreSQL server for tests, for programs that are given an address. Gone when dropped.

use std::io::Write as _;
use std::process::Command;

pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// `None`, said loudly and a failure in CI, when the server does not answer.
    pub(crate) fn make() -> Option<Self> {
        let server = std::env::var("HUFU_TEST_POSTGRES_URL")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        let random = hufu::random::Random::system();
        let name = format!("hufu_test_{}", random.id(hufu::clock::Clock::system().now()).to_lowercase());
        let schema = Self { server, name };
        if schema.tell(&format!("CREATE SCHEMA {}", schema.name)) {
            return Some(schema);
        }
        // Not eprintln!: the test runner would swallow it.
        let words =
            format!("\n\n  SKIPPED: PostgreSQL at {} does not answer, or psql is missing\n\n", schema.server);
        std::io::stderr().write_all(words.as_bytes()).unwrap();
        assert!(std::env::var_os("CI").is_none(), "CI is set and PostgreSQL does not answer");
        None
    }

    /// For `HUFU_DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{joint}options=-c%20search_path%3D{}", self.server, self.name)
    }

    fn tell(&self, statement: &str) -> bool {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--no-password", "--quiet", "--command", statement, &self.server]);
        psql.output().is_ok_and(|output| output.status.success())
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.tell(&format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name));
    }
}
