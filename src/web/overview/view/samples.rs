//! Samples of the overview.

use crate::domain::authorizer::Authorizer;
use crate::domain::reason::Reason;
use crate::domain::role::PlatformRole;
use crate::domain::text::Lang;
use crate::store::authorizer_count::Count;
use crate::web::charts;
use crate::web::samples::{self, NOW};
use crate::web::shell::{Flash, FlashKind, Nav, Shell, ShellTenant, ShellUser};

use super::{Found, OverviewView};

impl OverviewView {
    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::Overview, ..Shell::sample(lang) };
        let stale = Some(shell().w.heartbeat_never.to_owned());
        let user = Some(ShellUser {
            name: "Aleksandra Wiśniewska-Kowalczyk".to_owned(),
            email: "aleksandra.wisniewska@platform.example.com".to_owned(),
            platform: Some(PlatformRole::Admin),
        });
        let lost = Shell { stale, user, tenants: two_tenants(), ..shell() };
        let flash = Some(Flash { kind: FlashKind::Good, text: shell().w.detail.done_resume.to_owned() });
        let nothing = Found { components: samples::component(4).into_iter().collect(), ..Found::default() };
        vec![
            ("busy", Self::new(shell(), NOW, &found(|_| true, Some(Reason::TicketStale)), true)),
            (
                "calm",
                Self::new(Shell { flash, ..shell() }, NOW, &found(|one| one.health.rank() > 80, None), true),
            ),
            ("stale", Self::new(lost, NOW, &found(|_| true, None), false)),
            ("empty", Self::new(shell(), NOW, &nothing, true)),
            ("empty_for_a_viewer", Self::new(shell(), NOW, &Found::default(), false)),
        ]
    }
}

fn two_tenants() -> Vec<ShellTenant> {
    [("t-sample", "青禾茶业", true), ("t-other", "Silk Road Trading (Shanghai) Co., Ltd.", false)]
        .map(|(id, name, current)| ShellTenant { id: id.to_owned(), name: name.to_owned(), current })
        .to_vec()
}

fn found(wanted: fn(&Authorizer) -> bool, trouble: Option<Reason>) -> Found {
    let all: Vec<Authorizer> = samples::authorizers().into_iter().filter(wanted).collect();
    let count = |one: &Authorizer| Count {
        component: one.key.component.clone(),
        health: one.health,
        count: if one.health.rank() > 80 { 43 } else { 2 },
    };
    Found {
        counts: all.iter().map(count).collect(),
        needs: all.iter().filter(|one| one.health.needs_a_person()).cloned().collect(),
        upcoming: all.iter().filter(|one| one.next_refresh_at.is_some()).cloned().collect(),
        components: samples::component(if trouble.is_some() { 700 } else { 4 }).into_iter().collect(),
        incidents: trouble.and_then(samples::incident).into_iter().collect(),
        engine: charts::Found::sample(if trouble.is_some() { 106 } else { 6 }),
    }
}
