//! Words of the list of accounts.

words! {
    /// Words of the list of accounts.
    pub struct ListWords {
        title: "授权账号" / "Accounts";
    }
}
