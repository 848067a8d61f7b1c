//! The audit as a file: CSV for spreadsheets, JSON for programs.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::domain::audit::Record;
use crate::web::when;

const HEAD: &str = "seq,at,tenant_id,actor_kind,actor_id,actor,address,request,action,subject_kind,subject_id,\
                    subject,detail,prev_hash,hash\r\n";

/// `csv`, unless `json` is asked for.
pub(super) fn form_of(asked: &str) -> &'static str {
    if asked == "json" { "json" } else { "csv" }
}

/// RFC 4180 with a mark that spreadsheets read as UTF-8. No cell is a formula.
pub(super) fn csv(records: &[Record]) -> String {
    let mut file = format!("\u{feff}{HEAD}");
    for one in records {
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let cells = [
            one.seq.to_string(),
            when::iso(Timestamp::from_unix(one.at)),
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
        let line: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        file.push_str(&line.join(","));
        file.push_str("\r\n");
    }
    file
}

/// Spreadsheets take a cell that begins with one of these for a formula, quoted or not.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let mark = if is_formula { "'" } else { "" };
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

/// A list of records, field by field.
pub(super) fn json(records: &[Record]) -> String {
    let list: Vec<Value> = records
        .iter()
        .map(|one| {
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
        })
        .collect();
    Value::Array(list).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for begin in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(quoted(begin), format!("\"'{begin}\""));
        }
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted(""), "\"\"");
    }
}
