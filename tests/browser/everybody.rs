//! Everybody's whole work in one house, in Chinese on SQLite and in English on PostgreSQL: the platform's administrator,
//! the people of two tenants and a merchant without a login, with second factors, from the first link to signing out.

use hufu::domain::audit::Action;
use hufu::domain::event::Event;
use hufu::domain::health::Health;
use hufu::domain::text::Lang;
use hufu::web::words::Words;

use crate::harness::{ADMIN, Browser, House, Look, ORDERS, RIVAL, Schema, Stage, TEA, perform};

const OWNER: &str = "owner@harbour.example";
const OPERATOR: &str = "operator@harbour.example";
const COMPANY: &str = "望海楼餐饮";
const MERCHANT: &str = "临江店 刘店长";

/// The deeds of this journey, as the audit calls them. (What a key reads is added up and written once an hour.)
const DEEDS: [Action; 15] = [
    Action::SignedIn,
    Action::AppAdded,
    Action::PasskeyAdded,
    Action::TenantCreated,
    Action::TenantLimited,
    Action::MemberInvited,
    Action::InvitationAccepted,
    Action::MfaRuleChanged,
    Action::SteppedUp,
    Action::KeyCreated,
    Action::LinkCreated,
    Action::AuthorizationReturned,
    Action::RefreshRequested,
    Action::LinksCreated,
    Action::SignedOut,
];

#[tokio::test]
async fn everybody_does_their_whole_work_in_chinese() {
    perform("everybody-zh", |stage| async move {
        let house = House::open_with(stage.folder(), &[("HUFU_REQUIRE_ADMIN_MFA", "true")]).await;
        let phone = Look { phone: true, in_wechat: true, ..Look::ZH };
        let cast = Cast::enter(stage, Lang::Zh, TEA, phone).await;
        cast.perform(&house).await;
    })
    .await;
}

#[tokio::test]
async fn everybody_does_their_whole_work_in_english_on_postgresql() {
    let Some(schema) = Schema::make() else { return };
    perform("everybody-en", |stage| async move {
        let settings = [("HUFU_REQUIRE_ADMIN_MFA", "true"), ("HUFU_DATABASE_URL", &schema.url())];
        let house = House::open_with(stage.folder(), &settings).await;
        let phone = Look { phone: true, in_wechat: true, dark: true, ..Look::EN };
        let cast = Cast::enter(stage, Lang::En, ORDERS, phone).await;
        cast.perform(&house).await;
    })
    .await;
}

struct Cast {
    lang: Lang,
    w: &'static Words,
    account: (&'static str, &'static str),
    admin: Browser,
    owner: Browser,
    operator: Browser,
    rival: Browser,
    merchant: Browser,
}

impl Cast {
    async fn enter(stage: Stage, lang: Lang, account: (&'static str, &'static str), phone: Look) -> Self {
        let look = match lang {
            Lang::Zh => Look::ZH,
            Lang::En => Look::EN,
        };
        Self {
            lang,
            w: Words::of(lang),
            account,
            admin: stage.browser("admin", look).await,
            owner: stage.browser("owner", look).await,
            operator: stage.browser("operator", Look { dark: true, ..look }).await,
            rival: stage.browser("rival", look).await,
            merchant: stage.browser("merchant", phone).await,
        }
    }

    async fn perform(&self, house: &House) {
        self.the_admin_protects_the_account_and_opens_a_tenant(house).await;
        self.the_owner_brings_an_operator_who_must_protect_the_account_too(house).await;
        let key = self.the_owner_makes_a_key(house).await;
        self.a_merchant_grants_an_account(house).await;
        assert_eq!(house.ask_for_token(self.account.0, &key).await, 200, "the key of the tenant");
        self.the_rival_sees_nothing_of_it(house, &key).await;
        self.it_heals_and_is_lost_and_is_granted_again(house).await;
        self.everybody_leaves(house).await;
    }

    async fn the_admin_protects_the_account_and_opens_a_tenant(&self, house: &House) {
        let (admin, w) = (&self.admin, self.w);
        admin.plug_in_authenticator().await;
        admin.sign_in(house, ADMIN).await;
        admin.arrive("/account/security").await;
        admin.see(w.security.must).await;
        admin.add_app().await;
        admin.add_passkey(house, "office").await;
        admin.see(w.security.passkey_added).await;
        admin.sign_out().await;
        admin.press("form[data-passkey] button").await;
        admin.arrive("/admin").await;
        admin.shoot("1-status").await;

        admin.goto(house.at("/admin/tenants")).await;
        admin.fill("input[name=name]", COMPANY).await;
        admin.fill("input[name=slug]", "harbour").await;
        admin.press("form[action='/admin/tenants'] button").await;
        admin.see(w.admin.people.tenant_created).await;
        admin.fill("input[name=members]", "5").await;
        admin.press("form[action$='/limits'] button").await;
        admin.see(w.admin.life.was_limited).await;
        let invitation = admin.invite(OWNER, "owner").await;
        admin.shoot("2-invitation").await;

        self.owner.join(&invitation, "望海").await;
        self.owner.shoot("1-joined").await;
    }

    async fn the_owner_brings_an_operator_who_must_protect_the_account_too(&self, house: &House) {
        let (owner, operator, w) = (&self.owner, &self.operator, self.w);
        owner.goto(house.at("/account/security")).await;
        owner.add_app().await;
        owner.press("#rule button[value=required]").await;
        owner.see(w.security.rule_required).await;
        owner.goto(house.at("/members")).await;
        let invitation = owner.invite(OPERATOR, "operator").await;
        owner.shoot("2-members").await;

        operator.join(&invitation, "Morgan").await;
        operator.see(w.security.must).await;
        operator.add_app().await;
        operator.goto(house.at("/authorizers")).await;
        operator.see(w.overview.empty_title).await;
        operator.shoot("1-empty").await;
        operator.goto(house.at("/members")).await;
        operator.see(w.error.forbidden).await;
    }

    /// Shows once more who they are, with a recovery code; returns the key.
    async fn the_owner_makes_a_key(&self, house: &House) -> String {
        let (owner, w) = (&self.owner, self.w);
        owner.goto(house.at("/account/security")).await;
        owner.press("form[action='/account/security/recovery-codes'] button").await;
        let codes = owner.recovery_codes().await;
        house.let_proofs_grow_old().await;
        owner.goto(house.at("/api-keys")).await;
        owner.press(".locked a").await;
        owner.fill("input[name=code]", &codes[0]).await;
        owner.shoot("3-step-up").await;
        owner.press("form[action='/step-up'] button").await;
        owner.arrive("/api-keys").await;
        owner.fill("input[name=name]", "订单服务").await;
        owner.press("form[action='/api-keys'] button").await;
        owner.see(w.api_keys.made_title).await;
        owner.shoot("4-key").await;
        owner.find(".made code").await.text().await.unwrap()
    }

    async fn a_merchant_grants_an_account(&self, house: &House) {
        let (operator, merchant, w) = (&self.operator, &self.merchant, self.w);
        let link = operator.make_link(house, MERCHANT).await;
        operator.shoot("2-link").await;
        merchant.goto(&link).await;
        merchant.see(w.connect.start_note).await;
        merchant.shoot("1-invitation").await;
        self.grant("granted").await;
        assert!(!merchant.has(".nav").await, "nothing of the tenant's is shown");
        merchant.goto(&link).await;
        merchant.find(".outcome.event-good").await;
        merchant.shoot("5-used-up").await;

        operator.see_health(house, self.account.0, Health::Healthy).await;
        operator.shoot("3-healthy").await;
        operator.goto(house.at("/links")).await;
        operator.press(".link-rows a").await;
        operator.see(w.links.finished).await;
        operator.shoot("4-granted").await;
        self.owner.goto(house.at("/authorizers")).await;
        self.owner.see(self.account.1).await;
        self.owner.find(".cell-state .health-healthy").await;
        self.owner.shoot("5-list").await;
    }

    /// From the open invitation to the portal's last word. The sandbox lets nobody in whose Referer is not the portal's.
    async fn grant(&self, step: &str) {
        let merchant = &self.merchant;
        merchant.fits_its_window().await;
        merchant.press("#start").await;
        merchant.find("#go").await;
        merchant.fits_its_window().await;
        merchant.shoot(&format!("2-entry-{step}")).await;
        merchant.press("#go").await;
        merchant.find("#consent").await;
        merchant.shoot(&format!("3-consent-{step}")).await;
        merchant.agree(self.account.0).await;
        merchant.see(self.account.1).await;
        merchant.fits_its_window().await;
        merchant.shoot(&format!("4-{step}")).await;
    }

    async fn the_rival_sees_nothing_of_it(&self, house: &House, key: &str) {
        let (rival, w, (appid, name)) = (&self.rival, self.w, self.account);
        rival.sign_in(house, RIVAL).await;
        for path in ["/", "/authorizers", "/links", "/members", "/audit", "/api-keys"] {
            rival.goto(house.at(path)).await;
            rival.find("h1").await;
            let shown = rival.text().await;
            for theirs in [appid, name, MERCHANT, OWNER, COMPANY, key] {
                assert!(!shown.contains(theirs), "{path} shows {theirs}");
            }
        }
        rival.goto(house.at(&format!("/authorizers/{appid}"))).await;
        rival.see(w.error.not_found).await;
        rival.goto(house.at("/admin/tenants")).await;
        rival.see(w.error.forbidden).await;
        rival.shoot("1-stranger").await;
    }

    async fn it_heals_and_is_lost_and_is_granted_again(&self, house: &House) {
        let (operator, wechat, appid) = (&self.operator, house.wechat(), self.account.0);
        // Nothing is due for an hour: "refresh now" meets the refusal at once, and the ladder finds the new token.
        wechat.lose_refresh_token(None, appid).unwrap();
        operator.see_health(house, appid, Health::Healthy).await;
        operator.press("form[action$='/refresh'] button").await;
        operator.see_after_reload(Event::Recovered.label().get(self.lang)).await;
        operator.see_health(house, appid, Health::Healthy).await;
        // Now WeChat refuses what it lists as well.
        wechat.refuse_refresh_token(None, appid, true).unwrap();
        operator.press("form[action$='/refresh'] button").await;
        operator.see_health(house, appid, Health::NeedsReauthorization).await;
        operator.shoot("5-lost").await;
        self.admin.goto(house.at("/admin/authorizers")).await;
        self.admin.find(".cell-state .health-needs_reauthorization").await;
        self.admin.shoot("3-lost").await;

        operator.goto(house.at("/authorizers")).await;
        operator.press("a[href='/links/bulk']").await;
        operator.press("form[action='/links/bulk'] button").await;
        let listed = operator.find("#all-links").await.text().await.unwrap();
        operator.fits_its_window().await;
        operator.shoot("6-bulk").await;
        let link = listed.split_whitespace().find(|word| word.starts_with("http")).unwrap();
        self.merchant.goto(link).await;
        self.grant("again").await;
        operator.see_health(house, appid, Health::Healthy).await;
        operator.shoot("7-again").await;
    }

    async fn everybody_leaves(&self, house: &House) {
        let (admin, w) = (&self.admin, self.w);
        for (person, page) in
            [(&self.owner, "/members"), (&self.operator, "/authorizers"), (&self.rival, "/links")]
        {
            person.goto(house.at(page)).await;
            person.find("h1").await;
            person.sign_out().await;
            // What was on the screen is not shown again to whoever sits down next.
            person.back().await;
            person.find("input[name=password]").await;
        }
        admin.goto(house.at("/admin/authorizers")).await;
        admin.see(self.account.1).await;
        admin.find(".life time").await;
        admin.shoot("4-expiry").await;
        for deed in DEEDS {
            admin.goto(house.at(&format!("/admin/audit?action={}", deed.as_str()))).await;
            admin.find("tbody tr").await;
            admin.see(deed.label().get(self.lang)).await;
        }
        admin.goto(house.at("/admin/audit")).await;
        admin.see(w.audit.export_lead).await;
        admin.shoot("5-audit").await;
        admin.sign_out().await;
        admin.shoot("6-gone").await;
    }
}
