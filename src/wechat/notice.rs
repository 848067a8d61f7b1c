//! Pushes to the authorisation-event URL, and the only file that names quick-xml. Everything here takes what the
//! internet sends: it never panics, expands no entity and reads no further than it must.
//! Source: api/ThirdParty/token/authorize_event.html, component_verify_ticket.html.

use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{AuthorizationCode, ComponentVerifyTicket, PreAuthCode, Secret};

/// Far above anything WeChat sends; the web floor refuses longer bodies before they get here.
pub const LONGEST: usize = 512 * 1024;
const DEEPEST: usize = 16;
/// A larger AuthorizationCodeExpiredTime is a moment, a smaller one a span: the pages say one, the wire the other.
const MOMENTS_FROM: i64 = 1_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    #[error("the XML is too long")]
    TooLong,
    #[error("the XML is not UTF-8")]
    NotUtf8,
    #[error("the XML is malformed")]
    Malformed,
    #[error("the XML has a DOCTYPE, a processing instruction or an entity of its own")]
    Forbidden,
    #[error("the XML is nested too deeply")]
    TooDeep,
    #[error("the XML has no usable {0}")]
    Missing(&'static str),
}

/// The outer XML: what can be read before anything is decrypted. Nothing in it is to be trusted.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    pub encrypt: String,
    /// On the event URL.
    pub appid: Option<String>,
    /// On the message URL.
    pub to_user_name: Option<String>,
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").field("appid", &self.appid).finish_non_exhaustive()
    }
}

impl Envelope {
    /// # Errors
    /// A [`NoticeError`] that names the first thing that is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, NoticeError> {
        let fields = Fields::read(body)?;
        Ok(Self {
            encrypt: fields.required("Encrypt", &["Encrypt", "encrypt"])?,
            appid: fields.find(&["AppId", "AppID", "appid"]),
            to_user_name: fields.find(&["ToUserName", "tousername"]),
        })
    }
}

/// The inner XML of a push to the event URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub app_id: ComponentAppid,
    /// In WeChat's spelling, also when nobody knows it.
    pub info_type: String,
    /// Unix seconds; 0, older than everything, when WeChat left it out.
    pub create_time: i64,
    pub body: NoticeBody,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeBody {
    ComponentVerifyTicket {
        ticket: ComponentVerifyTicket,
    },
    Authorized(GrantNotice),
    UpdateAuthorized(GrantNotice),
    Unauthorized {
        authorizer: AuthorizerAppid,
    },
    /// `notify_third_fasteregister` with status 0: a new mini program, granted to us with its first code.
    FastRegistered(GrantNotice),
    /// Stored and answered, nothing more.
    Other {
        authorizer: Option<AuthorizerAppid>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantNotice {
    pub authorizer: AuthorizerAppid,
    pub code: Option<AuthorizationCode>,
    /// Unix seconds.
    pub code_expires_at: Option<i64>,
    /// Which press of the button the grant came from; missing when it began in WeChat's own console.
    pub pre_auth_code: Option<PreAuthCode>,
}

const AUTHORIZER: &[&str] = &["AuthorizerAppid", "AuthorizerAppId", "authorizer_appid", "appid"];

impl Notice {
    /// # Errors
    /// A [`NoticeError`] that names the first thing that is wrong.
    pub fn parse(message: &[u8]) -> Result<Self, NoticeError> {
        let fields = Fields::read(message)?;
        let app_id = fields.required("AppId", &["AppId", "AppID", "app_id", "component_appid"])?;
        let info_type = fields.required("InfoType", &["InfoType", "infotype", "info_type"])?;
        let create_time = fields.number(&["CreateTime", "createtime", "create_time"]).unwrap_or(0);
        let body = NoticeBody::read(&info_type, create_time, &fields)?;
        let app_id = ComponentAppid::parse(&app_id).map_err(|_| NoticeError::Missing("AppId"))?;
        Ok(Self { app_id, info_type, create_time, body })
    }
}

impl NoticeBody {
    fn read(info_type: &str, create_time: i64, fields: &Fields) -> Result<Self, NoticeError> {
        match info_type {
            "component_verify_ticket" => {
                let names = &["ComponentVerifyTicket", "component_verify_ticket"];
                let ticket = ComponentVerifyTicket::new(fields.required("ComponentVerifyTicket", names)?);
                Ok(Self::ComponentVerifyTicket { ticket })
            }
            "authorized" => Ok(Self::Authorized(GrantNotice::read(create_time, fields)?)),
            "updateauthorized" => Ok(Self::UpdateAuthorized(GrantNotice::read(create_time, fields)?)),
            "unauthorized" => Ok(Self::Unauthorized { authorizer: fields.authorizer()? }),
            "notify_third_fasteregister" if fields.number(&["status"]) == Some(0) => {
                Ok(Self::FastRegistered(GrantNotice::read(create_time, fields)?))
            }
            _ => Ok(Self::Other { authorizer: fields.authorizer().ok() }),
        }
    }
}

impl GrantNotice {
    fn read(create_time: i64, fields: &Fields) -> Result<Self, NoticeError> {
        let expires =
            fields.number(&["AuthorizationCodeExpiredTime", "authorization_code_expired_time", "expires_in"]);
        let code = fields.find(&["AuthorizationCode", "authorization_code", "auth_code"]);
        Ok(Self {
            authorizer: fields.authorizer()?,
            code: code.map(AuthorizationCode::new),
            code_expires_at: expires.map(|value| moment(value, create_time)),
            pre_auth_code: fields.find(&["PreAuthCode", "pre_auth_code"]).map(PreAuthCode::new),
        })
    }
}

fn moment(value: i64, create_time: i64) -> i64 {
    if value > MOMENTS_FROM { value } else { create_time.saturating_add(value.max(0)) }
}

/// The texts directly inside the root element, in order. What lies deeper is checked and dropped.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// # Errors
    /// Everything but `Missing`.
    pub(super) fn read(xml: &[u8]) -> Result<Self, NoticeError> {
        if xml.len() > LONGEST {
            return Err(NoticeError::TooLong);
        }
        let text = std::str::from_utf8(xml).map_err(|_| NoticeError::NotUtf8)?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim());
        let mut tree = Tree::default();
        loop {
            match reader.read_event().map_err(|_| NoticeError::Malformed)? {
                Event::Start(tag) => tree.open(tag.name().as_ref())?,
                Event::Empty(tag) => {
                    tree.open(tag.name().as_ref())?;
                    tree.close()?;
                }
                Event::End(_) => tree.close()?,
                Event::Text(text) => tree.text(&text.into_inner())?,
                Event::CData(text) => tree.text(&text.into_inner())?,
                Event::GeneralRef(reference) => tree.text(resolve(&reference)?.encode_utf8(&mut [0; 4]))?,
                Event::Comment(_) | Event::Decl(_) => {}
                Event::PI(_) | Event::DocType(_) => return Err(NoticeError::Forbidden),
                Event::Eof => return tree.finish(),
            }
        }
    }

    /// The first field with one of these names that is not empty, blanks around it removed.
    pub(super) fn find(&self, names: &[&str]) -> Option<String> {
        let first = |name: &&str| {
            let (_, value) =
                self.0.iter().find(|(field, value)| field == name && !value.trim().is_empty())?;
            Some(value.trim().to_owned())
        };
        names.iter().find_map(first)
    }

    pub(super) fn required(&self, label: &'static str, names: &[&str]) -> Result<String, NoticeError> {
        self.find(names).ok_or(NoticeError::Missing(label))
    }

    pub(super) fn number(&self, names: &[&str]) -> Option<i64> {
        self.find(names)?.parse().ok()
    }

    fn authorizer(&self) -> Result<AuthorizerAppid, NoticeError> {
        let missing = NoticeError::Missing("AuthorizerAppid");
        AuthorizerAppid::parse(&self.find(AUTHORIZER).ok_or(missing)?).map_err(|_| missing)
    }
}

/// What has been read so far.
#[derive(Default)]
struct Tree {
    depth: usize,
    finished: bool,
    fields: Vec<(String, String)>,
}

impl Tree {
    fn open(&mut self, name: &str) -> Result<(), NoticeError> {
        if self.finished {
            return Err(NoticeError::Malformed);
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(NoticeError::TooDeep);
        }
        if self.depth == 2 {
            self.fields.push((name.to_owned(), String::new()));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), NoticeError> {
        self.depth = self.depth.checked_sub(1).ok_or(NoticeError::Malformed)?;
        self.finished = self.depth == 0;
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), NoticeError> {
        match (self.depth, self.fields.last_mut()) {
            (0, _) if !text.trim().is_empty() => return Err(NoticeError::Malformed),
            (2, Some((_, value))) => value.push_str(text),
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Fields, NoticeError> {
        if self.finished { Ok(Fields(self.fields)) } else { Err(NoticeError::Malformed) }
    }
}

/// Character references and the five entities that XML itself defines; no other.
fn resolve(reference: &BytesRef<'_>) -> Result<char, NoticeError> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten().ok_or(NoticeError::Malformed);
    }
    match &**reference {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "apos" => Ok('\''),
        "quot" => Ok('"'),
        _ => Err(NoticeError::Forbidden),
    }
}
