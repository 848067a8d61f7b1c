//! The second step of signing in, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::second_factor::Factors;
use crate::domain::text::Lang;
use crate::web::shell::Shell;

#[derive(Clone, Debug, Template)]
#[template(path = "security/second.html")]
pub struct SecondView {
    pub shell: Shell,
    pub has_app: bool,
    pub has_passkey: bool,
    /// Why it did not work.
    pub problem: Option<String>,
}

impl SecondView {
    pub const fn new(shell: Shell, factors: &Factors, problem: Option<String>) -> Self {
        Self { shell, has_app: factors.has_app(), has_passkey: factors.passkeys > 0, problem }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, tenants: Vec::new(), ..Shell::sample(lang) };
        let app = Factors { app_since: Some(Timestamp::EPOCH), passkeys: 0, codes_left: 10 };
        let passkey = Factors { app_since: None, passkeys: 1, codes_left: 10 };
        let wrong = shell().w.security.second_wrong.to_owned();
        vec![
            ("app", Self::new(shell(), &app, None)),
            ("passkey", Self::new(shell(), &passkey, None)),
            ("wrong", Self::new(shell(), &app, Some(wrong))),
        ]
    }
}
