//! `hufu bench push`: tickets pushed over HTTP, verified, decrypted and durable before they are answered, and the
//! processor time of each against the bare cost of its cryptography (SHA-1 and AES-256-CBC over the same bytes), and
//! against that and a bare POST of the same bytes to actix-web as it comes, which no server can do without.
//!
//! The load is a child process, so that this process' time is the server's alone.

use std::time::Duration;

use clap::Args;

use crate::clock::Clock;
use crate::domain::ids::ComponentAppid;
use crate::service::Context;
use crate::wechat::crypt::{self, AesKey};

use super::super::failure::Failure;
use super::house::{AES_KEY, House, PUSH_TOKEN};
use super::report::{Line, Report, number};
use super::{Common, http, load, plain, process};

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Push {
    #[command(flatten)]
    pub(super) common: Common,
    /// Connections that push at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1000))]
    concurrency: u64,
    /// Different tickets; each is pushed once.
    #[arg(long, default_value_t = 100_000)]
    pushes: u64,
}

/// One push: the query's texts and the encrypted body's.
struct Sealed {
    timestamp: String,
    nonce: String,
    encrypt: String,
}

pub(super) async fn run(args: Push) -> Result<Report, Failure> {
    let house = House::build(args.common.database_url.as_deref(), &[]).await?;
    let mut report = Report::new("push", house.scratch.describe());
    report.setup("concurrency", args.concurrency);
    report.setup("pushes_at_most", args.pushes);
    report.setup("seconds", args.common.seconds);
    report.setup("load", "a child process");
    house.inhabit(async |house| measure(&mut report, house, &args).await).await?;
    Ok(report)
}

async fn measure(report: &mut Report, house: &House, args: &Push) -> Result<(), Failure> {
    let component = house.component("wxbench").await?;
    let key = AesKey::parse(AES_KEY).map_err(Failure::other)?;
    let sealed: Vec<Sealed> = (0..args.pushes).map(|_| seal(house.cx(), &component, &key)).collect();
    let requests: Vec<Vec<u8>> = sealed.iter().map(|one| request(&component, one)).collect();
    let file = house.scratch.folder().join("requests");
    load::write(&file, &requests)?;
    let bare = bare(&sealed, &key, args.common.span() / 5)?;
    let posted = bare_post(house, &sealed, args).await?;
    let before = process::cpu("self");
    let at = (args.concurrency, args.common.span());
    let loaded = load::run_child(house.address()?, &file, at, &["--once"]).await?;
    let used = process::cpu("self").zip(before).map(|(after, before)| after.saturating_sub(before));
    if loaded.refused > 0 || loaded.done == 0 {
        return Err(Failure::sentence(format!("{} pushes were refused", loaded.refused)));
    }
    report.line(Line::new("tickets taken in", loaded.rate(), "/s"));
    report.line(Line::new("p50", loaded.p50_ms, "ms"));
    report.line(Line::new("p99", loaded.p99_ms, "ms"));
    if let Some(used) = used {
        let each = used.as_secs_f64() * 1e6 / number(loaded.done);
        let bare = bare.as_secs_f64() * 1e6;
        report.line(Line::new("processor time of a push", each, "µs").against(bare, "≤ 3"));
        if let Some(posted) = posted {
            let what = "processor time of a push, with a bare POST in the ceiling";
            report.line(Line::new(what, each, "µs").against(bare + posted, "≤ 3"));
        }
    }
    Ok(())
}

/// The microseconds of processor time that a POST of such a body takes by itself.
async fn bare_post(house: &House, sealed: &[Sealed], args: &Push) -> Result<Option<f64>, Failure> {
    let (server, address) = plain::server()?;
    let file = house.scratch.folder().join("plain");
    let post = |one: &Sealed| http::post(plain::PATH, "content-type: text/xml\r\n", &one.encrypt);
    load::write(&file, &sealed.iter().take(1_000).map(post).collect::<Vec<_>>())?;
    let before = process::cpu("self");
    let loaded = load::run_child(address, &file, (args.concurrency, args.common.span() / 5), &[]).await?;
    let used = process::cpu("self").zip(before).map(|(after, before)| after.saturating_sub(before));
    server.stop(false).await;
    Ok(used.map(|used| used.as_secs_f64() * 1e6 / number(loaded.done.max(1))))
}

/// A ticket as WeChat pushes it.
fn seal(cx: &Context, component: &ComponentAppid, key: &AesKey) -> Sealed {
    let now = cx.clock.now();
    let message = format!(
        "<xml><AppId><![CDATA[{component}]]></AppId><CreateTime>{now}</CreateTime>\
         <InfoType><![CDATA[component_verify_ticket]]></InfoType>\
         <ComponentVerifyTicket><![CDATA[ticket@@@{}]]></ComponentVerifyTicket></xml>",
        cx.random.base62(80)
    );
    let encrypt = crypt::encrypt(key, cx.random.bytes(), message.as_bytes(), component.as_str());
    Sealed { timestamp: now.to_string(), nonce: cx.random.below(1_000_000_000).to_string(), encrypt }
}

fn request(component: &ComponentAppid, sealed: &Sealed) -> Vec<u8> {
    let Sealed { timestamp, nonce, encrypt } = sealed;
    let signature = crypt::msg_signature(PUSH_TOKEN, timestamp, nonce, encrypt);
    let path = format!(
        "/wechat/{component}/events?signature=x&timestamp={timestamp}&nonce={nonce}&encrypt_type=aes&msg_signature={signature}"
    );
    let body =
        format!("<xml><AppId><![CDATA[{component}]]></AppId><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>");
    http::post(&path, "content-type: text/xml\r\n", &body)
}

/// What verifying and decrypting one push costs by itself.
fn bare(sealed: &[Sealed], key: &AesKey, span: Duration) -> Result<Duration, Failure> {
    let (watch, mut rounds) = (Clock::stopwatch(), 0_u32);
    for one in sealed.iter().cycle() {
        let signature = crypt::msg_signature(PUSH_TOKEN, &one.timestamp, &one.nonce, &one.encrypt);
        let opened = crypt::decrypt(key, &one.encrypt).map_err(Failure::other)?;
        std::hint::black_box((signature, opened));
        rounds += 1;
        if watch.elapsed() >= span {
            break;
        }
    }
    Ok(watch.elapsed() / rounds.max(1))
}
