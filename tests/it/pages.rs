//! Every view, with every sample, in both languages: rendered and compared with what it was. To look at them in a
//! browser, write them to a folder: `HUFU_LOOK_AT_PAGES=/tmp/pages cargo test --test it pages`.

use std::fs;
use std::path::Path;

use askama::Template;
use hufu::domain::text::Lang;
use hufu::web::admin::views as admin;
use hufu::web::api_keys::view::ApiKeysView;
use hufu::web::audit::view::AuditView;
use hufu::web::authorize::choose_view::ChooseView;
use hufu::web::authorize::entry_view::EntryView;
use hufu::web::authorize::outcome_view::OutcomeView;
use hufu::web::authorizer::view::AuthorizerView;
use hufu::web::authorizers::view::AuthorizersView;
use hufu::web::connect::closed_view::ClosedView;
use hufu::web::connect::view::ConnectView;
use hufu::web::error_page::ErrorView;
use hufu::web::invitation::view::InvitationView;
use hufu::web::links::bulk_view::BulkView;
use hufu::web::links::show_view::LinkView;
use hufu::web::links::view::LinksView;
use hufu::web::logo::LogoView;
use hufu::web::members::view::MembersView;
use hufu::web::overview::view::OverviewView;
use hufu::web::password::view::{ForgotView, ResetView};
use hufu::web::profile::view::{ConfirmView, ProfileView, SessionsView};
use hufu::web::second::view::SecondView;
use hufu::web::security::view::{AppView, CodesView, SecurityView};
use hufu::web::set_up::view::SetUpView;
use hufu::web::sign_in::view::SignInView;
use hufu::web::sign_up::view::{AskView, FinishView};
use hufu::web::step_up::view::StepUpView;

/// Name, language and whole page of every sample of one view.
macro_rules! pages {
    ($($name:literal $view:ty;)*) => {
        fn pages() -> Vec<(String, String)> {
            let mut pages = Vec::new();
            for lang in Lang::ALL {
                $(for (sample, view) in <$view>::samples(lang) {
                    pages.push((format!("{}__{sample}__{}", $name, lang.code()), view.render().unwrap()));
                })*
            }
            pages
        }
    };
}

pages! {
    "admin_authorizers" admin::AllAuthorizersView;
    "admin_component" admin::ComponentView;
    "admin_reveal" admin::RevealView;
    "admin_components" admin::ComponentsView;
    "admin_overview" admin::OverviewView;
    "admin_tenant" admin::TenantView;
    "admin_tenants" admin::TenantsView;
    "admin_unclaimed" admin::UnclaimedView;
    "admin_user" admin::UserView;
    "admin_users" admin::UsersView;
    "api_keys" ApiKeysView;
    "audit" AuditView;
    "authorize" ChooseView;
    "authorize_entry" EntryView;
    "authorize_outcome" OutcomeView;
    "authorizer" AuthorizerView;
    "authorizers" AuthorizersView;
    "connect" ConnectView;
    "connect_closed" ClosedView;
    "error" ErrorView;
    "link" LinkView;
    "links" LinksView;
    "invitation" InvitationView;
    "members" MembersView;
    "links_bulk" BulkView;
    "links_logo" LogoView;
    "overview" OverviewView;
    "security" SecurityView;
    "security_app" AppView;
    "security_codes" CodesView;
    "password_forgot" ForgotView;
    "password_reset" ResetView;
    "profile" ProfileView;
    "profile_email" ConfirmView;
    "profile_sessions" SessionsView;
    "set_up" SetUpView;
    "sign_in" SignInView;
    "sign_up" AskView;
    "sign_up_finish" FinishView;
    "sign_in_second" SecondView;
    "step_up" StepUpView;
}

#[test]
fn every_page_is_as_it_was() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, page) in pages() {
            insta::assert_snapshot!(name, main_of(&page));
        }
    });
}

#[test]
fn no_page_has_inline_styles_or_handlers() {
    for (name, page) in pages() {
        for banned in [" style=", "<style", " onclick=", "javascript:"] {
            assert!(!page.contains(banned), "{name}: {banned}");
        }
    }
}

#[test]
fn every_label_has_its_field_and_every_icon_its_symbol() {
    for (name, page) in pages() {
        for wanted in after(&page, "<label for=\"") {
            assert!(page.contains(&format!("id=\"{wanted}\"")), "{name}: no field {wanted}");
        }
        for wanted in after(&page, "<use href=\"#") {
            assert!(page.contains(&format!("<symbol id=\"{wanted}\"")), "{name}: no icon {wanted}");
        }
    }
}

#[test]
fn english_pages_have_no_chinese_words_of_ours() {
    for (name, page) in pages().into_iter().filter(|(name, _)| name.ends_with("__en")) {
        for word in ["状态", "续期", "授权", "令牌", "平台管理", "小时", "分钟"] {
            assert!(!main_of(&page).contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn pages_can_be_looked_at() {
    let Some(folder) = std::env::var_os("HUFU_LOOK_AT_PAGES") else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    let css = hufu::web::assets::asset("app.css");
    for (name, page) in pages() {
        let page = page.replace(&css, "app.css").replace("href=\"/static/", "href=\"static/");
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    fs::copy("static/app.css", folder.join("app.css")).unwrap();
}

/// What follows each `start`, up to the closing quote.
fn after<'a>(page: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split('"').next())
}

/// The page's own part, one line for each line that says something; the frame has a test of its own.
fn main_of(page: &str) -> String {
    let start = page.find("<main").unwrap();
    let end = page.find("</main>").unwrap();
    let lines = page[start..end].lines().map(str::trim).filter(|line| !line.is_empty()).skip(1);
    lines.collect::<Vec<_>>().join("\n")
}
