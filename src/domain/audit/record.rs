//! One record as it is stored, and the hash that chains it to the one before: SHA-256 over the hash before and every
//! field, each with its length in front, so that no two records have the same text.

use sha2::{Digest, Sha256};

/// What the first record is chained to.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const FORM: &str = "hufu-audit-1";

/// A row of the audit, field by field as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counts from 1, without gaps.
    pub seq: i64,
    /// Unix seconds.
    pub at: i64,
    pub tenant: Option<String>,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub address: Option<String>,
    pub trace: String,
    /// A code of [`super::Action`]; one that this version does not know is shown as it is.
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub subject_name: Option<String>,
    /// JSON, see [`super::Detail`].
    pub detail: String,
    pub prev_hash: String,
    pub hash: String,
}

impl Record {
    /// The hash that belongs to these fields.
    pub fn computed_hash(&self) -> String {
        let mut hash = Sha256::new();
        let mut put = |text: Option<&str>| match text {
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
            None => hash.update([0]),
        };
        put(Some(FORM));
        put(Some(&self.prev_hash));
        put(Some(&self.seq.to_string()));
        put(Some(&self.at.to_string()));
        put(self.tenant.as_deref());
        put(Some(&self.actor_kind));
        put(self.actor_id.as_deref());
        put(self.actor_name.as_deref());
        put(self.address.as_deref());
        put(Some(&self.trace));
        put(Some(&self.action));
        put(Some(&self.subject_kind));
        put(Some(&self.subject_id));
        put(self.subject_name.as_deref());
        put(Some(&self.detail));
        hex::encode(hash.finalize())
    }
}
