//! Words of the overview.

words! {
    /// Words of the overview.
    pub struct OverviewWords {
        title: "概览" / "Overview";
    }
}
