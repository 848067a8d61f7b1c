//! The message envelope (WXBizMsgCrypt): AES-256-CBC with PKCS#7 padding to 32 bytes around
//! `random(16) ‖ length(4, big-endian) ‖ message ‖ appid`, and the SHA-1 `msg_signature`.
//! Source: Third-party_Platforms/2.0/api/Before_Develop/message_push.html.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

const PAD: usize = 32;
const HEAD: usize = 20;

/// Three of the four published keys end in a character whose low bits are not zero; a strict decoder refuses them.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptError {
    #[error("the EncodingAESKey must be 43 letters and digits")]
    BadKey,
    #[error("the encrypted text is not base64")]
    BadBase64,
    #[error("the encrypted text has an impossible length")]
    BadLength,
    #[error("the padding is wrong: another key was used")]
    BadPadding,
    #[error("the decrypted text does not have the form of a message")]
    BadMessage,
    #[error("the message is for another appid")]
    WrongAppid,
}

/// The AES key behind an EncodingAESKey.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct AesKey([u8; 32]);

impl std::fmt::Debug for AesKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AesKey(…)")
    }
}

impl AesKey {
    /// # Errors
    /// `BadKey` unless the text is 43 letters and digits (blanks around it are dropped).
    pub fn parse(encoding_aes_key: &str) -> Result<Self, CryptError> {
        let text = encoding_aes_key.trim();
        if text.len() != 43 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(CryptError::BadKey);
        }
        let bytes = TOLERANT.decode(text).map_err(|_| CryptError::BadKey)?;
        Ok(Self(bytes.try_into().map_err(|_| CryptError::BadKey)?))
    }

    fn iv(&self) -> [u8; 16] {
        let mut iv = [0; 16];
        iv.copy_from_slice(&self.0[..16]);
        iv
    }
}

/// A decrypted message and the appid in its tail.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    pub message: Vec<u8>,
    pub appid: String,
}

/// `msg_signature`: SHA-1 over the four texts sorted by bytes and joined, in lower-case hexadecimal.
pub fn msg_signature(token: &str, timestamp: &str, nonce: &str, encrypt: &str) -> String {
    let mut parts = [token, timestamp, nonce, encrypt];
    parts.sort_unstable();
    let mut hash = Sha1::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// The three-part `signature` of the query. It does not cover the body: never authenticate with it.
pub fn plain_signature(token: &str, timestamp: &str, nonce: &str) -> String {
    msg_signature(token, timestamp, nonce, "")
}

/// Compares two signatures in constant time.
pub fn signature_matches(computed: &str, received: &str) -> bool {
    computed.as_bytes().ct_eq(received.as_bytes()).into()
}

/// Encrypts a message; `random` is 16 fresh bytes.
pub fn encrypt(key: &AesKey, random: [u8; 16], message: &[u8], appid: &str) -> String {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut text = Vec::with_capacity(HEAD + message.len() + appid.len() + PAD);
    text.extend_from_slice(&random);
    text.extend_from_slice(&length.to_be_bytes());
    text.extend_from_slice(message);
    text.extend_from_slice(appid.as_bytes());
    let pad = PAD - text.len() % PAD;
    text.resize(text.len() + pad, u8::try_from(pad).unwrap_or(0));
    let cipher = cbc::Encryptor::<aes::Aes256>::new(&key.0.into(), &key.iv().into());
    let length = text.len();
    // A whole number of blocks always fits where it stands.
    let encrypted = cipher.encrypt_padded::<NoPadding>(&mut text, length).unwrap_or_default();
    STANDARD.encode(encrypted)
}

/// Decrypts a message. The caller checks the signature first and the appid afterwards.
///
/// # Errors
/// A [`CryptError`] that names the first thing that is wrong. Never panics, whatever the bytes.
pub fn decrypt(key: &AesKey, encrypt: &str) -> Result<Opened, CryptError> {
    let compact: Vec<u8> = encrypt.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mut bytes = TOLERANT.decode(compact).map_err(|_| CryptError::BadBase64)?;
    if bytes.is_empty() || bytes.len() % 16 != 0 {
        return Err(CryptError::BadLength);
    }
    let cipher = cbc::Decryptor::<aes::Aes256>::new(&key.0.into(), &key.iv().into());
    let text = cipher.decrypt_padded::<NoPadding>(&mut bytes).map_err(|_| CryptError::BadLength)?;
    let text = strip_padding(text)?;
    let (head, rest) = text.split_at_checked(HEAD).ok_or(CryptError::BadMessage)?;
    let length: [u8; 4] = head[16..].try_into().map_err(|_| CryptError::BadMessage)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| CryptError::BadMessage)?;
    let (message, appid) = rest.split_at_checked(length).ok_or(CryptError::BadMessage)?;
    let appid = String::from_utf8(appid.to_vec()).map_err(|_| CryptError::BadMessage)?;
    Ok(Opened { message: message.to_vec(), appid })
}

/// Decrypts with the first key that fits, the current one first, then the previous: a wrong key now and then yields
/// well-padded noise, so only a message whose tail is `appid` counts. The key is returned for the reply.
///
/// # Errors
/// That of the first key; `BadKey` without any key.
pub fn decrypt_any<'k>(
    keys: &'k [AesKey],
    encrypt: &str,
    appid: &str,
) -> Result<(Opened, &'k AesKey), CryptError> {
    let mut first = None;
    for key in keys {
        match decrypt(key, encrypt) {
            Ok(opened) if opened.appid == appid => return Ok((opened, key)),
            outcome => first = first.or(Some(outcome.err().unwrap_or(CryptError::WrongAppid))),
        }
    }
    Err(first.unwrap_or(CryptError::BadKey))
}

fn strip_padding(text: &[u8]) -> Result<&[u8], CryptError> {
    let pad = usize::from(*text.last().ok_or(CryptError::BadLength)?);
    if pad == 0 || pad > PAD || pad > text.len() {
        return Err(CryptError::BadPadding);
    }
    let (body, padding) = text.split_at(text.len() - pad);
    let intact = padding.iter().all(|byte| usize::from(*byte) == pad);
    if intact { Ok(body) } else { Err(CryptError::BadPadding) }
}
