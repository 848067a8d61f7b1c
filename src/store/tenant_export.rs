//! What a tenant takes along: of which tables, which columns, in which order. What opens something is left out, sealed
//! and hashed texts alike, and what only the program itself needs. A test holds the lists against the schema: a column
//! that nobody has decided about fails it.

use serde_json::Value;
use sqlx::Row as _;

use crate::domain::ids::TenantId;

use super::{Reader, StoreError};

mod sheets;

pub use sheets::{LEFT_OUT, SHEETS};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Text,
    Number,
    /// Text that is JSON itself.
    Json,
}

/// The rows of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    /// What such a row is called in the file.
    pub record: &'static str,
    pub table: &'static str,
    /// The table, or what joins it with others.
    from: &'static str,
    /// Which rows are the tenant's, whose id is `$1`.
    of: &'static str,
    /// Columns that order the rows and tell them apart.
    key: &'static [&'static str],
    pub columns: &'static [(&'static str, Holds)],
    pub left_out: &'static [&'static str],
}

/// The last row that was read, by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Vec<Cell>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cell {
    Nothing,
    Text(String),
    Number(i64),
}

/// Some rows of a sheet, cell by cell in the order of its columns, and the place of the last.
///
/// # Errors
/// `Database`.
pub async fn page(
    tx: &mut Reader,
    tenant: &TenantId,
    (sheet, after): (&Sheet, Option<&Place>),
    limit: usize,
) -> Result<(Vec<Vec<Value>>, Option<Place>), StoreError> {
    let sql = sheet.statement(after.is_some(), limit);
    let mut rows: Vec<Vec<Cell>> = on!(tx, |c| {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str());
        for bound in after.into_iter().flat_map(|place| &place.0) {
            query = match bound {
                Cell::Nothing => query.bind(None::<&str>),
                Cell::Text(text) => query.bind(text),
                Cell::Number(number) => query.bind(number),
            };
        }
        let rows = query.fetch_all(c).await?;
        let cells = rows.iter().map(|row| {
            let cells = sheet.columns.iter().enumerate().map(|(at, (_, holds))| match holds {
                Holds::Number => Ok(row.try_get::<Option<i64>, _>(at)?.map_or(Cell::Nothing, Cell::Number)),
                Holds::Text | Holds::Json => {
                    Ok(row.try_get::<Option<String>, _>(at)?.map_or(Cell::Nothing, Cell::Text))
                }
            });
            cells.collect()
        });
        cells.collect::<Result<_, sqlx::Error>>()
    })?;
    let last = rows.last().map(|row| sheet.place(row));
    Ok((rows.drain(..).map(|row| sheet.values(row)).collect(), last))
}

impl Sheet {
    fn statement(&self, goes_on: bool, limit: usize) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let (columns, key) = (columns.join(", "), self.key.join(", "));
        let places: Vec<String> = (0..self.key.len()).map(|at| format!("${}", at + 2)).collect();
        let after = if goes_on { format!(" AND ({key}) > ({})", places.join(", ")) } else { String::new() };
        let Self { from, of, .. } = self;
        format!("SELECT {columns} FROM {from} WHERE {of}{after} ORDER BY {key} LIMIT {limit}")
    }

    fn place(&self, row: &[Cell]) -> Place {
        let cell = |name: &&str| {
            let at = self.columns.iter().position(|(column, _)| column == name);
            at.and_then(|at| row.get(at)).cloned().unwrap_or(Cell::Nothing)
        };
        Place(self.key.iter().map(cell).collect())
    }

    fn values(&self, row: Vec<Cell>) -> Vec<Value> {
        let cells = row.into_iter().zip(self.columns);
        cells
            .map(|(cell, (_, holds))| match cell {
                Cell::Nothing => Value::Null,
                Cell::Number(number) => number.into(),
                Cell::Text(text) if *holds == Holds::Json => {
                    serde_json::from_str(&text).unwrap_or(Value::String(text))
                }
                Cell::Text(text) => Value::String(text),
            })
            .collect()
    }
}
