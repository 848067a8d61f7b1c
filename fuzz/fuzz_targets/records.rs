//! What a database holds after somebody else wrote to it, and what comes as a file or in the address of a page: sealed
//! texts, places in lists, pictures, second factors: `cargo +nightly fuzz run records`.
#![no_main]

use std::sync::{Arc, LazyLock};

use hufu::domain::logo::Picture;
use hufu::domain::second_factor::Typed;
use hufu::random::Random;
use hufu::secret::{AuthorizerAccessToken, Secret as _};
use hufu::store::authorizer_list::Cursor;
use hufu::vault::{Keys, Place, Vault, is_direct, name_of};
use libfuzzer_sys::fuzz_target;

const HOME: Place<'static> =
    Place { tenant: Some("acme"), table: "authorizer", column: "access_token", row: "wxc/wxa" };

struct Safe {
    vault: Vault,
    keys: Keys,
    sealed: String,
}

static SAFE: LazyLock<Safe> = LazyLock::new(|| {
    let vault = Vault::ephemeral(Random::system());
    let master = vault.master_keys().remove(0);
    let wrapped = vault.make("acme", ("key", 1), &master).expect("a key can be made");
    let key = vault.unwrap(&wrapped).expect("it was wrapped here");
    vault.remember_newest(&Arc::clone(&key));
    let keys = vault.keys([key]);
    let sealed = keys.seal(&AuthorizerAccessToken::new("92_a token"), HOME).expect("there is a key");
    Safe { vault, keys, sealed }
});

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let safe = &*SAFE;
    let open = |sealed: &str, place| safe.keys.open_sealed::<AuthorizerAccessToken>(sealed, place);
    assert!(open(&text, HOME).is_err(), "a text that was not sealed here opens: {text:?}");
    assert!(safe.vault.open_directly::<AuthorizerAccessToken>(&text, HOME).is_err());
    let _ = (name_of(&text), is_direct(&text, &text));

    // Pairs of a place and a byte to put there.
    let mut changed = safe.sealed.clone().into_bytes();
    for pair in bytes.chunks_exact(2).take(8) {
        let at = usize::from(pair[0]) % changed.len();
        changed[at] = pair[1];
    }
    let changed = String::from_utf8_lossy(&changed);
    assert_eq!(open(&changed, HOME).is_ok(), changed == safe.sealed, "a changed text opens: {changed}");
    if text != HOME.row {
        assert!(open(&safe.sealed, Place { row: &text, ..HOME }).is_err(), "it opens in another row");
    }

    if let Some(cursor) = Cursor::parse(&text) {
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor), "reading twice changes nothing");
    }
    if let Typed::App(digits) = Typed::parse(&text) {
        assert!(digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    }
    let _ = (Picture::of(bytes), Picture::of_name(&text));
});
