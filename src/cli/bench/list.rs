//! `hufu bench list`: pages of a signed-in person through the real web server, for tenants of very different size.
//! Every figure is set against the same page of the smallest tenant.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use crate::clock::Clock;
use crate::domain::audit::Actor;
use crate::domain::ids::{ComponentAppid, TenantId};
use crate::domain::role::{PlatformRole, Role};
use crate::domain::user::Email;
use crate::secret::{Password, Secret};
use crate::service::Context;
use crate::service::create_user::{self, NewUser};
use crate::service::measure::{self, Measured};

use super::super::failure::Failure;
use super::Common;
use super::house::House;
use super::http::{self, Connection};
use super::load::percentile;
use super::report::{Line, Report};
use super::seed::{self, Crowd, Look};

pub(super) const PASSWORD: &str = "correct horse battery";

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    pub(super) common: Common,
    /// The sizes of the tenants, the smallest first.
    #[arg(long, value_name = "ROWS", value_delimiter = ',', default_values_t = [1_000, 100_000, 1_000_000])]
    rows: Vec<u64>,
}

/// A page: what it is called and where it is. `AFTER` stands for a place nine tenths down the list.
const PAGES: [(&str, &str); 13] = [
    ("overview", "/"),
    ("first page", "/authorizers"),
    ("page at 90 %", "/authorizers?after=AFTER"),
    ("state healthy", "/authorizers?state=healthy"),
    ("state needs_reauthorization", "/authorizers?state=needs_reauthorization"),
    ("state retrying", "/authorizers?state=retrying"),
    ("state blocked_upstream (nobody)", "/authorizers?state=blocked_upstream"),
    ("kind mini_program", "/authorizers?kind=mini_program"),
    ("kind unknown (nobody)", "/authorizers?kind=unknown"),
    ("state healthy, kind mini_program", "/authorizers?state=healthy&kind=mini_program"),
    ("search, many found", "/authorizers?q=%E8%BF%9E%E9%94%81"),
    ("search, one found: an appid", "/authorizers?q=wx00000000000002bc"),
    ("search, none found", "/authorizers?q=nobody-has-this-name"),
];

const ADMIN_PAGES: [(&str, &str); 4] = [
    ("platform: overview", "/admin"),
    ("platform: accounts", "/admin/authorizers"),
    ("platform: components", "/admin/components"),
    ("platform: tenants", "/admin/tenants"),
];

pub(super) async fn run(args: List) -> Result<Report, Failure> {
    let house = House::build(args.common.database_url.as_deref(), &[]).await?;
    let mut report = Report::new("list", house.scratch.describe());
    report.setup("rows", args.rows.clone());
    report.setup("concurrency", 1);
    report.setup("ceiling", "the same page of the smallest tenant");
    house.inhabit(async |house| measure(&mut report, house, &args).await).await?;
    Ok(report)
}

async fn measure(report: &mut Report, house: &House, args: &List) -> Result<(), Failure> {
    let (component, address) = (house.component("wxbench").await?, house.address()?);
    let span = args.common.span() / 10;
    let (mut first, mut first_admin) = (Vec::new(), Vec::new());
    let admin = sign_in(house, address, ("admin", None)).await?;
    let mut from = 0;
    for rows in &args.rows {
        let slug = format!("rows-{rows}");
        let tenant = house.tenant(&slug).await?;
        let crowd = Crowd { tenant: &tenant, component: &component, look: Look::Mixed };
        seed::accounts(house.cx(), &house.scratch, &crowd, (from, from + rows)).await?;
        from += rows;
        // As the engine does every minute.
        measure::run(
            &Context { measured: Measured::default(), ..house.cx().clone() },
            house.cx().clock.now(),
        )
        .await?;
        let cookie = sign_in(house, address, (&slug, Some(&tenant))).await?;
        let after = deep(house, &tenant, rows * 9 / 10, &component).await?;
        for (number, (what, path)) in PAGES.into_iter().enumerate() {
            let took = page(address, (&path.replace("AFTER", &after), &cookie), span).await?;
            if first.len() <= number {
                first.push(took);
            }
            report
                .line(Line::new(format!("{rows} rows: {what}"), took, "ms").against(first[number], "≤ 1.5"));
        }
        for (number, (what, path)) in ADMIN_PAGES.into_iter().enumerate() {
            let took = page(address, (path, &admin), span).await?;
            if first_admin.len() <= number {
                first_admin.push(took);
            }
            let what = format!("{from} rows: {what}");
            report.line(Line::new(what, took, "ms").against(first_admin[number], "≤ 1.5"));
        }
    }
    Ok(())
}

/// The median time of a page in milliseconds: for so long, or 200 times.
pub(super) async fn page(
    address: SocketAddr,
    (path, cookie): (&str, &str),
    span: Duration,
) -> Result<f64, Failure> {
    let request = http::get(path, cookie);
    let mut connection = Connection::open(address).await?;
    let (mut took, watch) = (Vec::new(), Clock::stopwatch());
    for _ in 0..2 {
        let answer = connection.send(&request).await?;
        if answer.status != 200 {
            return Err(Failure::sentence(format!("{path} answers {}", answer.status)));
        }
    }
    while took.len() < 5 || (watch.elapsed() < span && took.len() < 200) {
        took.push(connection.send(&request).await?.took);
    }
    took.sort_unstable();
    Ok(percentile(&took, 50))
}

/// The place after so many rows, as the pager would name it.
async fn deep(
    house: &House,
    tenant: &TenantId,
    rows: u64,
    component: &ComponentAppid,
) -> Result<String, Failure> {
    let mut raw = house.scratch.connect().await?;
    let mut column = async |name: &str| {
        raw.number(format!(
            "SELECT {name} FROM authorizer WHERE tenant_id = '{tenant}' \
             ORDER BY health_rank, attention_at, authorizer_appid, component_appid LIMIT 1 OFFSET {rows}"
        ))
        .await
    };
    let (rank, attention) = (column("health_rank").await?, column("attention_at").await?);
    Ok(format!("{rank}.{attention}.{component}.{}", seed::appid(0)))
}

pub(super) async fn sign_in(
    house: &House,
    address: SocketAddr,
    (name, tenant): (&str, Option<&TenantId>),
) -> Result<String, Failure> {
    let (cx, email) = (house.cx(), format!("{name}@example.com"));
    let new = NewUser {
        email: Email::parse(&email).map_err(Failure::other)?,
        name: name.to_owned(),
        password: Password::new(PASSWORD),
        platform: tenant.is_none().then_some(PlatformRole::Admin),
        membership: tenant.map(|tenant| (tenant.clone(), Role::Owner)),
    };
    create_user::run(cx, cx.clock.now(), &Actor::cli(), new).await?;
    http::sign_in(address, (&email, PASSWORD)).await
}
