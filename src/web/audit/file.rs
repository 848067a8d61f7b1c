//! The audit as a file: CSV for spreadsheets, JSON for programs.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::domain::audit::Record;
use crate::domain::zone::Zone;
use crate::service::export_audit::Records;
use crate::store::StoreError;
use crate::web::csv;
use crate::web::download::{self, Pieces};
use crate::web::when;

const HEAD: &str = "seq,at,tenant_id,actor_kind,actor_id,actor,address,request,action,subject_kind,subject_id,\
                    subject,detail,prev_hash,hash\r\n";

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Json,
}

impl Form {
    /// CSV, unless JSON is asked for.
    pub(super) fn asked(text: &str) -> Self {
        if text == "json" { Self::Json } else { Self::Csv }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }
}

/// Moments in CSV are by the clock of `zone`; JSON has Unix seconds.
pub(super) fn attachment(records: Records, form: Form, zone: Zone) -> HttpResponse {
    let file = File { records, form, zone, part: Part::Head };
    download::attachment(file, form.media_type(), &format!("hufu-audit.{}", form.as_str()))
}

/// What has been written of it, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Head,
    First,
    More,
    Over,
}

struct File {
    records: Records,
    form: Form,
    zone: Zone,
    part: Part,
}

impl Pieces for File {
    async fn next(&mut self) -> Result<Option<String>, StoreError> {
        match self.part {
            Part::Head => {
                self.part = Part::First;
                Ok(Some(self.head()))
            }
            Part::First | Part::More => {
                let records = self.records.next().await?;
                let is_first = self.part == Part::First;
                self.part = if records.is_empty() { Part::Over } else { Part::More };
                Ok(self.body(&records, is_first))
            }
            Part::Over => Ok(None),
        }
    }
}

impl File {
    /// Of CSV with a mark that spreadsheets read as UTF-8.
    fn head(&self) -> String {
        match self.form {
            Form::Csv => format!("{}{HEAD}", csv::MARK),
            Form::Json => "[".to_owned(),
        }
    }

    /// The lines of some records; without any, what ends the file.
    fn body(&self, records: &[Record], is_first: bool) -> Option<String> {
        match (self.form, records.is_empty()) {
            (Form::Csv, true) => None,
            (Form::Csv, false) => Some(records.iter().map(|one| line(one, self.zone)).collect()),
            (Form::Json, true) => Some("\n]\n".to_owned()),
            (Form::Json, false) => {
                let all: Vec<String> = records.iter().map(|one| object(one).to_string()).collect();
                let before = if is_first { "\n" } else { ",\n" };
                Some(format!("{before}{}", all.join(",\n")))
            }
        }
    }
}

/// A record as a line of the file.
fn line(one: &Record, zone: Zone) -> String {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let cells = [
        one.seq.to_string(),
        when::iso(Timestamp::from_unix(one.at), zone),
        text(&one.tenant),
        one.actor_kind.clone(),
        text(&one.actor_id),
        text(&one.actor_name),
        text(&one.address),
        one.trace.clone(),
        one.action.clone(),
        one.subject_kind.clone(),
        one.subject_id.clone(),
        text(&one.subject_name),
        one.detail.clone(),
        one.prev_hash.clone(),
        one.hash.clone(),
    ];
    csv::line(&cells)
}

/// A record, field by field.
fn object(one: &Record) -> Value {
    json!({
        "seq": one.seq,
        "at": one.at,
        "tenant_id": one.tenant,
        "actor": { "kind": one.actor_kind, "id": one.actor_id, "name": one.actor_name },
        "address": one.address,
        "request": one.trace,
        "action": one.action,
        "subject": { "kind": one.subject_kind, "id": one.subject_id, "name": one.subject_name },
        "detail": serde_json::from_str::<Value>(&one.detail).unwrap_or(Value::Null),
        "prev_hash": one.prev_hash,
        "hash": one.hash,
    })
}
