//! Words of signing up.

words! {
    /// Words of these pages.
    pub struct SignUpWords {
        title: "注册公司账户" / "Sign up your company";
        lede: "填写后会收到一封邮件，点击其中的链接设置密码，即可开始使用。" / "You get a letter; its link leads to a page where you choose a password and begin.";
        company: "公司名称" / "Company";
        name: "你的姓名" / "Your name";
        email: "邮箱" / "E-mail";
        ask: "发送确认邮件" / "Send me the letter";
        bad_company: "公司名称为 1 到 80 个字符，不能换行，也不能含网址" / "A company's name has 1 to 80 characters, on one line, and no web address in it";
        sent: "我们已向 {} 发送邮件，请在 24 小时内打开其中的链接。没有收到？请检查垃圾邮件，或确认邮箱是否正确。" / "A letter to {} is on its way; open its link within 24 hours. Nothing there? Look at the spam, or check the address.";
        finish_title: "设置密码，开始使用" / "Choose a password and begin";
        finish_lede: "公司：{}。姓名：{}。登录邮箱：{}。" / "Company: {}. Name: {}. You sign in with {}.";
        finish: "创建公司账户" / "Create the company's account";
        not_you: "不是你本人申请的？关闭本页即可，什么都不会创建。" / "You did not ask for this? Close the page: nothing is made.";
        closed: "链接可能已被使用或超过 24 小时，或者这个邮箱已经有账户。请登录，或重新注册。" / "It may have been used or be older than 24 hours, or the address has an account by now. Sign in, or sign up again.";
        link: "没有账户？注册公司账户" / "No account? Sign up your company";
    }
}
