//! Words of the platform administrators' pages.

words! {
    /// Words of the platform administrators' pages.
    pub struct AdminWords {
        title: "平台管理" / "Platform";
    }
}
