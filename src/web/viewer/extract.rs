//! How a handler gets hold of who is looking: as an argument of its function, which runs only when the answer is yes.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::domain::role::PlatformPermission;
use crate::domain::user::Membership;
use crate::web::error::WebError;
use crate::web::form::ActsOn;
use crate::web::gate;

use super::look_up::{signed_in, visitor};
use super::{Admin, Grants, PlatformReader, SignedIn, Viewer, Visitor};

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, WebError>>>>;

impl<P: Grants> FromRequest for Viewer<P> {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move {
            let viewer = signed_in(&request).await?.into_viewer::<P>(request.method())?;
            request.extensions_mut().insert(ActsOn(viewer.tenant.id.clone()));
            Ok(viewer)
        }))
    }
}

impl FromRequest for SignedIn {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move { signed_in(&request).await }))
    }
}

impl FromRequest for Admin {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move {
            on_platform(&request, PlatformPermission::Change).await.map(Self)
        }))
    }
}

impl FromRequest for PlatformReader {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(
            req,
            async move { on_platform(&request, PlatformPermission::See).await.map(Self) },
        ))
    }
}

impl FromRequest for Visitor {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move { visitor(&request).await }))
    }
}

async fn on_platform(req: &HttpRequest, permission: PlatformPermission) -> Result<SignedIn, WebError> {
    let who = signed_in(req).await?;
    if who.user.may_on_platform(permission) { Ok(who) } else { Err(WebError::Forbidden) }
}

impl SignedIn {
    fn into_viewer<P: Grants>(self, method: &Method) -> Result<Viewer<P>, WebError> {
        let Some(Membership { tenant, role }) = self.current else {
            // Somebody of the platform without a tenant has the platform's pages.
            let elsewhere = self.user.platform.is_some() && *method == Method::GET;
            return Err(if elsewhere {
                WebError::SeeOther("/admin".to_owned())
            } else {
                WebError::NoWorkspace
            });
        };
        if tenant.suspended_at.is_some() {
            return Err(WebError::Suspended);
        }
        if !role.may(P::PERMISSION) {
            return Err(WebError::Forbidden);
        }
        Ok(Viewer {
            user: self.user,
            tenant,
            role,
            lang: self.lang,
            now: self.now,
            session_hash: self.session_hash,
            csrf: self.csrf,
            common: self.common,
            permission: PhantomData,
        })
    }
}
