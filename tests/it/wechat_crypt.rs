//! The message envelope against every published vector, its refusals, and key rotation.

use hufu::wechat::crypt::{self, AesKey, CryptError};
use proptest::prelude::*;
use serde_json::Value;

const VECTORS: &str = include_str!("data/wechat-crypto-vectors.json");
const KEY_A: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const KEY_Q: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const COMPONENT: &str = "wx134c8103faa5a59e";

fn vectors() -> Vec<Value> {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    all["vectors"].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("{} has no {field}", vector["id"]))
}

fn key(vector: &Value) -> AesKey {
    AesKey::parse(text(vector, "encoding_aes_key")).unwrap()
}

#[test]
fn every_published_vector_decrypts() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 8);
    for vector in &vectors {
        let opened = crypt::decrypt(&key(vector), text(vector, "ciphertext")).unwrap();

        assert_eq!(opened.message, text(vector, "plaintext").as_bytes(), "{}", vector["id"]);
        assert_eq!(opened.appid, text(vector, "appid"), "{}", vector["id"]);
    }
}

#[test]
fn every_published_vector_encrypts_to_the_same_text_with_the_same_random() {
    for vector in &vectors() {
        let random = text(vector, "random16").as_bytes().try_into().unwrap();

        let encrypted =
            crypt::encrypt(&key(vector), random, text(vector, "plaintext").as_bytes(), text(vector, "appid"));

        assert_eq!(encrypted, text(vector, "ciphertext"), "{}", vector["id"]);
    }
}

#[test]
fn every_published_signature_is_recomputed() {
    let mut checked = 0;
    for vector in vectors().iter().filter(|vector| vector["msg_signature"].is_string()) {
        let [token, timestamp, nonce, encrypt, published] =
            ["token", "timestamp", "nonce", "ciphertext", "msg_signature"].map(|field| text(vector, field));

        let computed = crypt::msg_signature(token, timestamp, nonce, encrypt);

        assert!(crypt::signature_matches(&computed, published), "{}", vector["id"]);
        checked += 1;
    }
    assert_eq!(checked, 6);
}

#[test]
fn the_three_part_signature_is_not_the_one_that_counts() {
    let computed = crypt::plain_signature("AAAAA", "1715943329", "1590219412");

    assert_eq!(computed, "cc0c594499c1634947d5b502f158ee518947db27");
    assert_ne!(computed, crypt::msg_signature("AAAAA", "1715943329", "1590219412", "body"));
}

#[test]
fn a_changed_nonce_timestamp_token_or_text_breaks_the_signature() {
    let vector = vectors().into_iter().find(|vector| vector["id"] == "wechatpy-echostr").unwrap();
    let [token, timestamp, nonce, encrypt, published] =
        ["token", "timestamp", "nonce", "ciphertext", "msg_signature"].map(|field| text(&vector, field));

    let forged = [
        crypt::msg_signature(token, timestamp, "437374424", encrypt),
        crypt::msg_signature(token, "1411443781", nonce, encrypt),
        crypt::msg_signature("123457", timestamp, nonce, encrypt),
        crypt::msg_signature(token, timestamp, nonce, &encrypt[1..]),
        String::new(),
        "invalid-signature".to_owned(),
        published.to_uppercase(),
    ];

    for signature in forged {
        assert!(!crypt::signature_matches(&signature, published), "{signature}");
    }
}

#[test]
fn a_key_is_43_letters_and_digits_and_its_trailing_bits_do_not_matter() {
    let longer = format!("{KEY_A}A");
    for bad in ["", "abcde", &KEY_A[1..], &longer, "abcdefghijklmnopqrstuvwxyz0123456789ABCDE+/"] {
        assert_eq!(AesKey::parse(bad).err(), Some(CryptError::BadKey), "{bad}");
    }
    assert!(AesKey::parse(&format!(" {KEY_A}\n")).is_ok(), "blanks from the clipboard");
    // E and G differ only in the two bits that no byte of the key holds.
    let twin = KEY_A.replace("EFG", "EFE");
    assert!(AesKey::parse(&twin).unwrap() == AesKey::parse(KEY_A).unwrap());
}

#[test]
fn what_is_no_message_is_refused_by_name() {
    let key = AesKey::parse(KEY_A).unwrap();
    let refused = |encrypt: &str| crypt::decrypt(&key, encrypt).err().unwrap();

    assert_eq!(refused(""), CryptError::BadLength);
    assert_eq!(refused("AAAA"), CryptError::BadLength);
    assert_eq!(refused("not base64!"), CryptError::BadBase64);
    assert!(matches!(refused("AAAAAAAAAAAAAAAAAAAAAA=="), CryptError::BadPadding | CryptError::BadMessage));
}

#[test]
fn base64_with_line_breaks_and_without_padding_is_read() {
    let key = AesKey::parse(KEY_A).unwrap();
    let encrypted = crypt::encrypt(&key, [7; 16], b"<xml/>", COMPONENT);
    let broken =
        encrypted.as_bytes().chunks(20).map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>();

    assert!(crypt::decrypt(&key, &broken.join("\r\n")).is_ok());
    assert!(crypt::decrypt(&key, encrypted.trim_end_matches('=')).is_ok());
}

#[test]
fn after_a_rotation_the_previous_key_still_opens_and_answers() {
    let keys = [AesKey::parse(KEY_Q).unwrap(), AesKey::parse(KEY_A).unwrap()];
    let encrypted = crypt::encrypt(&keys[1], [3; 16], b"<xml/>", COMPONENT);

    let (opened, used) = crypt::decrypt_any(&keys, &encrypted, COMPONENT).unwrap();

    assert_eq!(opened.message, b"<xml/>");
    assert!(*used == keys[1], "the reply is encrypted with the key that opened the request");
}

#[test]
fn a_message_for_another_appid_or_without_a_fitting_key_is_refused() {
    let keys = [AesKey::parse(KEY_Q).unwrap(), AesKey::parse(KEY_A).unwrap()];
    let foreign = crypt::encrypt(&keys[0], [3; 16], b"<xml/>", "wx0000000000000000");
    let unknown = crypt::encrypt(&AesKey::parse(&"A".repeat(43)).unwrap(), [3; 16], b"<xml/>", COMPONENT);

    assert_eq!(crypt::decrypt_any(&keys, &foreign, COMPONENT).err(), Some(CryptError::WrongAppid));
    assert!(crypt::decrypt_any(&keys, &unknown, COMPONENT).is_err());
    assert_eq!(crypt::decrypt_any(&[], &foreign, COMPONENT).err(), Some(CryptError::BadKey));
}

#[test]
fn neither_key_nor_message_is_ever_printed() {
    let key = AesKey::parse(KEY_A).unwrap();

    assert_eq!(format!("{key:?}"), "AesKey(…)");
}

proptest! {
    #[test]
    fn decrypting_what_was_encrypted_gives_it_back(
        message in prop::collection::vec(any::<u8>(), 0..600), random: [u8; 16], appid in "wx[0-9a-f]{16}"
    ) {
        let key = AesKey::parse(KEY_Q).unwrap();

        let opened = crypt::decrypt(&key, &crypt::encrypt(&key, random, &message, &appid)).unwrap();

        prop_assert_eq!(opened.message, message);
        prop_assert_eq!(opened.appid, appid);
    }

    #[test]
    fn no_text_makes_the_decryptor_panic(encrypt in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        use base64::Engine as _;
        let key = AesKey::parse(KEY_A).unwrap();

        let _ = crypt::decrypt(&key, &encrypt);
        let _ = crypt::decrypt(&key, &base64::engine::general_purpose::STANDARD.encode(bytes));
    }

    #[test]
    fn one_flipped_bit_never_gives_the_same_message(at in 0_usize..96, bit in 0_u8..8) {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let key = AesKey::parse(KEY_A).unwrap();
        let mut bytes = STANDARD.decode(crypt::encrypt(&key, [1; 16], &[b'm'; 50], COMPONENT)).unwrap();
        prop_assume!(at < bytes.len());
        bytes[at] ^= 1 << bit;

        // The first block is the random prefix: a flip there may go unnoticed here, the signature sees it.
        if let Ok(opened) = crypt::decrypt(&key, &STANDARD.encode(&bytes)) {
            prop_assert!(at < 16 || opened.message != [b'm'; 50] || opened.appid != COMPONENT);
        }
    }
}
