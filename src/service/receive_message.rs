//! Takes in a message or event of an authorised account's own followers: checked like every push, kept for a day.
//! Nothing answers it yet, so WeChat hears `success`, which means "no reply".

use crate::clock::Timestamp;
use crate::domain::ids::AuthorizerAppid;
use crate::secret::{SealedBody, Secret, fingerprint};
use crate::store::notice::{self, NewNotice};
use crate::wechat::message::Message;

use super::Context;
use super::receive_notice::{PushQuery, PushRefused, count, not_stored, open_with_keys};

/// What the inbox calls a message.
pub const INFO_TYPE: &str = "message";

/// # Errors
/// See [`PushRefused`].
pub async fn run(
    cx: &Context,
    now: Timestamp,
    component: &str,
    authorizer: &str,
    query: &PushQuery,
    body: &[u8],
) -> Result<(), PushRefused> {
    let (config, opened) = open_with_keys(cx, component, query, body).await?;
    let taken = async {
        let authorizer = AuthorizerAppid::parse(authorizer).map_err(|_| PushRefused::WrongAppid)?;
        let text = opened?;
        let message = Message::parse(&text).map_err(|_| PushRefused::BadMessage)?;
        let text = SealedBody::new(String::from_utf8(text).map_err(|_| PushRefused::BadMessage)?);
        let new = NewNotice {
            component: &config.appid,
            dedupe_key: dedupe_key(&authorizer, &message, &text),
            info_type: INFO_TYPE,
            authorizer: Some(&authorizer),
            create_time: Timestamp::from_unix(message.create_time),
            body: Some(text),
        };
        let stored = async {
            let mut tx = cx.store.write().await?;
            notice::insert(&mut tx, (&cx.vault, &cx.random), now, new).await?;
            tx.commit().await
        };
        stored.await.map_err(|error| not_stored(&error))
    };
    match taken.await {
        Ok(()) => {
            metrics::counter!("hufu_pushes_total", "outcome" => "message").increment(1);
            Ok(())
        }
        Err(refused) => Err(count(cx, now, &config.appid, refused).await),
    }
}

fn dedupe_key(authorizer: &AuthorizerAppid, message: &Message, text: &SealedBody) -> String {
    match &message.msg_id {
        Some(id) => format!("message/{authorizer}/{id}"),
        None => format!("message/{authorizer}/{}", fingerprint(text.expose())),
    }
}
