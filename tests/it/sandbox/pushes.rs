//! Pushes as they arrive: sealed, signed, repeated, spoiled, stopped and started again.

use std::sync::{Arc, Mutex};

use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use hufu::sandbox::{
    GrantRequest, MessageRequest, NEWCOMER_AES_KEY, NEWCOMER_SECRET, NEWCOMER_TOKEN, Outcome, PushFault,
    PushFaultKind, ReplyKind,
};
use hufu::wechat::crypt::{self, AesKey};
use serde_json::{Value, json};

use super::bench::{Bench, COMPONENT, TEA, errcode, text};

/// One push as it came in.
#[derive(Clone, Debug)]
struct Arrival {
    path: String,
    query: Vec<(String, String)>,
    body: String,
}

/// A portal that keeps what is pushed and answers what it is told to.
struct Portal {
    url: String,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
    answer: Arc<Mutex<String>>,
}

impl Portal {
    fn start() -> Self {
        let arrivals: Arc<Mutex<Vec<Arrival>>> = Arc::default();
        let answer = Arc::new(Mutex::new("success".to_owned()));
        let (kept, said) = (Arc::clone(&arrivals), Arc::clone(&answer));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = HttpServer::new(move || {
            let (kept, said) = (Arc::clone(&kept), Arc::clone(&said));
            let take = move |request: HttpRequest, body: Bytes| {
                let query =
                    url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
                let body = String::from_utf8(body.to_vec()).unwrap();
                kept.lock().unwrap().push(Arrival { path: request.path().to_owned(), query, body });
                let answer = said.lock().unwrap().clone();
                async move { HttpResponse::Ok().body(answer) }
            };
            App::new().default_service(web::to(take))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        tokio::spawn(server);
        Self { url, arrivals, answer }
    }

    fn says(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap());
    }

    fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }
}

impl Arrival {
    fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or("")
    }

    fn encrypt(&self) -> &str {
        between(&self.body, "<Encrypt><![CDATA[", "]]></Encrypt>")
    }

    fn is_signed_with(&self, token: &str) -> bool {
        let signature =
            crypt::msg_signature(token, self.query("timestamp"), self.query("nonce"), self.encrypt());
        signature == self.query("msg_signature")
    }

    /// The inner XML and the appid of the tail.
    fn open(&self, aes_key: &str) -> Option<(String, String)> {
        let opened = crypt::decrypt(&AesKey::parse(aes_key).unwrap(), self.encrypt()).ok()?;
        Some((String::from_utf8(opened.message).unwrap(), opened.appid))
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(inner, _)| inner).unwrap_or("")
}

async fn bench_and_portal() -> (Bench, Portal) {
    let (bench, portal) = (Bench::start().await, Portal::start());
    // The newcomer's component would push a ticket by itself; here every push is asked for.
    bench.control.ticket_outage(None, true).unwrap();
    let events = format!("{}/events", portal.url);
    let messages = format!("{}/messages/$APPID$", portal.url);
    bench.verb("component", &json!({"appid": COMPONENT, "event_url": events, "message_url": messages})).await;
    (bench, portal)
}

#[tokio::test]
async fn a_ticket_is_sealed_as_wechat_seals_it() {
    let (bench, portal) = bench_and_portal().await;

    let answer = bench.verb("push_ticket", &json!({})).await;

    assert_eq!(text(&answer, "/push/outcome"), "accepted");
    let arrival = &portal.arrivals()[0];
    let names: Vec<&str> = arrival.query.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["signature", "timestamp", "nonce", "encrypt_type", "msg_signature"]);
    assert!(arrival.is_signed_with(NEWCOMER_TOKEN));
    assert!(arrival.body.contains(&format!("<AppId><![CDATA[{COMPONENT}]]></AppId>")));
    let (xml, tail) = arrival.open(NEWCOMER_AES_KEY).unwrap();
    assert_eq!(tail, COMPONENT);
    assert!(xml.contains(&bench.control.ticket(None).unwrap()));
    assert!(xml.contains("<InfoType><![CDATA[component_verify_ticket]]></InfoType>"));
}

#[tokio::test]
async fn tickets_come_by_themselves_on_the_virtual_clock() {
    let (bench, portal) = bench_and_portal().await;
    bench.control.ticket_outage(None, false).unwrap();
    bench.advance(0);
    bench.advance(600);
    bench.advance(600);

    let records = bench.control.pushes(3);
    for record in &records {
        bench.control.wait_for_push(record.id).await;
    }
    assert_eq!(portal.arrivals().len(), 3);
}

#[tokio::test]
async fn anything_but_success_is_a_failure_and_is_tried_three_times() {
    let (bench, portal) = bench_and_portal().await;
    for answer in ["success\n", "SUCCESS", "", "\"success\"", "ok"] {
        portal.says(answer);
        let before = portal.arrivals().len();
        let answer = bench.verb("push_ticket", &json!({})).await;
        assert_eq!(text(&answer, "/push/outcome"), "failed");
        assert_eq!(portal.arrivals().len() - before, 3);
    }
}

#[tokio::test]
async fn pushes_stop_after_failed_periods_and_start_when_asked() {
    let (bench, portal) = bench_and_portal().await;
    bench.control.switch(|switches| switches.ticket_stop_after = 2);
    bench.control.ticket_outage(None, false).unwrap();
    let start = json!({"component_appid": COMPONENT, "component_secret": NEWCOMER_SECRET});
    let path = "/cgi-bin/component/api_start_push_ticket";
    assert!(text(&bench.post(path, &start).await, "/errmsg").starts_with("in a normal state"));
    portal.says("no");
    bench.verb("push_ticket", &json!({})).await;
    bench.verb("push_ticket", &json!({})).await;
    let stopped = bench.control.pushes(100).len();
    bench.advance(6000);
    assert_eq!(bench.control.pushes(100).len(), stopped, "nothing comes any more");

    portal.says("success");
    assert_eq!(text(&bench.post(path, &start).await, "/errmsg"), "ok");
    let newest = bench.control.pushes(1)[0].id;
    assert_eq!(bench.control.wait_for_push(newest).await.unwrap().outcome, Outcome::Accepted);
    assert!(text(&bench.post(path, &start).await, "/errmsg").starts_with("in a normal state"));
    let wrong = json!({"component_appid": COMPONENT, "component_secret": "wrong"});
    assert_eq!(errcode(&bench.post(path, &wrong).await), 61011);
}

#[tokio::test]
async fn events_follow_grants_and_cancels() {
    let (bench, portal) = bench_and_portal().await;
    let settle = async || {
        let newest = bench.control.pushes(1)[0].id;
        bench.control.wait_for_push(newest).await;
        portal.arrivals().last().unwrap().open(NEWCOMER_AES_KEY).unwrap().0
    };

    let code = bench.control.grant(&GrantRequest::new(TEA)).unwrap();
    let xml = settle().await;
    assert!(xml.contains("<![CDATA[authorized]]>") && xml.contains(&code) && xml.contains(TEA));
    assert!(xml.contains("<AuthorizationCodeExpiredTime>1800003600</AuthorizationCodeExpiredTime>"));

    bench.verb("grant", &json!({"account": TEA, "sets": [1]})).await;
    assert!(settle().await.contains("<![CDATA[updateauthorized]]>"));
    let pushed = portal.arrivals().len();
    bench.verb("grant", &json!({"account": TEA, "sets": [1]})).await;
    assert_eq!(bench.control.pushes(10).len(), pushed, "the same sets: no event");
    bench.control.switch(|switches| switches.event_on_unchanged_sets = true);
    bench.verb("grant", &json!({"account": TEA, "sets": [1]})).await;
    assert!(settle().await.contains("<![CDATA[updateauthorized]]>"));

    bench.verb("cancel", &json!({"account": TEA})).await;
    let xml = settle().await;
    assert!(xml.contains("<![CDATA[unauthorized]]>") && !xml.contains("AuthorizationCode"));
}

#[tokio::test]
async fn pushes_are_spoiled_on_request() {
    let (bench, portal) = bench_and_portal().await;
    let old_key = NEWCOMER_AES_KEY;
    let new_key = bench.control.rotate_aes_key(None).unwrap();
    let spoil = async |kind: PushFaultKind| -> Vec<Arrival> {
        portal.arrivals.lock().unwrap().clear();
        bench.control.push_fault(PushFault { kind, component: None, info_type: None, times: 1 });
        let id = bench.control.push_ticket(None).unwrap();
        bench.control.wait_for_push(id).await;
        portal.arrivals()
    };

    assert_eq!(spoil(PushFaultKind::Gap).await.len(), 0);
    assert!(!spoil(PushFaultKind::WrongSignature).await[0].is_signed_with(NEWCOMER_TOKEN));
    let previous = &spoil(PushFaultKind::PreviousAesKey).await[0];
    assert!(previous.open(old_key).is_some() && previous.open(&new_key).is_none());
    let (_, tail) = spoil(PushFaultKind::WrongAppid).await[0].open(&new_key).unwrap();
    assert_ne!(tail, COMPONENT);
    let both = spoil(PushFaultKind::UnknownInfoType).await;
    assert!(both[0].open(&new_key).unwrap().0.contains("notify_sandbox_unknown"));
    assert_eq!(both.len(), 2);
}

#[tokio::test]
async fn a_push_that_is_held_back_arrives_after_the_next() {
    let (bench, portal) = bench_and_portal().await;
    let fault = PushFault { kind: PushFaultKind::OutOfOrder, component: None, info_type: None, times: 1 };
    bench.control.push_fault(fault);
    let held = bench.control.push_ticket(None).unwrap();
    let first_ticket = bench.control.ticket(None).unwrap();
    assert_eq!(bench.control.push(held).unwrap().outcome, Outcome::Held);

    let id = bench.control.push_ticket(None).unwrap();
    bench.control.wait_for_push(id).await;
    while bench.control.push(held).unwrap().outcome == Outcome::Held {
        tokio::task::yield_now().await;
    }

    let arrivals = portal.arrivals();
    assert_eq!(arrivals.len(), 2);
    assert!(arrivals[1].open(NEWCOMER_AES_KEY).unwrap().0.contains(&first_ticket));
}

#[tokio::test]
async fn a_message_goes_to_the_accounts_own_address_and_its_reply_is_checked() {
    let (bench, portal) = bench_and_portal().await;
    bench.control.grant(&GrantRequest { push: Some(false), ..GrantRequest::new(TEA) }).unwrap();
    let message =
        MessageRequest { account: TEA.to_owned(), content: "你好".to_owned(), ..MessageRequest::default() };
    let send = async || {
        let id = bench.control.message(&message).unwrap();
        bench.control.wait_for_push(id).await.unwrap()
    };

    let record = send().await;
    assert_eq!(record.reply.unwrap().kind, ReplyKind::Success);
    let arrival = &portal.arrivals()[0];
    assert_eq!(arrival.path, format!("/messages/{TEA}"));
    assert!(arrival.body.contains("<ToUserName><![CDATA[gh_00000000a0a1]]></ToUserName>"));
    assert_eq!(arrival.open(NEWCOMER_AES_KEY).unwrap().1, COMPONENT, "the tail is the component's appid");
    assert!(!arrival.query("openid").is_empty());

    portal.says("<xml>hello</xml>");
    let record = send().await;
    assert_eq!((record.outcome, record.attempts.len()), (Outcome::Failed, 3));
    assert_eq!(record.reply.unwrap().kind, ReplyKind::Invalid);
}

#[tokio::test]
async fn an_encrypted_reply_is_opened() {
    let (bench, portal) = bench_and_portal().await;
    bench.control.grant(&GrantRequest { push: Some(false), ..GrantRequest::new(TEA) }).unwrap();
    let inner = "<xml><ToUserName><![CDATA[oFan]]></ToUserName><MsgType><![CDATA[text]]></MsgType></xml>";
    let key = AesKey::parse(NEWCOMER_AES_KEY).unwrap();
    let encrypt = crypt::encrypt(&key, [7; 16], inner.as_bytes(), COMPONENT);
    let signature = crypt::msg_signature(NEWCOMER_TOKEN, "1", "2", &encrypt);
    portal.says(&format!(
        "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>\
         <TimeStamp>1</TimeStamp><Nonce><![CDATA[2]]></Nonce></xml>"
    ));

    let answer: Value =
        bench.verb("message", &json!({"account": TEA, "openid": "oFan", "content": "hi"})).await;

    assert_eq!(text(&answer, "/push/reply/kind"), "passive");
    assert_eq!(text(&answer, "/push/reply/xml"), inner);
}
