//! Seals a push: encrypts the XML, signs it, wraps it into the envelope.

use super::ids;
use super::pushes::Push;
use crate::clock::Clock;
use crate::random::Random;
use crate::wechat::crypt::{self, AesKey};

pub struct Sealed {
    pub signature: String,
    pub timestamp: String,
    pub nonce: String,
    pub msg_signature: String,
    pub body: String,
}

/// Every attempt is sealed anew: own time, own nonce.
///
/// # Errors
/// A sentence when the component's AES key is not one.
pub fn seal(push: &Push, clock: &Clock, random: &Random) -> Result<Sealed, String> {
    let key = AesKey::parse(&push.aes_key).map_err(|error| error.to_string())?;
    let encrypt = crypt::encrypt(&key, random.bytes(), push.xml.as_bytes(), &push.tail);
    let timestamp = (clock.now().unix() + push.clock_skew).to_string();
    let nonce = ids::nonce(random);
    let signed = crypt::msg_signature(&push.token, &timestamp, &nonce, &encrypt);
    let msg_signature = if push.wrong_signature { reversed(&signed) } else { signed };
    let receiver = match &push.to_user {
        Some(name) => format!("<ToUserName><![CDATA[{name}]]></ToUserName>"),
        None => format!("<AppId><![CDATA[{}]]></AppId>", push.component),
    };
    Ok(Sealed {
        signature: crypt::plain_signature(&push.token, &timestamp, &nonce),
        body: format!("<xml>\n    {receiver}\n    <Encrypt><![CDATA[{encrypt}]]></Encrypt>\n</xml>"),
        timestamp,
        nonce,
        msg_signature,
    })
}

/// Looks like a signature and is none.
fn reversed(signature: &str) -> String {
    let turned: String = signature.chars().rev().collect();
    if turned == signature { "0".repeat(signature.len()) } else { turned }
}
