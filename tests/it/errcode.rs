//! The errcode table: complete, unambiguous, and fit to be shown.

use std::collections::HashSet;

use hufu::domain::errcode::{self, Class};
use hufu::domain::func_info;
use hufu::domain::reason::Reason;
use hufu::domain::text::Lang;

/// Every code of the protocol notes, ranges written out.
fn expected() -> Vec<i64> {
    let single = [
        -1, -1000, 40001, 40002, 40003, 40013, 40014, 40029, 40030, 40066, 40090, 40091, 40094, 40095, 40097,
        40125, 40163, 40164, 40170, 41001, 41002, 41003, 41004, 42001, 42002, 42003, 42005, 42006, 42007,
        43001, 43002, 43003, 43004, 44002, 45009, 45011, 45015, 45035, 45047, 45501, 47001, 48001, 48004,
        48006, 48009, 49001, 50001, 50002, 50003, 50004, 50005, 61039, 61040, 61058, 61061, 61070, 76003,
        76022, 86004,
    ];
    let ranges = [
        41018..=41021,
        61000..=61030,
        61051..=61056,
        61063..=61069,
        89000..=89004,
        89247..=89255,
        89501..=89507,
    ];
    single.into_iter().chain(ranges.into_iter().flatten()).collect()
}

#[test]
fn every_code_of_the_protocol_is_in_the_table_once() {
    let mut seen = HashSet::new();
    for line in errcode::known() {
        assert!(seen.insert(line.errcode.unwrap()), "{:?} twice", line.errcode);
    }

    for code in expected() {
        assert!(seen.contains(&code), "{code} is missing");
    }
}

#[test]
fn every_line_has_both_languages_and_a_remedy() {
    for line in errcode::known() {
        for text in [line.sentence, line.remedy] {
            assert!(!text.get(Lang::Zh).is_empty() && !text.get(Lang::En).is_empty(), "{:?}", line.errcode);
            assert!(text.get(Lang::En).is_ascii(), "{:?}: {}", line.errcode, text.get(Lang::En));
        }
    }
}

#[test]
fn the_codes_that_decide_what_happens_have_their_class_and_reason() {
    let meaning = |code| (errcode::explain(code).class, errcode::explain(code).reason);

    assert_eq!(meaning(-1), (Class::Transient, Reason::WechatTransient));
    assert_eq!(meaning(40001), (Class::Token, Reason::ComponentTokenFailing));
    assert_eq!(meaning(40125), (Class::Environment, Reason::SecretRefused));
    assert_eq!(meaning(45009), (Class::Rate, Reason::QuotaExhausted));
    assert_eq!(meaning(48001), (Class::Permission, Reason::NoApiRights));
    assert_eq!(meaning(50002), (Class::Permission, Reason::AccountFrozen));
    assert_eq!(meaning(61003), (Class::AuthorizationLost, Reason::CancelledByAccount));
    assert_eq!(meaning(61004), (Class::Environment, Reason::IpNotListed));
    assert_eq!(meaning(61005), (Class::Environment, Reason::TicketStale));
    assert_eq!(meaning(61023), (Class::AuthorizationLost, Reason::RefreshTokenRefused));
}

#[test]
fn where_the_secret_is_sent_40001_means_the_secret() {
    assert_eq!(errcode::explain_for("api_component_token", 40001).reason, Reason::SecretRefused);
    assert_eq!(errcode::explain_for("api_authorizer_token", 40001).class, Class::Token);
}

#[test]
fn an_unknown_code_is_reported_and_tried_again() {
    let unknown = errcode::explain(987_654_321);

    assert_eq!((unknown.class, unknown.reason), (Class::Bug, Reason::UnexpectedRefusal));
    assert!(unknown.worth_retrying());
    assert!(!errcode::explain(47001).worth_retrying());
}

#[test]
fn classes_are_read_back_by_name() {
    for class in Class::ALL {
        assert_eq!(Class::from_name(class.as_str()), Some(class));
        assert!(!class.label().get(Lang::Zh).is_empty());
    }
    assert_eq!(Class::from_name("nothing"), None);
}

#[test]
fn permission_sets_have_names_and_unknown_ones_are_numbers() {
    let ids: HashSet<i64> = func_info::ALL.iter().map(|(id, _)| *id).collect();

    assert_eq!(ids.len(), func_info::ALL.len());
    assert_eq!(func_info::label(1, Lang::Zh), "消息管理");
    assert_eq!(func_info::label(1, Lang::En), "Messages");
    assert_eq!(func_info::label(99_999, Lang::En), "99999");
    assert!(func_info::EXCLUSIVE.iter().all(|id| ids.contains(id)));
}
