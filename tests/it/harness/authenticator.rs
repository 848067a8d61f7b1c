//! An authenticator without a device: one passkey (ES256), whose person is always verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Person present, person verified.
const VERIFIED: u8 = 0b101;
/// A key comes with it.
const WITH_KEY: u8 = 0b100_0000;

pub(crate) struct Authenticator {
    origin: String,
    key: EcdsaKeyPair,
    chance: SystemRandom,
    id: Vec<u8>,
    user: String,
}

impl Authenticator {
    /// For pages at this origin, as `http://localhost:8080`.
    pub(crate) fn new(origin: &str) -> Self {
        let chance = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &chance).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &chance);
        let key = key.unwrap();
        let id = Sha256::digest(key.public_key().as_ref())[..16].to_vec();
        Self { origin: origin.to_owned(), key, chance, id, user: String::new() }
    }

    /// Answers the options of a new passkey.
    pub(crate) fn create(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let options = &options["publicKey"];
        options["user"]["id"].as_str().unwrap().clone_into(&mut self.user);
        let mut data = Self::data(options["rp"]["id"].as_str().unwrap(), VERIFIED | WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key());
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        self.answer(&json!({
            "clientDataJSON": B64.encode(self.client("webauthn.create", options)),
            "attestationObject": B64.encode(attestation),
        }))
    }

    /// Answers the options of signing in, or of showing once more who one is.
    pub(crate) fn get(&self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        let options = &options["publicKey"];
        let client = self.client("webauthn.get", options);
        let data = Self::data(options["rpId"].as_str().unwrap(), VERIFIED);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        self.answer(&json!({
            "clientDataJSON": B64.encode(client),
            "authenticatorData": B64.encode(data),
            "signature": B64.encode(self.key.sign(&self.chance, &signed).unwrap()),
            "userHandle": self.user,
        }))
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false})
            .to_string()
            .into_bytes()
    }

    fn data(domain: &str, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(domain).to_vec();
        data.push(flags);
        data.extend([0; 4]);
        data
    }

    /// EC2, ES256, P-256, x, y.
    fn cose_key(&self) -> Vec<u8> {
        let point = &self.key.public_key().as_ref()[1..];
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[..32]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[32..]);
        key
    }

    fn answer(&self, response: &Value) -> String {
        let id = B64.encode(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response}).to_string()
    }
}
