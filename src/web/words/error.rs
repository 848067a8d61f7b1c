//! Words of the error pages.

words! {
    /// Words of the error pages.
    pub struct ErrorWords {
        title: "出错了" / "Something went wrong";
    }
}
