//! `kill -9` at every point of a refresh and of a code exchange, with refresh tokens that work once: after a restart each
//! account is healthy within a minute, without a person. Each point has processes and a database of its own.

use futures_util::StreamExt as _;
use futures_util::stream;
use hufu::domain::audit::Actor;
use hufu::domain::authorization::AuthType;
use hufu::sandbox::{AccountPatch, Fault, FaultKind, GrantRequest, Rotation};
use hufu::service::start_authorization::{self, Request};
use hufu::store::authorization;

use crate::engine::world::{EXCHANGE, SHOP};
use crate::fleet::{Fleet, REFRESH, key};
use crate::harness::{Database, Kind};
use crate::patience::{PROMISE, eventually, within};

const CRASH_AT: &str = "HUFU_CRASH_AT";
/// Cases at once: each is two processes, one after the other.
const AT_ONCE: usize = 4;
/// Longer than the test needs to see that WeChat is at work.
const SLOW: u64 = 3000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Refresh(&'static str),
    /// By the test, when WeChat is at work and its answer is still to come.
    DuringRefresh,
    Exchange(&'static str),
    DuringExchange,
}

const CASES: [Case; 12] = [
    Case::Refresh("before_call"),
    Case::DuringRefresh,
    Case::Refresh("after_answer"),
    Case::Refresh("after_journal"),
    Case::Refresh("before_commit"),
    Case::Refresh("after_commit"),
    Case::Exchange("exchange_before_call"),
    Case::DuringExchange,
    Case::Exchange("exchange_after_answer"),
    Case::Exchange("exchange_after_journal"),
    Case::Exchange("exchange_before_commit"),
    Case::Exchange("exchange_after_commit"),
];

#[tokio::test]
async fn whatever_point_it_is_killed_at_no_account_is_lost_on_sqlite() {
    all_on(Kind::Sqlite).await;
}

#[tokio::test]
async fn whatever_point_it_is_killed_at_no_account_is_lost_on_postgres() {
    all_on(Kind::Postgres).await;
}

async fn all_on(kind: Kind) {
    let cases = CASES.into_iter().map(|case| crate::harness::run(kind, move |db| a_case(db, case)));
    stream::iter(cases).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

async fn a_case(db: Database, case: Case) {
    let mut fleet = Fleet::open(db.url(), 1).await;
    fleet.wechat().switch(|switches| switches.rotation = Rotation::SingleUse);
    fleet.start().await;
    let appids = match case {
        Case::Refresh(point) => fleet.crash_in_a_refresh(Some(point)).await,
        Case::DuringRefresh => fleet.crash_in_a_refresh(None).await,
        Case::Exchange(point) => fleet.crash_in_an_exchange(Some(point)).await,
        Case::DuringExchange => fleet.crash_in_an_exchange(None).await,
    };

    fleet.launch(0);

    let right = within(PROMISE, async || fleet.holds(&appids).await.then_some(())).await;
    let states = fleet.states().await;
    assert!(right.is_some(), "a minute after {case:?} on {:?}: {states:?}", db.kind);
    assert!(fleet.wechat().max_refreshes_at_work() <= 1, "{case:?} on {:?}", db.kind);
    fleet.end().await;
}

impl Fleet {
    /// For processes that are launched from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.unset(name);
        self.settings.push((name, value.to_owned()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.settings.retain(|(known, _)| *known != name);
    }

    /// Three accounts are due; the process dies at the first that gets to this point.
    async fn crash_in_a_refresh(&mut self, point: Option<&str>) -> Vec<String> {
        self.kill(0);
        let appids = self.adopt(3).await;
        self.crash(point, REFRESH).await;
        appids
    }

    /// An account is granted; the process dies while it exchanges the code.
    async fn crash_in_an_exchange(&mut self, point: Option<&str>) -> Vec<String> {
        self.kill(0);
        self.grant().await;
        self.crash(point, EXCHANGE).await;
        vec![SHOP.to_owned()]
    }

    /// Launches the process and sees it die: at the point, or while WeChat works on this call.
    async fn crash(&mut self, point: Option<&str>, path: &str) {
        match point {
            Some(point) => {
                self.set(CRASH_AT, point);
                self.launch(0);
                self.unset(CRASH_AT);
                let process = self.members[0].process.as_mut().unwrap();
                let dead = within(PROMISE, async || process.death()).await;
                assert!(dead.is_some_and(|words| words.contains("signal: 9")), "{point} is reached");
            }
            None => {
                self.wechat().fault(Fault::on(path, FaultKind::DelayAfter { ms: SLOW }).times(1));
                self.launch(0);
                let wechat = self.wechat();
                eventually("WeChat is at work on the call", async || {
                    wechat.counts(path, "").iter().any(|line| line.count.at_work == 1).then_some(())
                })
                .await;
                self.kill(0);
            }
        }
    }

    /// A press of the button and the merchant's consent; the push is tried until the portal is up again.
    async fn grant(&self) {
        self.wechat().account(AccountPatch { appid: Some(SHOP.to_owned()), ..AccountPatch::default() });
        let request = Request {
            tenant: self.tenant.clone(),
            user: None,
            session_hash: None,
            component: None,
            auth_type: AuthType::Both,
            expected_appid: None,
            link: None,
            asked_at: None,
        };
        let (cx, now) = (&self.cx, self.cx.clock.now());
        let started = start_authorization::run(cx, now, &Actor::cli(), request).await.unwrap();
        let mut tx = cx.store.read().await.unwrap();
        let opened = authorization::find(&mut tx, &cx.vault, &started.id).await.unwrap().unwrap();
        drop(tx);
        let code = hufu::secret::Secret::expose(&opened.pre_auth_code).to_owned();
        self.wechat().switch(|switches| {
            switches.push_attempts = 100;
            switches.push_retry_delay_ms = 100;
        });
        self.wechat().grant(&GrantRequest { pre_auth_code: Some(code), ..GrantRequest::new(SHOP) }).unwrap();
    }

    /// Healthy, with the tokens that WeChat issued last.
    async fn holds(&self, appids: &[String]) -> bool {
        let mut tx = self.cx.store.read().await.unwrap();
        let find = hufu::store::authorizer_token::find;
        for appid in appids {
            if find(&mut tx, &self.cx.vault, &key(appid)).await.unwrap().is_none() {
                return false;
            }
        }
        drop(tx);
        self.all_are_healthy().await && self.strangers(appids).await.is_empty()
    }
}
