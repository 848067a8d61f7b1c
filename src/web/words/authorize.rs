//! Words of the authorisation flow.

words! {
    /// Words of the authorisation flow.
    pub struct AuthorizeWords {
        title: "授权" / "Authorize";
    }
}
