//! Whatever the internet posts to the push addresses: `cargo +nightly fuzz run notice fuzz/seeds/notice`.
#![no_main]

use hufu::wechat::message::{Message, cdata};
use hufu::wechat::notice::{Envelope, Notice};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Notice::parse(bytes);
    let _ = Message::parse(bytes).map(|message| message.dedupe_key());
    if let Ok(envelope) = Envelope::parse(bytes) {
        let again = format!("<xml><Encrypt>{}</Encrypt></xml>", cdata(&envelope.encrypt));
        let again = Envelope::parse(again.as_bytes()).expect("what was read can be written and read again");
        assert_eq!(again.encrypt, envelope.encrypt);
    }
});
