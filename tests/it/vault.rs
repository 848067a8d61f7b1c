//! Secrets at rest: what is sealed opens only unchanged, in its place, with its key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hufu::random::Random;
use hufu::secret::{AuthorizerRefreshToken, Secret as _};
use hufu::service::open_vault;
use hufu::store::StoreError;
use hufu::vault::{Place, Vault, VaultError};
use proptest::prelude::{ProptestConfig, any, proptest};
use tempfile::TempDir;

const HOME: Place<'static> = Place { table: "authorizer", column: "refresh_token_sealed", row: "wxc/wxa" };

fn open(vault: &Vault, sealed: &str, place: Place<'_>) -> Result<String, VaultError> {
    vault.open_sealed::<AuthorizerRefreshToken>(sealed, place).map(|secret| secret.expose().to_owned())
}

fn seal(vault: &Vault, text: &str) -> String {
    vault.seal(&AuthorizerRefreshToken::new(text), HOME)
}

#[test]
fn a_sealed_secret_opens_in_its_own_place_only() {
    let vault = Vault::ephemeral(Random::seeded(1));

    let sealed = seal(&vault, "refreshtoken@@@secret");

    assert_eq!(open(&vault, &sealed, HOME).unwrap(), "refreshtoken@@@secret");
    let elsewhere = [
        Place { row: "wxc/wxb", ..HOME },
        Place { column: "previous_refresh_token_sealed", ..HOME },
        Place { table: "component", ..HOME },
        Place { table: "authorizer\0refresh_token_sealed", column: "", row: "wxc/wxa" },
    ];
    for place in elsewhere {
        let moved = open(&vault, &sealed, place);
        assert!(matches!(moved, Err(VaultError::Sealed { .. })), "opened at {place:?}");
    }
}

#[test]
fn the_same_secret_never_seals_to_the_same_text() {
    let vault = Vault::ephemeral(Random::system());
    assert_ne!(seal(&vault, "same"), seal(&vault, "same"));
    assert!(!seal(&vault, "refreshtoken").contains("refreshtoken"));
}

#[test]
fn another_key_does_not_open_it() {
    let sealed = seal(&Vault::ephemeral(Random::seeded(1)), "secret");
    let stranger = Vault::ephemeral(Random::seeded(2));
    assert!(matches!(open(&stranger, &sealed, HOME), Err(VaultError::Sealed { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_survives_sealing(text in any::<String>()) {
        let vault = Vault::ephemeral(Random::seeded(3));
        assert_eq!(open(&vault, &seal(&vault, &text), HOME).unwrap(), text);
    }

    #[test]
    fn a_changed_character_is_noticed(at in any::<usize>(), replacement in "[A-Za-z0-9_-]") {
        let vault = Vault::ephemeral(Random::seeded(4));
        let sealed = seal(&vault, "refreshtoken@@@secret");
        let at = at % sealed.len();
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, &replacement);
        assert_eq!(open(&vault, &changed, HOME).is_ok(), changed == sealed, "position {at}");
    }

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in any::<String>()) {
        let vault = Vault::ephemeral(Random::seeded(5));
        assert!(open(&vault, &text, HOME).is_err());
        assert!(open(&vault, &format!("ephemeral.{text}"), HOME).is_err());
    }
}

#[test]
fn a_new_key_file_is_readable_by_its_owner_only_and_never_overwritten() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("below/master.key");

    let sealed = seal(&Vault::create(&path, Random::system()).unwrap(), "secret");

    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(Vault::create(&path, Random::system()), Err(VaultError::File { .. })));
    let reopened = Vault::open(&path, Random::system()).unwrap();
    assert_eq!(open(&reopened, &sealed, HOME).unwrap(), "secret");
}

#[test]
fn a_second_key_on_the_ring_still_opens_what_it_sealed() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let sealed = seal(&Vault::create(&old, Random::system()).unwrap(), "secret");
    Vault::create(&new, Random::system()).unwrap();

    let ring = dir.path().join("ring");
    fs::write(&ring, [fs::read(&new).unwrap(), b"# retired\n".to_vec(), fs::read(&old).unwrap()].concat())
        .unwrap();
    let vault = Vault::open(&ring, Random::system()).unwrap();

    assert_eq!(open(&vault, &sealed, HOME).unwrap(), "secret");
    let new_key = fs::read_to_string(&new).unwrap();
    assert!(seal(&vault, "x").starts_with(new_key.split(' ').nth(1).unwrap()), "sealed with a retired key");
}

#[test]
fn a_file_that_is_no_key_file_is_refused_by_name() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("master.key");
    assert!(matches!(Vault::open(&path, Random::system()), Err(VaultError::Missing { .. })));
    let wrong =
        ["", "# only a remark\n", "hufu-key k1\n", "hufu-key k1 AAAA\n", "hufu-key k.1 AAAA\n", "-----BEGIN"];
    for text in wrong {
        fs::write(&path, text).unwrap();
        let error = Vault::open(&path, Random::system()).unwrap_err();
        assert!(matches!(error, VaultError::Malformed { .. }), "{text:?} gave {error:?}");
        assert!(error.to_string().contains("master.key"));
    }
}

on_both_databases!(an_empty_database_gets_a_key_and_keeps_it, |db| async {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("hufu.key");

    let first = open_vault::run(db.store(), &path, &Random::system()).await.unwrap();
    let sealed = seal(&first, "secret");
    let again = open_vault::run(db.store(), &path, &Random::system()).await.unwrap();

    assert_eq!(open(&again, &sealed, HOME).unwrap(), "secret");
    let cookies = open_vault::cookie_key(db.store(), &first, &Random::system()).await.unwrap();
    let the_same = open_vault::cookie_key(db.store(), &again, &Random::system()).await.unwrap();
    assert_eq!(cookies, the_same, "sessions survive a restart");
});

on_both_databases!(a_database_never_gets_a_second_key_in_silence, |db| async {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("hufu.key");
    open_vault::run(db.store(), &path, &Random::system()).await.unwrap();

    fs::rename(&path, dir.path().join("away")).unwrap();
    let missing = open_vault::run(db.store(), &path, &Random::system()).await.unwrap_err();
    assert!(matches!(missing, StoreError::Vault(VaultError::Missing { .. })), "{missing:?}");
    assert!(missing.to_string().contains("HUFU_MASTER_KEY_FILE"), "{missing}");
    assert!(!path.exists(), "no new key was made");

    Vault::create(&path, Random::system()).unwrap();
    let wrong = open_vault::run(db.store(), &path, &Random::system()).await.unwrap_err();
    assert!(matches!(wrong, StoreError::Vault(VaultError::WrongKey { .. })), "{wrong:?}");
    assert!(wrong.to_string().contains("HUFU_MASTER_KEY_FILE"), "{wrong}");

    fs::rename(dir.path().join("away"), &path).unwrap();
    open_vault::run(db.store(), &path, &Random::system()).await.unwrap();
});
