//! Reads the whole audit and says whether anything in it was edited, inserted or removed.

use crate::domain::audit::{Checkpoint, GENESIS, Record, key_name};
use crate::secret::AuditKey;
use crate::store::{Reader, StoreError, audit, audit_checkpoint};

use super::{Context, open_vault};

const AT_ONCE: i64 = 1000;
/// Told of one audit; whoever rewrote all of it needs no longer list.
const MOST_TOLD: usize = 100;

/// What is wrong, by the numbers of the records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("record {0} was edited: its hash does not fit its content")]
    Edited(i64),
    #[error("records {0} to {1} were removed")]
    Removed(i64, i64),
    #[error("record {0} was inserted or replaced: it is not chained to the one before")]
    Unchained(i64),
    #[error("record {0} was inserted: it stands outside of the numbers that were given out")]
    Outside(i64),
    #[error("the chain's end was edited: it does not fit record {0}")]
    End(i64),
    #[error("the checkpoint of record {0} was forged: its signature is not by this portal's key")]
    Forged(i64),
    #[error(
        "records {0} to {1} were rewritten: their hashes do not fit the checkpoint that was signed for record {1}"
    )]
    Rewritten(i64, i64),
}

/// What was read, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub records: u64,
    pub checkpoints: u64,
    /// The newest record that a checkpoint vouches for.
    pub signed_until: i64,
    pub faults: Vec<Fault>,
}

impl Verdict {
    fn tell(&mut self, fault: Fault) {
        if self.faults.len() < MOST_TOLD {
            self.faults.push(fault);
        }
    }
}

/// # Errors
/// `Database`, `Vault`.
pub async fn run(cx: &Context) -> Result<Verdict, StoreError> {
    let key = open_vault::audit_key(&cx.store, &cx.vault, &cx.random).await?;
    let mut tx = cx.store.read().await?;
    let (end, end_hash) = audit::head(&mut tx).await?;
    let mut walk = Walk::new(key, (end, end_hash));
    let mut after = i64::MIN;
    loop {
        let records = audit::chain(&mut tx, after, AT_ONCE).await?;
        let Some(last) = records.last() else { break };
        after = last.seq;
        for record in &records {
            walk.catch_up(&mut tx, record.seq).await?;
            walk.see(record);
        }
    }
    // Others may have written meanwhile.
    let (end_now, _) = audit::head(&mut tx).await?;
    walk.catch_up(&mut tx, i64::MAX).await?;
    Ok(walk.finish(end_now))
}

struct Walk {
    key: AuditKey,
    end: (i64, String),
    /// The record before: its number and its hash.
    before: (i64, String),
    /// The last record that a checkpoint agreed with.
    agreed: i64,
    checkpoints: Vec<Checkpoint>,
    /// The newest checkpoint that was fetched.
    fetched: i64,
    outside: Vec<i64>,
    verdict: Verdict,
}

impl Walk {
    fn new(key: AuditKey, end: (i64, String)) -> Self {
        Self {
            key,
            end,
            before: (0, GENESIS.to_owned()),
            agreed: 0,
            checkpoints: Vec::new(),
            fetched: i64::MIN,
            outside: Vec::new(),
            verdict: Verdict::default(),
        }
    }

    /// Fetches the checkpoints up to a record.
    async fn catch_up(&mut self, tx: &mut Reader, seq: i64) -> Result<(), StoreError> {
        while self.fetched < seq {
            let found = audit_checkpoint::list(tx, self.fetched, AT_ONCE).await?;
            self.fetched = found.last().map_or(i64::MAX, |last| last.seq);
            for checkpoint in found {
                self.verdict.checkpoints += 1;
                if key_name(&self.key) == checkpoint.key_id && checkpoint.is_signed_by(&self.key) {
                    self.checkpoints.push(checkpoint);
                } else {
                    self.verdict.tell(Fault::Forged(checkpoint.seq));
                }
            }
        }
        Ok(())
    }

    fn see(&mut self, record: &Record) {
        self.verdict.records += 1;
        if record.seq < 1 {
            return self.verdict.tell(Fault::Outside(record.seq));
        }
        if record.seq > self.end.0 {
            self.outside.push(record.seq);
        }
        let (before, hash) = &self.before;
        let follows = record.seq == before + 1;
        if !follows {
            self.verdict.tell(Fault::Removed(before + 1, record.seq - 1));
        }
        if record.hash != record.computed_hash() {
            self.verdict.tell(Fault::Edited(record.seq));
        } else if follows && record.prev_hash != *hash {
            self.verdict.tell(Fault::Unchained(record.seq));
        }
        if record.seq == self.end.0 && record.hash != self.end.1 {
            self.verdict.tell(Fault::End(record.seq));
        }
        self.compare(record);
        self.before = (record.seq, record.hash.clone());
    }

    fn compare(&mut self, record: &Record) {
        let Some(place) = self.checkpoints.iter().position(|one| one.seq == record.seq) else { return };
        let checkpoint = self.checkpoints.swap_remove(place);
        if checkpoint.hash != record.hash {
            self.verdict.tell(Fault::Rewritten(self.agreed + 1, record.seq));
        }
        self.agreed = record.seq;
        self.verdict.signed_until = record.seq;
    }

    fn finish(mut self, end_now: i64) -> Verdict {
        let last = self.before.0;
        for seq in std::mem::take(&mut self.outside).into_iter().filter(|seq| *seq > end_now) {
            self.verdict.tell(Fault::Outside(seq));
        }
        // Beyond the last record: what the chain's end, or a checkpoint, knows of.
        let signed = self.checkpoints.iter().map(|one| one.seq).max().unwrap_or(0);
        let known = self.end.0.max(signed);
        if known > last {
            self.verdict.tell(Fault::Removed(last + 1, known));
        }
        self.verdict
    }
}
