//! Words of the page of one account.

words! {
    /// Words of the page of one account.
    pub struct DetailWords {
        title: "授权账号" / "Account";
    }
}
