//! Words of the sign-in and set-up pages.

words! {
    /// Words of the sign-in and set-up pages.
    pub struct SignInWords {
        title: "登录虎符" / "Sign in to Hufu";
        lede: "管理你的公众号与小程序授权" / "Manage your official accounts and mini programs";
        lost: "登录已过期，刚才提交的内容没有执行。登录后会回到原来的页面，请再提交一次。" / "You had been signed out, so what you just sent was not carried out. Sign in to come back to the page, and send it again.";
        email: "邮箱" / "E-mail";
        password: "密码" / "Password";
        no_account: "没有账户？请联系平台管理员开通。" / "No account? Ask a platform administrator for one.";
        set_up_title: "创建平台管理员" / "Create the platform administrator";
        set_up_lede: "这个链接只能使用一次；创建后会直接登录。" / "This link works once; you are signed in afterwards.";
        name: "姓名" / "Name";
        new_password: "设置密码" / "Choose a password";
        password_hint: "12 到 256 个字符，建议用几个互不相关的词；可以粘贴" / "12 to 256 characters; a few unrelated words are best. Pasting is fine";
        create: "创建并继续" / "Create and continue";
    }
}
