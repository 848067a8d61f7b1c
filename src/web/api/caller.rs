//! Which program is asking. A handler names in its signature the scope that the key must have; there is no other way to
//! get hold of a tenant.

use std::future::Future;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv6Addr};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::domain::api_key::Scope;
use crate::domain::audit::Actor;
use crate::domain::ids::{AuthorizerAppid, TenantId};
use crate::service::Context;
use crate::service::check_api_key::{self, KeyRefused, Known};
use crate::store::{Reader, StoreError};
use crate::web::viewer::ReadOnly;

use crate::web::client_address;

use super::problem::Problem;
use super::{appid_of, around};

/// A scope as a type, for [`Caller`].
pub trait Needs: 'static {
    const SCOPE: Scope;
}

macro_rules! needs {
    ($($name:ident $scope:ident)*) => {$(
        #[doc = concat!("See [`Scope::", stringify!($scope), "`].")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Needs for $name {
            const SCOPE: Scope = Scope::$scope;
        }
    )*};
}
needs! { MayReadHealth ReadHealth MayReadToken ReadToken MayReport Report }

/// A program whose key has the scope `S`.
pub struct Caller<S> {
    pub(super) known: Known,
    from: IpAddr,
    scope: PhantomData<S>,
}

impl<S> Caller<S> {
    /// Counts a token that is handed out, for the audit.
    pub(super) fn note_read(&self, cx: &Context, appid: &AuthorizerAppid) {
        cx.token_reads.note(self.known.key(), appid, (cx.clock.now(), self.from));
    }

    /// Which key asks, for the audit.
    pub(super) fn actor(&self, req: &HttpRequest) -> Actor {
        let key = self.known.key();
        Actor::key(&key.id, &key.name, Some(self.from), &around::trace_of(req))
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.known.key().tenant
    }

    /// Reads what belongs to the key's tenant.
    pub(super) async fn read(&self, db: &ReadOnly) -> Result<Reader, StoreError> {
        db.read_for(self.tenant()).await
    }

    /// The account in the address. Whether it exists is another question.
    pub(super) fn account(&self, req: &HttpRequest) -> Result<AuthorizerAppid, Problem> {
        let appid = appid_of(req).ok_or_else(Problem::no_such_account)?;
        if self.known.key().authorizers.includes(&appid) {
            Ok(appid)
        } else {
            Err(Problem::not_for_this_key())
        }
    }
}

impl<S: Needs> FromRequest for Caller<S> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(async move {
            let (known, from) = find(&request, S::SCOPE).await?;
            Ok(Self { known, from, scope: PhantomData })
        })
    }
}

async fn find(req: &HttpRequest, scope: Scope) -> Result<(Known, IpAddr), Problem> {
    let cx = req.app_data::<Data<Context>>().ok_or_else(Problem::internal)?;
    let header = req.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let presented = header.and_then(bearer).ok_or_else(Problem::no_key)?;
    let nowhere = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let from = client_address::of(req, &cx.settings.trusted_proxies).unwrap_or(nowhere);
    let known = check_api_key::run(cx, cx.clock.now(), presented, from, scope).await;
    known.inspect_err(count).map(|known| (known, from)).map_err(Problem::of_key)
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

fn count(refused: &KeyRefused) {
    let reason = match refused {
        KeyRefused::Unknown => "unknown",
        KeyRefused::Revoked => "revoked",
        KeyRefused::Expired => "expired",
        KeyRefused::TenantSuspended => "tenant_suspended",
        KeyRefused::Elsewhere(_) => "address",
        KeyRefused::Scope(_) => "scope",
        KeyRefused::Unseen(_) => "database_away",
    };
    metrics::counter!("hufu_keys_refused_total", "reason" => reason).increment(1);
}
