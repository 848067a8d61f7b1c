//! Secrets at rest: what is sealed opens only unchanged, in its place, with its key.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hufu::random::Random;
use hufu::secret::{AuthorizerRefreshToken, Secret as _, VaultProbe};
use hufu::service::open_vault;
use hufu::store::{StoreError, data_key};
use hufu::vault::{KeySource, Keys, Place, Vault, VaultError};
use proptest::prelude::{ProptestConfig, any, proptest};
use tempfile::TempDir;

const HOME: Place<'static> =
    Place { tenant: Some("acme"), table: "authorizer", column: "refresh_token_sealed", row: "wxc/wxa" };

/// Keys of `acme` (two versions of one), of `other` and of the platform.
fn keys(seed: u64) -> Keys {
    let vault = Vault::ephemeral(Random::seeded(seed));
    let named = [("acme", "a", 1), ("acme", "a", 2), ("other", "b", 1), ("", "c", 1)];
    let made = named.map(|(scope, id, version)| {
        let wrapped = vault.make(scope, (id, version), "ephemeral").unwrap();
        vault.unwrap(&wrapped).unwrap()
    });
    vault.keys(made)
}

fn open(keys: &Keys, sealed: &str, place: Place<'_>) -> Result<String, VaultError> {
    keys.open_sealed::<AuthorizerRefreshToken>(sealed, place).map(|secret| secret.expose().to_owned())
}

fn seal(keys: &Keys, text: &str) -> String {
    keys.seal(&AuthorizerRefreshToken::new(text), HOME).unwrap()
}

fn seal_directly(vault: &Vault, text: &str) -> String {
    let master = data_key::first_master(vault).unwrap();
    vault.seal_directly(&VaultProbe::new(text), HOME, &master).unwrap()
}

fn open_directly(vault: &Vault, sealed: &str) -> String {
    vault.open_directly::<VaultProbe>(sealed, HOME).unwrap().expose().to_owned()
}

#[test]
fn a_sealed_secret_opens_in_its_own_place_only() {
    let keys = keys(1);

    let sealed = seal(&keys, "refreshtoken@@@secret");

    assert!(sealed.starts_with("2.a.2."), "{sealed} does not name its key and version");
    assert_eq!(open(&keys, &sealed, HOME).unwrap(), "refreshtoken@@@secret");
    let elsewhere = [
        Place { row: "wxc/wxb", ..HOME },
        Place { column: "previous_refresh_token_sealed", ..HOME },
        Place { table: "component", ..HOME },
        Place { tenant: Some("other"), ..HOME },
        Place { tenant: None, ..HOME },
        Place { table: "authorizer\0refresh_token_sealed", column: "", ..HOME },
        Place { tenant: Some("acme\0authorizer"), table: "refresh_token_sealed", column: "wxc/wxa", row: "" },
    ];
    for place in elsewhere {
        let moved = open(&keys, &sealed, place);
        assert!(matches!(moved, Err(VaultError::Sealed { .. })), "opened at {place:?}");
    }
}

#[test]
fn the_same_secret_never_seals_to_the_same_text() {
    let keys = keys(1);
    assert_ne!(seal(&keys, "same"), seal(&keys, "same"));
    assert!(!seal(&keys, "refreshtoken").contains("refreshtoken"));
}

#[test]
fn another_key_of_the_same_name_does_not_open_it() {
    let sealed = seal(&keys(1), "secret");
    assert!(matches!(open(&keys(2), &sealed, HOME), Err(VaultError::Sealed { .. })));
}

#[test]
fn a_data_key_unwraps_only_under_its_own_name() {
    let vault = Vault::ephemeral(Random::seeded(6));
    let wrapped = vault.make("acme", ("a", 1), "ephemeral").unwrap();
    assert!(vault.unwrap(&wrapped).is_ok());
    let mut wrong = vec![wrapped.clone(); 4];
    wrong[0].scope = "other".to_owned();
    wrong[1].id = "b".to_owned();
    wrong[2].version = 2;
    wrong[3].wrapped.replace_range(40..41, if &wrapped.wrapped[40..41] == "A" { "B" } else { "A" });
    for wrong in wrong {
        assert!(matches!(vault.unwrap(&wrong), Err(VaultError::Sealed { .. })), "{wrong:?}");
    }
    let stranger = Vault::ephemeral(Random::seeded(7));
    assert!(matches!(stranger.unwrap(&wrapped), Err(VaultError::Sealed { .. })));
    let unknown = hufu::vault::Wrapped { master: "gone".to_owned(), ..wrapped };
    assert!(matches!(vault.unwrap(&unknown), Err(VaultError::Unknown { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_survives_sealing(text in any::<String>()) {
        let keys = keys(3);
        assert_eq!(open(&keys, &seal(&keys, &text), HOME).unwrap(), text);
    }

    #[test]
    fn a_changed_character_is_noticed(at in any::<usize>(), replacement in "[A-Za-z0-9_.-]") {
        let keys = keys(4);
        let sealed = seal(&keys, "refreshtoken@@@secret");
        let at = at % sealed.len();
        let mut changed = sealed.clone();
        changed.replace_range(at..=at, &replacement);
        assert_eq!(open(&keys, &changed, HOME).is_ok(), changed == sealed, "position {at}");
    }

    #[test]
    fn no_other_place_key_or_version_opens_it(
        tenant in "(acme|other|)", table in "(authorizer|attempt)", column in "(refresh_token_sealed|x)",
        row in "(wxc/wxa|wxc/wxb)", id in "(a|b|c)", version in 0_i64..4,
    ) {
        let keys = keys(8);
        let sealed = seal(&keys, "secret");
        let place = Place {
            tenant: (!tenant.is_empty()).then_some(&*tenant), table: &table, column: &column, row: &row,
        };
        let renamed = sealed.replacen("2.a.2.", &format!("2.{id}.{version}."), 1);
        let at_home = (tenant.as_str(), table.as_str(), column.as_str(), row.as_str())
            == ("acme", "authorizer", "refresh_token_sealed", "wxc/wxa");
        assert_eq!(open(&keys, &renamed, place).is_ok(), at_home && renamed == sealed);
    }

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in any::<String>()) {
        let keys = keys(5);
        assert!(open(&keys, &text, HOME).is_err());
        assert!(open(&keys, &format!("ephemeral.{text}"), HOME).is_err());
        assert!(open(&keys, &format!("2.a.2.{text}"), HOME).is_err());
        assert!(open(&keys, &format!("2.{text}"), HOME).is_err());
    }
}

#[test]
fn what_a_master_key_sealed_directly_still_opens() {
    let vault = Vault::ephemeral(Random::seeded(9));
    let sealed = seal_directly(&vault, "from before");
    assert_eq!(open(&vault.keys([]), &sealed, HOME).unwrap(), "from before");
    assert!(open(&vault.keys([]), &sealed, Place { row: "wxc/wxb", ..HOME }).is_err());
}

#[test]
fn a_new_key_file_is_readable_by_its_owner_only_and_never_overwritten() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("below/master.key");

    let sealed = seal_directly(&Vault::create(&path, Random::system()).unwrap(), "secret");

    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(matches!(Vault::create(&path, Random::system()), Err(VaultError::File { .. })));
    let reopened = Vault::open(KeySource::File(path.clone()), Random::system()).unwrap();
    assert_eq!(open_directly(&reopened, &sealed), "secret");
}

#[test]
fn a_second_key_on_the_ring_still_opens_what_it_sealed() {
    let dir = TempDir::new().unwrap();
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let sealed = seal_directly(&Vault::create(&old, Random::system()).unwrap(), "secret");
    Vault::create(&new, Random::system()).unwrap();

    let ring = dir.path().join("ring");
    fs::write(
        &ring,
        [fs::read(&new).unwrap(), b"# retired, see above\n".to_vec(), fs::read(&old).unwrap()].concat(),
    )
    .unwrap();
    let vault = Vault::open(KeySource::File(ring.clone()), Random::system()).unwrap();

    assert_eq!(open_directly(&vault, &sealed), "secret");
    let new_key = fs::read_to_string(&new).unwrap();
    assert!(
        seal_directly(&vault, "x").starts_with(new_key.split(' ').nth(1).unwrap()),
        "sealed with a retired key"
    );
}

#[test]
fn a_file_that_is_no_key_file_is_refused_by_name() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("master.key");
    assert!(matches!(
        Vault::open(KeySource::File(path.clone()), Random::system()),
        Err(VaultError::Missing { .. })
    ));
    let wrong =
        ["", "# only a remark\n", "hufu-key k1\n", "hufu-key k1 AAAA\n", "hufu-key k.1 AAAA\n", "-----BEGIN"];
    for text in wrong {
        fs::write(&path, text).unwrap();
        let error = Vault::open(KeySource::File(path.clone()), Random::system()).unwrap_err();
        assert!(matches!(error, VaultError::Malformed { .. }), "{text:?} gave {error:?}");
        assert!(error.to_string().contains("master.key"));
    }
}

on_both_databases!(an_empty_database_gets_a_key_and_keeps_it, |db| async {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("hufu.key");

    let first = open_vault::run(db.store(), &KeySource::File(path.clone()), &Random::system()).await.unwrap();
    let sealed = seal_directly(&first, "secret");
    let again = open_vault::run(db.store(), &KeySource::File(path.clone()), &Random::system()).await.unwrap();

    assert_eq!(open_directly(&again, &sealed), "secret");
    let cookies = open_vault::cookie_key(db.store(), &first, &Random::system()).await.unwrap();
    let the_same = open_vault::cookie_key(db.store(), &again, &Random::system()).await.unwrap();
    assert_eq!(cookies, the_same, "sessions survive a restart");
});

on_both_databases!(a_database_never_gets_a_second_key_in_silence, |db| async {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("hufu.key");
    open_vault::run(db.store(), &KeySource::File(path.clone()), &Random::system()).await.unwrap();

    fs::rename(&path, dir.path().join("away")).unwrap();
    let missing =
        open_vault::run(db.store(), &KeySource::File(path.clone()), &Random::system()).await.unwrap_err();
    assert!(matches!(missing, StoreError::Vault(VaultError::Missing { .. })), "{missing:?}");
    assert!(missing.to_string().contains("HUFU_MASTER_KEY_FILE"), "{missing}");
    assert!(!path.exists(), "no new key was made");

    Vault::create(&path, Random::system()).unwrap();
    let wrong =
        open_vault::run(db.store(), &KeySource::File(path.clone()), &Random::system()).await.unwrap_err();
    assert!(matches!(wrong, StoreError::Vault(VaultError::WrongKey { .. })), "{wrong:?}");
    assert!(wrong.to_string().contains("HUFU_MASTER_KEY_FILE"), "{wrong}");

    fs::rename(dir.path().join("away"), &path).unwrap();
    open_vault::run(db.store(), &KeySource::File(path.clone()), &Random::system()).await.unwrap();
});
