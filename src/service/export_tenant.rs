//! Writes down everything that is a tenant's, without secrets, for whoever takes it along: before the tenant is deleted,
//! or for another reason. `docs/export.md` tells what the file looks like. It is read in pieces, each in a transaction of
//! its own that on PostgreSQL sees the rows of this tenant only.

use std::mem;

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::ids::TenantId;
use crate::domain::tenant::{Slug, Tenant};
use crate::store::tenant_export::{self, Place, SHEETS};
use crate::store::{Store, StoreError, audit, tenant, tenant_life};

use super::{Context, ServiceError};

/// Rows in a piece.
pub const AT_ONCE: usize = 500;
/// Changes whenever something in the file changes its meaning.
const FORM: u64 = 1;

/// The lines of the file, piece by piece.
pub struct Export {
    pub slug: Slug,
    store: Store,
    of: TenantId,
    head: Option<Value>,
    /// Which sheet is being read, and where in it.
    sheet: usize,
    after: Option<Place>,
    lines: u64,
    over: bool,
}

/// # Errors
/// `NotFound`, `Conflict` when its rows are being deleted already, `Store`; nothing may leave then.
pub async fn run(cx: &Context, now: Timestamp, by: &Actor, of: &TenantId) -> Result<Export, ServiceError> {
    let mut tx = cx.store.write_for(of).await?;
    let known = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    let life = tenant_life::find(&mut tx, of).await?.unwrap_or_default();
    if life.purge_began_at.is_some() {
        return Err(ServiceError::Conflict("the tenant is being deleted"));
    }
    let entry = Entry::of(of, Action::TenantExported, Subject::tenant(&known));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(Export {
        head: Some(head(&known, now)),
        slug: known.slug,
        store: cx.store.clone(),
        of: of.clone(),
        sheet: 0,
        after: None,
        lines: 0,
        over: false,
    })
}

fn head(of: &Tenant, now: Timestamp) -> Value {
    json!({
        "record": "export",
        "form": FORM,
        "tenant_id": of.id.as_str(),
        "slug": of.slug.as_str(),
        "at": now.unix(),
        "hufu": env!("CARGO_PKG_VERSION"),
    })
}

impl Export {
    /// Some more lines; `None` after the last, which says how many stand before it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        if let Some(head) = self.head.take() {
            return Ok(Some(format!("{head}\n")));
        }
        while let Some(sheet) = SHEETS.get(self.sheet) {
            let mut tx = self.store.read_for(&self.of).await?;
            let after = mem::take(&mut self.after);
            let (rows, last) =
                tenant_export::page(&mut tx, &self.of, (sheet, after.as_ref()), AT_ONCE).await?;
            if rows.len() < AT_ONCE {
                self.sheet += 1;
            } else {
                self.after = last;
            }
            if !rows.is_empty() {
                self.lines += u64::try_from(rows.len()).unwrap_or_default();
                let names = || sheet.columns.iter().map(|(name, _)| *name);
                return Ok(Some(rows.iter().map(|row| line(sheet.record, names().zip(row))).collect()));
            }
        }
        if mem::replace(&mut self.over, true) {
            return Ok(None);
        }
        Ok(Some(format!("{}\n", json!({ "record": "end", "lines": self.lines }))))
    }
}

/// An object whose names stand in the order of the columns.
fn line<'a>(record: &'static str, cells: impl Iterator<Item = (&'static str, &'a Value)>) -> String {
    let mut line = format!("{{\"record\":\"{record}\"");
    for (name, value) in cells {
        line.push_str(&format!(",\"{name}\":{value}"));
    }
    line.push_str("}\n");
    line
}
