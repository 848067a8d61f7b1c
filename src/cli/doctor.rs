//! `hufu doctor`: looks at everything the portal needs and says what is wrong, one line each. Writes
//! nothing, apart from bringing the tables of an older version up to date.

use std::path::Path;
use std::time::Duration;

use url::{Host, Url};

use crate::app;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::domain::component::{ComponentStatus, TicketAge};
use crate::random::Random;
use crate::service::Context;
use crate::store::{Reader, Store, StoreError, app_user, component, letter, pulse, vault_check};
use crate::web::error::chain;
use crate::web::viewer::HEARTBEAT_LOST;

use super::failure::Failure;
use super::{configuration, say};

/// A clock further off than this makes tokens look younger or older than they are.
const SKEW: i64 = 30;

pub(super) async fn run() -> Result<(), Failure> {
    let mut report = Report::default();
    examine(&mut report).await;
    if report.failures == 0 {
        Ok(())
    } else {
        Err(Failure::sentence(format!("{} of these must be put right", report.failures)))
    }
}

async fn examine(report: &mut Report) {
    let config = match configuration() {
        Ok(config) => config,
        Err(failure) => return report.fail("configuration", &failure.to_string()),
    };
    report.ok("configuration", "every setting makes sense");
    public_url(report, config.public_url.as_ref());
    let Some(cx) = database(report, &config).await else { return };
    if config.master_key.is_none() {
        key_file(report, &config.master_key_file);
    }
    if let Err(error) = rows(report, &cx).await {
        report.fail("database", &chain(&error));
    }
    wechat(report, &cx).await;
    mail(report, &cx).await;
    cx.store.close().await;
}

/// `None` when it cannot be opened, or holds nothing yet: opening it would make it.
async fn database(report: &mut Report, config: &Config) -> Option<Context> {
    if config.database_url.sqlite_file().is_some_and(|file| !file.exists()) {
        report.warn("database", "does not exist yet; `hufu serve` makes it");
        return None;
    }
    match sealed(config).await {
        Ok(true) => {}
        Ok(false) => {
            report.warn("database", "holds nothing yet; `hufu serve` makes the master key");
            return None;
        }
        Err(error) => {
            report.fail("database", &chain(&error));
            return None;
        }
    }
    match app::open(config, Clock::system(), Random::system()).await {
        Ok(cx) => {
            report.ok(
                "database",
                &format!("{} answers, and the master key opens it", config.database_url.kind()),
            );
            Some(cx)
        }
        Err(error) => {
            report.fail("database", &chain(&error));
            None
        }
    }
}

/// Whether the database holds anything sealed.
async fn sealed(config: &Config) -> Result<bool, StoreError> {
    let store = Store::connect(config.database_url.expose()).await?;
    let found = vault_check::find(&mut store.read().await?, vault_check::PROBE).await;
    store.close().await;
    Ok(found?.is_some())
}

fn public_url(report: &mut Report, url: Option<&Url>) {
    let Some(url) = url else {
        return report.warn(
            "public address",
            "HUFU_PUBLIC_URL is not set; WeChat cannot come back from its consent page",
        );
    };
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => true,
    };
    if local {
        report.warn("public address", &format!("{url} is only reached from this machine"));
    } else if url.scheme() == "http" {
        report.warn("public address", &format!("{url} is not https: sign-in cookies travel in clear"));
    } else {
        report.ok("public address", url.as_str());
    }
}

#[cfg(unix)]
fn key_file(report: &mut Report, path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map(|file| file.permissions().mode() & 0o777);
    match mode {
        Ok(mode) if mode & 0o077 == 0 => report.ok("master key", &format!("{}", path.display())),
        Ok(mode) => report.warn(
            "master key",
            &format!("{} can be read by others (mode {mode:03o}); use 600", path.display()),
        ),
        Err(error) => report.fail("master key", &format!("{}: {error}", path.display())),
    }
}

#[cfg(not(unix))]
fn key_file(report: &mut Report, path: &Path) {
    report.ok("master key", &format!("{}", path.display()));
}

async fn rows(report: &mut Report, cx: &Context) -> Result<(), StoreError> {
    let now = cx.clock.now();
    let mut tx = cx.store.read().await?;
    match app_user::count_platform_admins(&mut tx).await? {
        0 => report.warn("administrators", "none yet; `hufu serve` prints a link that makes the first"),
        count => report.ok("administrators", &format!("{count} can sign in")),
    }
    match pulse::last(&mut tx, pulse::SCHEDULER).await? {
        None => report.warn("scheduler", "has never run; start `hufu serve`"),
        Some(at) if now.since(at) > HEARTBEAT_LOST => {
            report.fail(
                "scheduler",
                &format!("no heartbeat for {}; is `hufu serve` running?", span(now.since(at))),
            );
        }
        Some(_) => report.ok("scheduler", "beats"),
    }
    letters(report, &mut tx, now).await?;
    let components = component::list(&mut tx).await?;
    if components.is_empty() {
        report.warn("component", "none yet; add one with `hufu component add`");
    }
    for component in &components {
        credentials(report, component, now);
    }
    Ok(())
}

fn credentials(report: &mut Report, component: &ComponentStatus, now: Timestamp) {
    let what = format!("component {}", component.appid);
    let age = component.ticket_received_at.map(|at| span(now.since(at))).unwrap_or_default();
    match TicketAge::of(component.ticket_received_at, now) {
        TicketAge::Missing => {
            report.fail(
                &what,
                "no component_verify_ticket yet; check the event URL, Token and AES key at WeChat",
            );
        }
        TicketAge::Fresh => report.ok(&what, &format!("newest ticket {age} old")),
        TicketAge::Late | TicketAge::Alarming => report.warn(&what, &format!("newest ticket {age} old")),
        TicketAge::Outage => {
            report.fail(&what, &format!("newest ticket {age} old; check that WeChat reaches the event URL"));
        }
    }
    match component.token_expires_at {
        Some(at) if at > now => {
            report.ok(&what, &format!("component_access_token for another {}", span(now.until(at))));
        }
        Some(_) => report.fail(&what, "the component_access_token has expired"),
        None => report.warn(&what, "no component_access_token yet"),
    }
}

async fn wechat(report: &mut Report, cx: &Context) {
    let date = match cx.wechat.reach().await {
        Ok(date) => date,
        Err(error) => return report.fail("WeChat", &format!("does not answer: {}", chain(&error))),
    };
    report.ok("WeChat", "answers");
    let Some(theirs) = date.and_then(|date| moment(&date)) else { return };
    let skew = cx.clock.now().unix() - theirs.unix();
    if skew.abs() > SKEW {
        report.fail("clock", &format!("{} seconds off WeChat's", skew.abs()));
    } else {
        report.ok("clock", "agrees with WeChat's");
    }
}

async fn mail(report: &mut Report, cx: &Context) {
    let Some(mailer) = &cx.settings.mail else {
        return report.warn(
            "mail",
            "HUFU_SMTP_URL is not set; links of invitations and resets are shown to whoever makes them",
        );
    };
    match mailer.knock().await {
        Ok(()) => report.ok("mail", "the mail server lets us in"),
        Err(error) => report.fail("mail", &error.to_string()),
    }
}

/// Someone waits for a letter that will never come.
async fn letters(report: &mut Report, tx: &mut Reader, now: Timestamp) -> Result<(), StoreError> {
    match letter::count_failed(tx, now.minus(Duration::from_secs(7 * 86_400))).await? {
        0 => {}
        count => report.warn("mail", &format!("{count} letters given up in the last 7 days; see the log")),
    }
    Ok(())
}

fn moment(date: &str) -> Option<Timestamp> {
    let since = httpdate::parse_http_date(date).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_unix(i64::try_from(since.as_secs()).ok()?))
}

fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// Prints as it goes.
#[derive(Default)]
struct Report {
    failures: u32,
}

impl Report {
    fn ok(&mut self, what: &str, text: &str) {
        Self::print("ok  ", what, text);
    }

    fn warn(&mut self, what: &str, text: &str) {
        Self::print("warn", what, text);
    }

    fn fail(&mut self, what: &str, text: &str) {
        self.failures += 1;
        Self::print("FAIL", what, text);
    }

    fn print(mark: &str, what: &str, text: &str) {
        say::line(&format!("{mark}  {what}: {text}"));
    }
}
