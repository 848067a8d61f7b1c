//! The client against a server of a few lines that can be as broken as the internet.

pub(crate) mod fake;

use std::time::Duration;

use hufu::domain::errcode::Class;
use hufu::domain::ids::{AuthorizerAppid, ComponentAppid};
use hufu::domain::reason::Reason;
use hufu::secret::{
    AuthorizerRefreshToken, ComponentAccessToken, ComponentAppsecret, ComponentVerifyTicket, Secret,
};
use hufu::wechat::api::{api_authorizer_token, api_component_token};
use hufu::wechat::{Client, WechatError};
use serde_json::Value;
use url::Url;

use fake::{Answers, Fake, json, status};

pub(crate) fn component() -> ComponentAppid {
    ComponentAppid::parse("wx1componentappid").unwrap()
}

pub(crate) fn authorizer() -> AuthorizerAppid {
    AuthorizerAppid::parse("wx2authorizer").unwrap()
}

pub(crate) fn token() -> ComponentAccessToken {
    ComponentAccessToken::new("s3cret-component@@@token")
}

fn refresh_token() -> AuthorizerRefreshToken {
    AuthorizerRefreshToken::new("s3cret-refresh")
}

async fn get_token(client: &Client) -> Result<String, WechatError> {
    let secret = ComponentAppsecret::new("s3cret-appsecret");
    let ticket = ComponentVerifyTicket::new("s3cret-ticket");
    let answer = api_component_token::call(client, &component(), &secret, &ticket).await?;
    Ok(answer.value.token.expose().to_owned())
}

async fn refresh(client: &Client) -> Result<api_authorizer_token::Refreshed, WechatError> {
    let answer =
        api_authorizer_token::call(client, &component(), &token(), &authorizer(), &refresh_token()).await?;
    assert_eq!(api_authorizer_token::parse(answer.raw.expose()).as_ref(), Ok(&answer.value));
    Ok(answer.value)
}

#[tokio::test]
async fn the_component_token_is_asked_for_with_wechats_field_names() {
    let fake =
        Fake::new([json(r#"{"component_access_token":"61_abc","expires_in":7200,"new":{"x":1}}"#)]).await;

    let got = get_token(&fake.client()).await.unwrap();

    assert_eq!(got, "61_abc");
    let request = fake.request(0);
    assert_eq!(request.line, "POST /base/cgi-bin/component/api_component_token HTTP/1.1");
    assert!(request.headers.contains("user-agent: hufu/"), "{}", request.headers);
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["component_appsecret"], "s3cret-appsecret");
    assert_eq!(body["component_verify_ticket"], "s3cret-ticket");
    assert_eq!(body["component_appid"], "wx1componentappid");
}

#[tokio::test]
async fn two_calls_share_one_connection() {
    let answer = json(r#"{"authorizer_access_token":"a","expires_in":7200,"authorizer_refresh_token":""}"#);
    let fake = Fake::new([answer.clone(), answer]).await;
    let client = fake.client();

    let first = refresh(&client).await.unwrap();
    refresh(&client).await.unwrap();

    assert_eq!(first.refresh_token, None, "an empty token is no token");
    assert_eq!(fake.connections(), 1);
}

#[tokio::test]
async fn a_success_may_carry_errcode_0_and_numbers_as_texts_and_a_byte_order_mark() {
    let body = "\u{feff}{\"errcode\":\"0\",\"authorizer_access_token\":\"a\",\"expires_in\":\"60\",\"authorizer_refresh_token\":\"r\"}";
    let fake = Fake::new([json(body)]).await;

    let got = refresh(&fake.client()).await.unwrap();

    assert_eq!(got.expires_in, Duration::from_secs(60));
    assert_eq!(got.refresh_token.unwrap().expose(), "r");
}

#[tokio::test]
async fn a_life_that_cannot_be_is_not_believed() {
    for (said, believed) in [("0", 7200), ("-1", 7200), ("\"soon\"", 7200), ("1800000000", 86_400), ("1", 1)]
    {
        let body = format!(r#"{{"authorizer_access_token":"a","expires_in":{said}}}"#);
        let fake = Fake::new([json(&body)]).await;

        let got = refresh(&fake.client()).await.unwrap();

        assert_eq!(got.expires_in, Duration::from_secs(believed), "{said}");
    }
}

#[tokio::test]
async fn a_refusal_keeps_code_rid_and_address_and_no_secret() {
    let wire = [
        r#"{"errcode":61004,"errmsg":"access clientip is not registered requestIP: 10.1.2.3 rid: 5f5b1e4d-1c2d3e4f-6a7b8c9d"}"#,
        r#"{"errcode":"40164","errmsg":"invalid ip 10.1.2.3 ipv6 ::ffff:10.1.2.3, not in whitelist, rid: 5f5b1e4d-1c2d3e4f-6a7b8c9d"}"#,
    ];
    for body in wire {
        let fake = Fake::new([json(body)]).await;

        let error = refresh(&fake.client()).await.unwrap_err();

        assert_eq!(error.rid(), Some("5f5b1e4d-1c2d3e4f-6a7b8c9d"), "{error}");
        assert_eq!(error.request_ip(), Some("10.1.2.3"));
        assert_eq!((error.class(), error.reason()), (Class::Environment, Reason::IpNotListed));
        assert!(error.is_platform_level() && !error.may_have_been_processed());
    }
}

#[tokio::test]
async fn the_questions_about_a_refusal_have_one_answer_each() {
    let refused = |code: i64| async move {
        let fake = Fake::new([json(&format!(r#"{{"errcode":{code},"errmsg":"no"}}"#))]).await;
        let error = refresh(&fake.client()).await.unwrap_err();
        assert_eq!(error.errcode(), Some(code));
        (error.is_component_token_problem(), error.is_refresh_token_problem(), error.is_platform_level())
    };

    for code in [40001, 40014, 41001, 42001, 42006] {
        assert_eq!(refused(code).await, (true, false, false), "{code}");
    }
    for code in [61005, 61006, 61011, 40125, 61004, 45009] {
        assert_eq!(refused(code).await, (false, false, true), "{code}");
    }
    assert_eq!(refused(61023).await, (false, true, false));
    for code in [-1, 61003, 50002, 48001, 123_456] {
        assert_eq!(refused(code).await, (false, false, false), "{code}");
    }
}

#[tokio::test]
async fn where_the_secret_is_sent_40001_is_not_about_a_token() {
    let fake = Fake::new([json(r#"{"errcode":40001,"errmsg":"invalid credential"}"#)]).await;

    let error = get_token(&fake.client()).await.unwrap_err();

    assert!(!error.is_component_token_problem() && error.is_platform_level());
    assert_eq!(error.reason(), Reason::SecretRefused);
}

#[tokio::test]
async fn every_broken_answer_is_an_error_with_a_name() {
    let html = "<html><body>502 Bad Gateway</body></html>";
    let huge = format!(r#"{{"authorizer_access_token":"{}"}}"#, "a".repeat(1_100_000));
    let cases = [
        (json(r#"{"authorizer_access_token":"a","expi"#), WechatError::NotJson),
        (json("[1,2]"), WechatError::NotJson),
        (json("null"), WechatError::NotJson),
        (json(""), WechatError::Empty),
        (json("{}"), WechatError::Incomplete("authorizer_access_token")),
        (json(r#"{"authorizer_access_token":""}"#), WechatError::Incomplete("authorizer_access_token")),
        (json(r#"{"errcode":"many"}"#), WechatError::Incomplete("errcode")),
        (status(502, html), WechatError::HttpStatus(502)),
        (status(503, ""), WechatError::HttpStatus(503)),
        (status(200, html), WechatError::NotJson),
        (status(302, ""), WechatError::HttpStatus(302)),
        (status(404, r#"{"authorizer_access_token":"a"}"#), WechatError::HttpStatus(404)),
        (json(&huge), WechatError::TooLong),
        (Answers::ShorterThanSaid, WechatError::Broken),
        (Answers::ResetBefore, WechatError::Broken),
        (Answers::ResetAfter, WechatError::Broken),
        (Answers::Never, WechatError::Timeout),
    ];
    for (answer, expected) in cases {
        let fake = Fake::new([answer]).await;

        let error = refresh(&fake.client()).await.unwrap_err();

        assert_eq!(error, expected);
        assert_eq!((error.class(), error.reason()), (Class::Transient, Reason::WechatUnreachable));
        let refused_for_certain = matches!(error, WechatError::HttpStatus(302 | 404));
        assert_eq!(error.may_have_been_processed(), !refused_for_certain, "{error}");
    }
}

#[tokio::test]
async fn a_refusal_under_a_bad_status_is_still_a_refusal() {
    let fake = Fake::new([status(500, r#"{"errcode":-1,"errmsg":"system error"}"#)]).await;

    assert_eq!(refresh(&fake.client()).await.unwrap_err().errcode(), Some(-1));
}

#[tokio::test]
async fn nobody_listening_means_that_nothing_was_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::new(Url::parse(&format!("http://{address}")).unwrap()).unwrap();

    let error = get_token(&client).await.unwrap_err();

    assert_eq!(error, WechatError::Connect);
    assert!(!error.may_have_been_processed());
}

#[tokio::test]
async fn no_error_ever_repeats_what_was_sent() {
    let long = "A1b2C3d4E5f6A1b2C3d4E5f6A1b2";
    let echo = |what: &str| {
        json(&format!(
            r#"{{"errcode":61023,"errmsg":"you sent {what} and {long} rid: 5f5b1e4d-1c2d3e4f-6a7b8c9d"}}"#
        ))
    };
    let twice = |answer: Answers| [answer.clone(), answer];
    let answers = [
        [echo("s3cret-appsecret, s3cret-ticket"), echo("s3cret-component@@@token, s3cret-refresh")],
        twice(json("{")),
        twice(json("{}")),
        twice(status(502, "s3cret")),
        twice(Answers::ResetAfter),
        twice(Answers::Never),
    ];
    for answer in answers {
        let fake = Fake::new(answer).await;
        let client = fake.client();

        let errors = [get_token(&client).await.unwrap_err(), refresh(&client).await.unwrap_err()];

        let printed = format!("{errors:?} {} {} {client:?}", errors[0], errors[1]);
        assert!(!printed.contains("s3cret") && !printed.contains(long), "{printed}");
        assert!(!printed.contains("127.0.0.1:"), "no address: {printed}");
    }
}
