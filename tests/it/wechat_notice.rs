//! Pushes and messages as WeChat writes them, as others write them, and as an attacker would.

use hufu::domain::ids::ComponentAppid;
use hufu::secret::{PushToken, Secret};
use hufu::wechat::crypt::{self, AesKey};
use hufu::wechat::message::{Message, Signing, cdata, reply_envelope};
use hufu::wechat::notice::{Envelope, GrantNotice, Notice, NoticeBody, NoticeError};
use proptest::prelude::*;

fn notice(inner: &str) -> Result<Notice, NoticeError> {
    let head = "<AppId><![CDATA[wx9bd52800ff14f997]]></AppId>\n<CreateTime>1475950934</CreateTime>";
    Notice::parse(format!("<xml>\n{head}\n{inner}\n</xml>").as_bytes())
}

fn grant(body: NoticeBody) -> GrantNotice {
    match body {
        NoticeBody::Authorized(grant)
        | NoticeBody::UpdateAuthorized(grant)
        | NoticeBody::FastRegistered(grant) => grant,
        other => panic!("no grant: {other:?}"),
    }
}

#[test]
fn a_ticket_push_as_captured_is_read() {
    let push = notice(
        "<InfoType><![CDATA[component_verify_ticket]]></InfoType>\n\
         <ComponentVerifyTicket><![CDATA[ticket@@@XDvE-yePZw]]></ComponentVerifyTicket>",
    )
    .unwrap();

    assert_eq!((push.app_id.as_str(), push.create_time), ("wx9bd52800ff14f997", 1_475_950_934));
    let NoticeBody::ComponentVerifyTicket { ticket } = push.body else { panic!("no ticket") };
    assert_eq!(ticket.expose(), "ticket@@@XDvE-yePZw");
}

#[test]
fn a_grant_is_read_with_and_without_cdata() {
    for (open, close) in [("<![CDATA[", "]]>"), ("", ""), (" \n", "\n ")] {
        let push = notice(&format!(
            "<InfoType>{open}updateauthorized{close}</InfoType>\
             <AuthorizerAppid>{open}wxba5fad812f8e6fb9{close}</AuthorizerAppid>\
             <AuthorizationCode>{open}queryauthcode@@@abc{close}</AuthorizationCode>\
             <AuthorizationCodeExpiredTime>1475954534</AuthorizationCodeExpiredTime>\
             <PreAuthCode>{open}preauthcode@@@xyz{close}</PreAuthCode>"
        ))
        .unwrap();

        assert_eq!(push.info_type, "updateauthorized");
        let grant = grant(push.body);
        assert_eq!(grant.authorizer.as_str(), "wxba5fad812f8e6fb9");
        assert_eq!(grant.code.unwrap().expose(), "queryauthcode@@@abc");
        assert_eq!(grant.pre_auth_code.unwrap().expose(), "preauthcode@@@xyz");
        assert_eq!(grant.code_expires_at, Some(1_475_954_534));
    }
}

#[test]
fn a_small_expiry_is_a_span_and_a_large_one_a_moment() {
    let expiry = |value: &str| {
        let inner = format!(
            "<InfoType>authorized</InfoType><AuthorizerAppid>wxba5f</AuthorizerAppid>\
             <AuthorizationCodeExpiredTime>{value}</AuthorizationCodeExpiredTime>"
        );
        grant(notice(&inner).unwrap().body).code_expires_at
    };

    assert_eq!(expiry("3600"), Some(1_475_954_534));
    assert_eq!(expiry("1475954534"), Some(1_475_954_534));
    assert_eq!(expiry("-5"), Some(1_475_950_934));
    assert_eq!(expiry("soon"), None);
}

#[test]
fn a_grant_without_code_or_pre_auth_code_is_still_a_grant() {
    let push = notice(
        "<InfoType>authorized</InfoType><AuthorizerAppid>wxba5f</AuthorizerAppid><AuthorizationCode></AuthorizationCode>",
    );

    let grant = grant(push.unwrap().body);
    assert!(grant.code.is_none() && grant.pre_auth_code.is_none());
}

#[test]
fn a_cancellation_names_the_account_or_is_refused() {
    let named = notice("<InfoType>unauthorized</InfoType><AuthorizerAppid>wxba5f</AuthorizerAppid>").unwrap();
    assert!(matches!(named.body, NoticeBody::Unauthorized { authorizer } if authorizer.as_str() == "wxba5f"));

    let unnamed = notice("<InfoType>unauthorized</InfoType>");
    assert_eq!(unnamed, Err(NoticeError::Missing("AuthorizerAppid")));
    let odd = notice("<InfoType>unauthorized</InfoType><AuthorizerAppid>../../x</AuthorizerAppid>");
    assert_eq!(odd, Err(NoticeError::Missing("AuthorizerAppid")));
}

#[test]
fn an_unknown_info_type_is_kept_whatever_it_holds() {
    let push = notice(
        "<InfoType>notify_of_2031</InfoType><appid>wxba5f</appid><info><name><![CDATA[a]]></name><x><y/></x></info>",
    )
    .unwrap();

    assert_eq!(push.info_type, "notify_of_2031");
    assert!(matches!(push.body, NoticeBody::Other { authorizer: Some(appid) } if appid.as_str() == "wxba5f"));
}

#[test]
fn a_fast_registration_counts_as_a_grant_only_when_it_succeeded() {
    let registration = |status: &str| {
        notice(&format!(
            "<InfoType>notify_third_fasteregister</InfoType><appid>wxnew</appid><status>{status}</status>\
             <auth_code>queryauthcode@@@q</auth_code><msg>OK</msg><info><name>n</name><code>9</code></info>"
        ))
        .unwrap()
        .body
    };

    assert_eq!(grant(registration("0")).code.unwrap().expose(), "queryauthcode@@@q");
    assert!(matches!(registration("100001"), NoticeBody::Other { .. }));
}

#[test]
fn entities_of_xml_are_resolved_and_all_others_refused() {
    let ticket = |text: &str| {
        let inner = format!(
            "<InfoType>component_verify_ticket</InfoType><ComponentVerifyTicket>{text}</ComponentVerifyTicket>"
        );
        match notice(&inner)?.body {
            NoticeBody::ComponentVerifyTicket { ticket } => Ok(ticket.expose().to_owned()),
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(ticket("a&lt;&gt;&amp;&quot;&apos;&#65;&#x42;z").unwrap(), "a<>&\"'ABz");
    assert_eq!(ticket("&xxe;"), Err(NoticeError::Forbidden));
    assert_eq!(ticket("&#0;"), Err(NoticeError::Malformed));
    assert_eq!(ticket("&#xD800;"), Err(NoticeError::Malformed));
    assert_eq!(ticket("a & b"), Err(NoticeError::Malformed));
}

#[test]
fn what_could_hurt_a_parser_is_refused() {
    let parse = |xml: &str| Envelope::parse(xml.as_bytes()).err().unwrap();
    let body = "<xml><Encrypt>abc</Encrypt></xml>";

    let doctype = "<!DOCTYPE foo [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]>";
    assert_eq!(parse(&format!("{doctype}{body}")), NoticeError::Forbidden);
    assert_eq!(parse(&format!("<?php x ?>{body}")), NoticeError::Forbidden);
    assert_eq!(parse(&format!("{}{}", "<a>".repeat(99), "</a>".repeat(99))), NoticeError::TooDeep);
    assert_eq!(parse(&format!("<xml>{}</xml>", "a".repeat(600_000))), NoticeError::TooLong);
    assert_eq!(parse(&format!("{body}{body}")), NoticeError::Malformed);
    assert_eq!(parse(&format!("{body} rest")), NoticeError::Malformed);
    assert_eq!(parse("<xml><Encrypt>abc</Encrypt><xml>"), NoticeError::Malformed);
    assert_eq!(parse("<xml><Encrypt>abc</xml></Encrypt>"), NoticeError::Malformed);
    assert_eq!(parse("<xml><Encrypt><![CDATA[abc</Encrypt></xml>"), NoticeError::Malformed);
    assert_eq!(parse(""), NoticeError::Malformed);
    assert_eq!(parse("{\"Encrypt\":\"abc\"}"), NoticeError::Malformed);
    assert_eq!(parse("<xml></xml>"), NoticeError::Missing("Encrypt"));
    assert_eq!(parse("<xml><a><Encrypt>deeper</Encrypt></a></xml>"), NoticeError::Missing("Encrypt"));
    assert_eq!(Envelope::parse(b"<xml>\xff</xml>").err(), Some(NoticeError::NotUtf8));
}

#[test]
fn both_kinds_of_envelope_are_read() {
    let event = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xml><AppId><![CDATA[wx1]]></AppId><Encrypt><![CDATA[a\nb]]></Encrypt></xml>\n";
    let event = Envelope::parse(event.as_bytes()).unwrap();
    assert_eq!((event.appid.as_deref(), event.to_user_name), (Some("wx1"), None));
    assert_eq!(event.encrypt, "a\nb");

    let message =
        "<xml>    <ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n<Encrypt>abc</Encrypt></xml>";
    let message = Envelope::parse(message.as_bytes()).unwrap();
    assert_eq!(message.to_user_name.as_deref(), Some("gh_97417a04a28d"));
}

#[test]
fn tencents_own_debug_push_goes_all_the_way() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("data/wechat-crypto-vectors.json")).unwrap();
    let vector = &vectors["vectors"][2];
    let key = AesKey::parse(vector["encoding_aes_key"].as_str().unwrap()).unwrap();

    let envelope = Envelope::parse(vector["envelope"].as_str().unwrap().as_bytes()).unwrap();
    let opened = crypt::decrypt(&key, &envelope.encrypt).unwrap();
    let message = Message::parse(&opened.message).unwrap();

    assert_eq!(opened.appid, "wx134c8103faa5a59e");
    assert_eq!(message.event.as_deref(), Some("debug_demo"));
    assert_eq!(message.to_user_name, "gh_97417a04a28d");
    assert_eq!(message.dedupe_key(), "event:o9AgO5Kd5ggOC-bXrbNODIiE3bGY:1715943329:debug_demo");
}

#[test]
fn a_reply_can_be_opened_by_whoever_sent_the_request() {
    let key = AesKey::parse(&"A".repeat(43)).unwrap();
    let token = PushToken::new("AAAAA");
    let nonce = "4156]]>70741";
    let signing = Signing { token: &token, timestamp: 1_713_424_427, nonce, random: [9; 16] };
    let component = ComponentAppid::parse("wx134c8103faa5a59e").unwrap();

    let reply = reply_envelope(&key, &component, b"<xml>hello</xml>", signing);

    let envelope = Envelope::parse(reply.as_bytes()).unwrap();
    assert_eq!(crypt::decrypt(&key, &envelope.encrypt).unwrap().message, b"<xml>hello</xml>");
    let signature = crypt::msg_signature("AAAAA", "1713424427", nonce, &envelope.encrypt);
    assert!(reply.contains(&cdata(&signature)), "{reply}");
}

#[test]
fn what_is_printed_of_a_push_holds_no_secret() {
    let push = notice(
        "<InfoType>authorized</InfoType><AuthorizerAppid>wxba5f</AuthorizerAppid>\
         <AuthorizationCode>queryauthcode-s3cret</AuthorizationCode><PreAuthCode>pre-s3cret</PreAuthCode>",
    )
    .unwrap();
    let ticket = notice(
        "<InfoType>component_verify_ticket</InfoType><ComponentVerifyTicket>s3cret</ComponentVerifyTicket>",
    );
    let xml = "<xml><ToUserName>g</ToUserName><FromUserName>s3cret</FromUserName><MsgType>text</MsgType><Content>s3cret</Content></xml>";
    let message = Message::parse(xml.as_bytes()).unwrap();
    let envelope = Envelope::parse(b"<xml><Encrypt>s3cret</Encrypt></xml>").unwrap();

    let printed = format!("{push:?} {ticket:?} {message:?} {envelope:?}");

    assert!(!printed.contains("s3cret"), "{printed}");
}

proptest! {
    #[test]
    fn no_bytes_make_a_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Envelope::parse(&bytes);
        let _ = Notice::parse(&bytes);
        let _ = Message::parse(&bytes);
    }

    #[test]
    fn nothing_that_looks_like_xml_makes_a_parser_panic(
        parts in prop::collection::vec(prop_oneof![
            Just("<xml>".to_owned()), Just("</xml>".to_owned()), Just("<AppId>".to_owned()),
            Just("</AppId>".to_owned()), Just("<![CDATA[".to_owned()), Just("]]>".to_owned()),
            Just("<InfoType>authorized</InfoType>".to_owned()), Just("&amp;".to_owned()), Just("&#".to_owned()),
            Just("<!--".to_owned()), Just("-->".to_owned()), Just("<a/>".to_owned()), "[<>&;\\[\\]!?/ a-z]{0,8}",
        ], 0..30)
    ) {
        let text = parts.concat();
        let _ = Envelope::parse(text.as_bytes());
        let _ = Notice::parse(text.as_bytes());
        let _ = Message::parse(text.as_bytes());
    }

    #[test]
    fn every_text_survives_a_cdata_section(text in "[^\\r\\x00-\\x08\\x0b-\\x1f]{1,60}") {
        let xml = format!("<xml><Encrypt>{}</Encrypt></xml>", cdata(&format!("x{text}x")));

        prop_assert_eq!(Envelope::parse(xml.as_bytes()).unwrap().encrypt, format!("x{text}x"));
    }
}
