//! Every endpoint: what it sends, and what it makes of answers that are whole, poor or odd.

use std::time::Duration;

use hufu::domain::authorization::AuthType;
use hufu::domain::authorizer::Kind;
use hufu::secret::{AuthorizationCode, AuthorizerAccessToken, ComponentAppsecret, PreAuthCode, Secret};
use hufu::wechat::WechatError;
use hufu::wechat::api::get_authorizer_option::Subject;
use hufu::wechat::api::{
    api_authorizer_token, api_component_token, api_create_preauthcode, api_get_authorizer_info,
    api_get_authorizer_list, api_query_auth, api_start_push_ticket, component_clear_quota_v2,
    get_authorizer_option, set_authorizer_option,
};
use hufu::wechat::login_page::{Consent, h5_url, pc_url};
use proptest::prelude::*;
use serde_json::Value;
use url::Url;

use crate::wechat_client::fake::{Fake, json};
use crate::wechat_client::{authorizer, component, token};

#[tokio::test]
async fn the_component_token_travels_in_the_query_and_is_escaped() {
    let fake = Fake::new([json(r#"{"pre_auth_code":"preauthcode@@@1","expires_in":"600"}"#)]).await;

    let made = api_create_preauthcode::call(&fake.client(), &component(), &token()).await.unwrap();

    assert_eq!((made.code.expose(), made.expires_in), ("preauthcode@@@1", Duration::from_secs(600)));
    assert!(fake.request(0).line.contains("?component_access_token=s3cret-component%40%40%40token "));
}

#[tokio::test]
async fn a_grant_is_read_whole_and_in_part() {
    let whole = r#"{"authorization_info":{"authorizer_appid":"wx2authorizer","authorizer_access_token":"a","expires_in":7200,
        "authorizer_refresh_token":"r","func_info":[{"funcscope_category":{"id":1}},{"funcscope_category":{"id":"17","name":"x"},
        "confirm_info":{"need_confirm":0}},{"odd":1},9]}}"#;
    let without_rights = r#"{"authorization_info":{"authorizer_appid":"wx2authorizer","authorizer_refresh_token":"","func_info":[]}}"#;
    let fake = Fake::new([json(whole), json(without_rights), json(r#"{"authorization_info":{}}"#)]).await;
    let client = fake.client();
    let code = AuthorizationCode::new("queryauthcode@@@1");
    let exchange = async || api_query_auth::call(&client, &component(), &token(), &code).await;

    let answer = exchange().await.unwrap();
    assert_eq!(answer.value.func_info, [1, 17, 9]);
    assert_eq!(answer.value.refresh_token.as_ref().unwrap().expose(), "r");
    assert_eq!(api_query_auth::parse(answer.raw.expose()), Ok(answer.value));

    let poor = exchange().await.unwrap().value;
    assert!(poor.access_token.is_none() && poor.refresh_token.is_none() && poor.func_info.is_empty());

    assert_eq!(exchange().await.err(), Some(WechatError::Incomplete("authorizer_appid")));
}

#[test]
fn the_kind_of_an_account_is_seen_by_what_it_has_not_by_a_number() {
    let read = |info: &str| {
        api_get_authorizer_info::parse(&format!(r#"{{"authorizer_info":{info}}}"#), &authorizer()).unwrap()
    };

    let shop =
        read(r#"{"nick_name":"店","service_type_info":{"id":2},"MiniProgramInfo":{"visit_status":0}}"#);
    assert_eq!((shop.kind, shop.profile.service_type), (Kind::MiniProgram, Some(2)));
    assert_eq!((shop.refresh_token, shop.func_info), (None, None), "authorization_info may be missing");
    assert_eq!(read(r#"{"service_type_info":{"id":2},"MiniProgramInfo":null}"#).kind, Kind::OfficialAccount);
    assert_eq!(read(r#"{"channels_info":{"id":1}}"#).kind, Kind::Channels);
    assert_eq!(read(r#"{"store_info":{"id":1}}"#).kind, Kind::Other);
    let bare = read(r#"{"MiniProgramInfo":{},"alias":"","account_status":"19"}"#);
    assert_eq!((bare.profile.nick_name, bare.profile.alias), (None, None));
    assert_eq!(bare.profile.account_status, Some(19));
    assert_eq!(read("{\"nick_name\":\"a\u{1}b\"}").profile.nick_name.as_deref(), Some("a b"));
}

#[test]
fn the_refresh_token_in_the_info_is_taken_only_from_the_right_account() {
    let read = |grant: &str| {
        let body = format!(r#"{{"authorizer_info":{{}},"authorization_info":{grant}}}"#);
        let info = api_get_authorizer_info::parse(&body, &authorizer()).unwrap();
        (info.refresh_token.map(|token| token.expose().to_owned()), info.func_info)
    };
    let ours = Some("r".to_owned());

    for name in ["authorizer_appid", "appid", "authorization_appid"] {
        let grant = format!(r#"{{"{name}":"wx2authorizer","authorizer_refresh_token":"r","func_info":[]}}"#);
        assert_eq!(read(&grant), (ours.clone(), Some(vec![])));
    }
    assert_eq!(read(r#"{"authorizer_appid":"wx2authorizer","authorizer_refresh_token":""}"#), (None, None));
    assert_eq!(read(r#"{"authorizer_appid":"wx3other","authorizer_refresh_token":"r"}"#), (None, None));
}

#[tokio::test]
async fn a_list_survives_single_bad_entries_and_says_how_many_it_had() {
    let body = r#"{"total_count":"4","list":[{"authorizer_appid":"wx2a","refresh_token":"r","auth_time":1558000607},
        {"authorizer_appid":"wx2b","refresh_token":""},{"refresh_token":"lost"},7]}"#;
    let fake = Fake::new([json(body)]).await;

    let page = api_get_authorizer_list::call(&fake.client(), &component(), &token(), 0, 500).await.unwrap();

    assert_eq!((page.total, page.received, page.entries.len()), (4, 4, 2));
    assert_eq!(page.entries[0].auth_time, Some(1_558_000_607));
    assert!(page.entries[1].refresh_token.is_none(), "authorised, never exchanged");
    let sent: Value = serde_json::from_str(&fake.request(0).body).unwrap();
    assert_eq!((&sent["offset"], &sent["count"]), (&Value::from(0), &Value::from(500)));
}

#[test]
fn silence_is_not_an_empty_list() {
    use api_get_authorizer_list::parse;

    assert_eq!(parse(r#"{"total_count":0}"#).unwrap().total, 0);
    assert_eq!(parse("{}"), Err(WechatError::Incomplete("list")));
    assert_eq!(parse(r#"{"total_count":3}"#), Err(WechatError::Incomplete("list")));
    assert_eq!(parse(r#"{"list":[]}"#), Err(WechatError::Incomplete("total_count")));
}

#[test]
fn a_full_page_of_long_tokens_fits_into_one_answer() {
    let entry = format!(
        r#"{{"authorizer_appid":"wx0123456789abcdef","refresh_token":"{}","auth_time":1558000607}}"#,
        "r".repeat(512)
    );
    let body = format!(r#"{{"total_count":500,"list":[{}]}}"#, vec![entry; 500].join(","));

    assert!(body.len() < 1024 * 1024);
    assert_eq!(api_get_authorizer_list::parse(&body).unwrap().entries.len(), 500);
}

#[tokio::test]
async fn options_are_asked_with_the_accounts_token_then_with_the_components() {
    let other = json(r#"{"errcode":61014,"errmsg":"must use component token for component api"}"#);
    let value = json(r#"{"option_name":"voice_recognize","option_value":"1"}"#);
    let fake = Fake::new([value.clone(), other.clone(), value, other, json(r#"{"errcode":0}"#)]).await;
    let client = fake.client();
    let (component, component_token, authorizer) = (component(), token(), authorizer());
    let authorizer_token = AuthorizerAccessToken::new("own");
    let subject = Subject {
        component: &component,
        component_token: &component_token,
        authorizer: &authorizer,
        authorizer_token: &authorizer_token,
    };

    for _ in 0..2 {
        let value = get_authorizer_option::call(&client, subject, "voice_recognize").await.unwrap();
        assert_eq!(value, "1");
    }
    set_authorizer_option::call(&client, subject, "voice_recognize", "0").await.unwrap();

    assert!(fake.request(0).line.contains("?access_token=own "));
    assert!(fake.request(2).line.contains("?access_token=s3cret-component"));
    assert!(fake.request(4).body.contains(r#""option_value":"0""#));
}

#[tokio::test]
async fn the_ticket_push_is_started_with_the_secret_and_answers_in_words() {
    let fake = Fake::new([
        json(r#"{"errcode":0,"errmsg":"in a normal state rid: 5f5b1e4d-1c2d3e4f-6a7b8c9d"}"#),
        json(r#"{"errcode":0,"errmsg":"ok"}"#),
    ])
    .await;
    let (client, secret) = (fake.client(), ComponentAppsecret::new("s3cret"));

    let said = api_start_push_ticket::call(&client, &component(), &secret).await.unwrap();
    component_clear_quota_v2::call(&client, &component(), &secret, &authorizer()).await.unwrap();

    assert_eq!(said, "in a normal state");
    assert!(fake.request(0).body.contains(r#""component_secret":"s3cret""#));
    assert!(fake.request(1).line.contains("/base/cgi-bin/component/clear_quota/v2 "));
    assert!(fake.request(1).body.contains(r#""appsecret":"s3cret""#));
}

#[test]
fn the_consent_pages_are_addressed_as_wechat_documents_them() {
    let (component, authorizer) = (component(), authorizer());
    let code = PreAuthCode::new("preauthcode@@@a_b-c");
    let redirect = Url::parse("https://hufu.example.com/authorize/callback?state=x&y=1#end").unwrap();
    let consent = Consent {
        component: &component,
        pre_auth_code: &code,
        redirect_uri: &redirect,
        auth_type: AuthType::Both,
        biz_appid: None,
    };
    let locked = Consent { biz_appid: Some(&authorizer), auth_type: AuthType::MiniProgram, ..consent };
    let query = "component_appid=wx1componentappid&pre_auth_code=preauthcode%40%40%40a_b-c\
        &redirect_uri=https%3A%2F%2Fhufu.example.com%2Fauthorize%2Fcallback%3Fstate%3Dx%26y%3D1%23end";

    let pc = pc_url(&Url::parse("https://mp.weixin.qq.com").unwrap(), consent);
    let h5 = h5_url(&Url::parse("http://127.0.0.1:1/open/").unwrap(), locked);

    assert_eq!(
        pc.as_str(),
        format!("https://mp.weixin.qq.com/cgi-bin/componentloginpage?{query}&auth_type=3")
    );
    assert_eq!(
        h5.as_str(),
        format!(
            "http://127.0.0.1:1/open/wxaopen/safe/bindcomponent?action=bindcomponent&no_scan=1&{query}\
             &auth_type=2&biz_appid=wx2authorizer#wechat_redirect"
        )
    );
}

proptest! {
    #[test]
    fn no_answer_makes_a_reader_panic(text in prop_oneof![".{0,200}", json_like()]) {
        let _ = api_component_token::parse(&text);
        let _ = api_create_preauthcode::parse(&text);
        let _ = api_query_auth::parse(&text);
        let _ = api_authorizer_token::parse(&text);
        let _ = api_get_authorizer_info::parse(&text, &authorizer());
        let _ = api_get_authorizer_list::parse(&text);
    }

    #[test]
    fn no_errmsg_leaks_a_long_token(token in "[A-Za-z0-9_@-]{24,200}", before in "[a-z ]{0,20}") {
        prop_assume!(token != "authorizer_refresh_token");
        let body = format!(r#"{{"errcode":61023,"errmsg":"{before} {token}"}}"#);

        let error = api_authorizer_token::parse(&body).unwrap_err();

        let printed = format!("{error} {error:?}");
        prop_assert!(!printed.contains(&token));
    }
}

/// Objects with the fields WeChat uses and values it should not.
fn json_like() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "errcode",
        "errmsg",
        "expires_in",
        "authorizer_appid",
        "authorizer_access_token",
        "func_info",
        "list",
        "authorizer_refresh_token",
        "component_access_token",
        "authorization_info",
        "authorizer_info",
        "total_count",
        "pre_auth_code",
        "service_type_info",
        "MiniProgramInfo",
        "id",
        "funcscope_category",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("0".to_owned()),
        Just("-1e400".to_owned()),
        Just("9e18".to_owned()),
        Just("\"\"".to_owned()),
        Just("\"7200\"".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| format!("{n:?}")),
        Just("\"rid: é\"".to_owned()),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec((name.clone(), inner.clone()), 0..6).prop_map(|fields| {
                let fields = fields.into_iter().map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    })
}
