//! Ciphertexts as text, as bytes, and as padding that is right around anything:
//! `cargo +nightly fuzz run decrypt fuzz/seeds/decrypt`.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hufu::wechat::crypt::{self, AesKey};
use libfuzzer_sys::fuzz_target;

const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const APPID: &str = "wx134c8103faa5a59e";

fuzz_target!(|bytes: &[u8]| {
    let Ok(key) = AesKey::parse(KEY) else { return };
    let _ = AesKey::parse(&String::from_utf8_lossy(bytes));
    let _ = crypt::decrypt(&key, &String::from_utf8_lossy(bytes));
    let _ = crypt::decrypt(&key, &STANDARD.encode(bytes));

    let encrypted = crypt::encrypt(&key, [7; 16], bytes, APPID);
    let opened = crypt::decrypt(&key, &encrypted).unwrap_or_else(|error| panic!("{error}"));
    assert!(opened.message == bytes && opened.appid == APPID);
});
