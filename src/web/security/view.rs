//! The pages about one's second factors, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::ids::{BadId, PasskeyId};
use crate::domain::second_factor::{Factors, Passkey};
use crate::domain::text::Lang;
use crate::secret::{RecoveryCode, Secret, TotpSecret};
use crate::web::authorize::qr::Qr;
use crate::web::parts::Badge;
use crate::web::samples::{NOW, ago};
use crate::web::shell::Shell;
use crate::web::when::Moment;
use crate::web::words::fill;

#[derive(Debug, Template)]
#[template(path = "security/show.html")]
pub struct SecurityView {
    pub shell: Shell,
    pub must_enrol: bool,
    pub admins_free: bool,
    pub app: Badge,
    pub app_since: Option<Moment>,
    pub passkeys: Vec<PasskeyRow>,
    pub passkeys_work: bool,
    /// `None`: there is no second factor, so there are no codes.
    pub codes: Option<String>,
    pub rule: Option<RuleCard>,
}

#[derive(Clone, Debug)]
pub struct PasskeyRow {
    pub id: String,
    pub name: String,
    pub created: Moment,
    pub last_used: Option<Moment>,
}

/// What the tenant asks of its members, for its owner.
#[derive(Clone, Debug)]
pub struct RuleCard {
    pub title: String,
    pub required: bool,
}

/// What is known of the person.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub factors: Factors,
    pub passkeys: Vec<Passkey>,
    /// Whether browsers can use passkeys at this address.
    pub passkeys_work: bool,
    pub must_enrol: bool,
    /// A platform administrator of whom nothing is asked.
    pub admins_free: bool,
    /// The name of the tenant one owns, and whether it asks for a second factor.
    pub rule: Option<(String, bool)>,
}

impl SecurityView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found) -> Self {
        let (locale, w) = (shell.locale(), &shell.w.security);
        let codes = match found.factors.codes_left {
            _ if !found.factors.any() => None,
            0 => Some(w.codes_none.to_owned()),
            left => Some(fill(w.codes_left, &[&left.to_string()])),
        };
        let passkey = |passkey: &Passkey| PasskeyRow {
            id: passkey.id.to_string(),
            name: passkey.name.clone(),
            created: Moment::of(passkey.created_at, now, locale),
            last_used: Moment::maybe(passkey.last_used_at, now, locale),
        };
        Self {
            must_enrol: found.must_enrol,
            admins_free: found.admins_free,
            app: match found.factors.app_since {
                Some(_) => Badge { state: "healthy", icon: "check", label: w.app_on },
                None => Badge { state: "paused", icon: "pause", label: w.app_off },
            },
            app_since: Moment::maybe(found.factors.app_since, now, locale),
            passkeys: found.passkeys.iter().map(passkey).collect(),
            passkeys_work: found.passkeys_work,
            codes,
            rule: found
                .rule
                .as_ref()
                .map(|(tenant, required)| RuleCard { title: fill(w.rule, &[tenant]), required: *required }),
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let view = |recent, found: &Found| Self::new(Shell { recent, ..Shell::sample(lang) }, NOW, found);
        let factors = Factors { app_since: Some(ago(60 * 24 * 12)), passkeys: 0, codes_left: 7 };
        let passkeys = sample_passkeys().unwrap_or_default();
        let passkeys_work = true;
        let rule = Some(("青禾茶业".to_owned(), true));
        let free = Some(("青禾茶业".to_owned(), false));
        vec![
            ("nothing", view(true, &Found { passkeys_work, rule: free, ..Found::default() })),
            ("must", view(true, &Found { must_enrol: true, ..Found::default() })),
            (
                "app",
                view(
                    true,
                    &Found { factors, passkeys, passkeys_work, rule: rule.clone(), ..Found::default() },
                ),
            ),
            ("locked", view(false, &Found { factors, rule, admins_free: true, ..Found::default() })),
        ]
    }
}

fn sample_passkeys() -> Result<Vec<Passkey>, BadId> {
    let passkey = |id, name: &str, last_used_at| {
        let (id, name) = (PasskeyId::parse(id)?, name.to_owned());
        Ok(Passkey { id, name, created_at: ago(60 * 24 * 3), last_used_at })
    };
    Ok(vec![passkey("p1", "我的手机", Some(ago(90)))?, passkey("p2", "YubiKey 5C", None)?])
}

/// The secret of a new app, as a QR code and as text.
#[derive(Debug, Template)]
#[template(path = "security/app.html")]
pub struct AppView {
    pub shell: Shell,
    /// In groups of four.
    pub secret: String,
    pub qr: Option<Qr>,
    pub problem: &'static str,
}

impl AppView {
    pub fn new(shell: Shell, secret: &TotpSecret, qr: Option<Qr>, problem: &'static str) -> Self {
        let groups = secret.expose().as_bytes().chunks(4);
        let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        Self { shell, secret: groups.join(" "), qr, problem }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let secret = TotpSecret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let view = |problem| Self::new(Shell::sample(lang), &secret, Qr::of("otpauth://totp/Hufu"), problem);
        let wrong = Shell::sample(lang).w.security.wrong_code;
        vec![("new", view("")), ("wrong", view(wrong))]
    }
}

/// Recovery codes, this once.
#[derive(Debug, Template)]
#[template(path = "security/codes.html")]
pub struct CodesView {
    pub shell: Shell,
    pub codes: Vec<String>,
}

impl CodesView {
    pub fn new(shell: Shell, codes: &[RecoveryCode]) -> Self {
        Self { shell, codes: codes.iter().map(RecoveryCode::written).collect() }
    }

    /// For one copy button.
    pub fn all(&self) -> String {
        self.codes.join("\n")
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let codes: Vec<_> = (0..10).map(|slot| RecoveryCode::make(slot, &[7; 12])).collect();
        vec![("ten", Self::new(Shell::sample(lang), &codes))]
    }
}
