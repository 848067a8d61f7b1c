//! Messages and events of accounts (`/messages/{appid}`), and the encrypted reply to them.
//! Source: api/Before_Develop/message_push.html.

use crate::domain::ids::ComponentAppid;
use crate::secret::{PushToken, Secret};
use crate::wechat::crypt::{self, AesKey};
use crate::wechat::notice::{Fields, NoticeError};

/// The inner XML of a push to the message URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The account's original id, `gh_…`: to be compared with the appid in the path, which no signature covers.
    pub to_user_name: String,
    /// The openid of the sender.
    pub from_user_name: String,
    /// Unix seconds; 0 when WeChat left it out.
    pub create_time: i64,
    /// `text`, `image`, `event` …
    pub msg_type: String,
    /// Names a message once and for all; events have none.
    pub msg_id: Option<String>,
    pub event: Option<String>,
    /// What the person wrote. WeChat's release test puts an authorization code here.
    pub content: Option<String>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("to_user_name", &self.to_user_name)
            .field("create_time", &self.create_time)
            .field("msg_type", &self.msg_type)
            .field("msg_id", &self.msg_id)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

impl Message {
    /// # Errors
    /// A [`NoticeError`] that names the first thing that is wrong.
    pub fn parse(message: &[u8]) -> Result<Self, NoticeError> {
        let fields = Fields::read(message)?;
        Ok(Self {
            to_user_name: fields.required("ToUserName", &["ToUserName", "tousername"])?,
            from_user_name: fields.required("FromUserName", &["FromUserName", "fromusername"])?,
            create_time: fields.number(&["CreateTime", "createtime"]).unwrap_or(0),
            msg_type: fields.required("MsgType", &["MsgType", "msgtype"])?,
            msg_id: fields.find(&["MsgId", "MsgID", "msgid"]),
            event: fields.find(&["Event", "event"]),
            content: fields.find(&["Content", "content"]),
        })
    }

    /// What a repeated push of the same message shares: its id, or sender and time for an event.
    pub fn dedupe_key(&self) -> String {
        match &self.msg_id {
            Some(id) => format!("msg:{id}"),
            None => {
                let event = self.event.as_deref().unwrap_or_default();
                format!("event:{}:{}:{event}", self.from_user_name, self.create_time)
            }
        }
    }
}

/// How a reply is signed: own time, the request's nonce, 16 fresh random bytes.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'a> {
    pub token: &'a PushToken,
    pub timestamp: i64,
    pub nonce: &'a str,
    pub random: [u8; 16],
}

/// Wraps a reply to a message. `key` is the one that decrypted the request, so that a rotation goes unnoticed.
pub fn reply_envelope(
    key: &AesKey,
    component: &ComponentAppid,
    message: &[u8],
    signing: Signing<'_>,
) -> String {
    let encrypt = crypt::encrypt(key, signing.random, message, component.as_str());
    let timestamp = signing.timestamp.to_string();
    let signature = crypt::msg_signature(signing.token.expose(), &timestamp, signing.nonce, &encrypt);
    format!(
        "<xml><Encrypt>{}</Encrypt><MsgSignature>{}</MsgSignature><TimeStamp>{timestamp}</TimeStamp><Nonce>{}</Nonce></xml>",
        cdata(&encrypt),
        cdata(&signature),
        cdata(signing.nonce)
    )
}

/// Any text as a CDATA section; `]]>` in it is split over two.
pub fn cdata(text: &str) -> String {
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}
