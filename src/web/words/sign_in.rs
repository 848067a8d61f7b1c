//! Words of the sign-in and set-up pages.

words! {
    /// Words of the sign-in and set-up pages.
    pub struct SignInWords {
        title: "登录" / "Sign in";
    }
}
