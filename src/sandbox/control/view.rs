//! The control page as HTML.
