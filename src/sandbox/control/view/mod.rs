//! The control page as HTML: what each page shows, ready to print.

mod accounts;
mod calls;
mod faults;
mod pushes;
mod switches;

pub(super) use accounts::accounts;
pub(super) use calls::calls;
pub(super) use faults::faults;
pub(super) use pushes::pushes;
pub(super) use switches::switches;

use super::Control;
use super::moments::moment;

/// Rows of a page.
const ROWS: usize = 50;

/// What all pages have around them.
pub struct Frame {
    here: &'static str,
    english: bool,
    url: String,
    now: String,
    done: String,
    error: String,
}

impl Frame {
    pub fn new(control: &Control, here: &'static str, english: bool, done: String, error: String) -> Self {
        let (url, now) = control.with(|world| (world.base_url.clone(), moment(world.now().unix())));
        Self { here, english, url, now, done, error }
    }

    /// The words in the reader's language.
    fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.english { en } else { zh }
    }
}
