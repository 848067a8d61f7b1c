//! Words of the sign-in and set-up pages.

words! {
    /// Words of the sign-in and set-up pages.
    pub struct SignInWords {
        title: "登录虎符" / "Sign in to Hufu";
        lede: "管理你的公众号与小程序授权" / "Look after your official accounts and mini programs";
        email: "邮箱" / "E-mail";
        password: "密码" / "Password";
        no_account: "没有账户？请联系平台管理员开通。" / "No account? Ask the platform's administrators for one.";
        set_up_title: "创建平台管理员" / "Create the platform administrator";
        set_up_lede: "这个链接只能使用一次；创建后会直接登录。" / "This link works once; you are signed in afterwards.";
        name: "姓名" / "Name";
        new_password: "设置密码" / "Choose a password";
        password_hint: "12 到 256 个字符，几个互不相关的词最好；可以粘贴" / "12 to 256 characters; several unrelated words are best. Pasting is fine";
        create: "创建并继续" / "Create and go on";
    }
}
