//! What letters say that prove an address, or tell of one.

use crate::domain::text::Lang;

use super::{Wording, wording};

/// A link that shows that a new address is one's own.
pub fn confirm_email(lang: Lang, name: &str) -> Wording {
    match lang {
        Lang::Zh => wording(
            "确认虎符的新登录邮箱".to_owned(),
            &[
                format!("{name}，您好："),
                "您希望改用这个邮箱登录虎符。请在已登录的浏览器里打开下面的链接并确认。".to_owned(),
            ],
            "确认新邮箱",
            &["链接 24 小时内有效，只能使用一次。", "如果不是您本人申请的，请忽略这封邮件，什么都不会改变。"],
        ),
        Lang::En => wording(
            "Confirm your new address for Hufu".to_owned(),
            &[
                format!("Hello {name},"),
                "you want to sign in to Hufu with this address. Open the link below where you are signed in, and confirm."
                    .to_owned(),
            ],
            "Confirm the new address",
            &[
                "The link works once, within 24 hours.",
                "If you did not ask for it, ignore this letter: nothing changes.",
            ],
        ),
    }
}

/// A link that finishes signing up. It says nothing that somebody else could have entered.
pub fn sign_up(lang: Lang) -> Wording {
    match lang {
        Lang::Zh => wording(
            "完成虎符公司账户注册".to_owned(),
            &["您好：".to_owned(), "有人用这个邮箱申请注册虎符公司账户。点击下面的按钮设置密码，即可完成注册。".to_owned()],
            "完成注册",
            &["链接 24 小时内有效，只能使用一次。", "如果不是您本人申请的，请忽略这封邮件，什么都不会创建。"],
        ),
        Lang::En => wording(
            "Finish signing up for Hufu".to_owned(),
            &[
                "Hello,".to_owned(),
                "somebody asked to sign a company up for Hufu with this address. The button below leads to a page where you choose a password and finish."
                    .to_owned(),
            ],
            "Finish signing up",
            &[
                "The link works once, within 24 hours.",
                "If you did not ask for it, ignore this letter: nothing is made.",
            ],
        ),
    }
}

/// To an address that has an account, when another account, or somebody new, wants it.
pub fn email_in_use(lang: Lang) -> Wording {
    match lang {
        Lang::Zh => wording(
            "这个邮箱已有虎符账户".to_owned(),
            &[
                "有人想把这个邮箱用于虎符账户，但它已经属于您现有的账户，所以什么都没有改变。".to_owned(),
                "如果是您本人，请直接用这个邮箱登录；忘记密码可以在登录页找回。".to_owned(),
            ],
            "去登录",
            &["如果不是您本人操作，请忽略这封邮件。"],
        ),
        Lang::En => wording(
            "This address has a Hufu account already".to_owned(),
            &[
                "Somebody wanted to use this address for a Hufu account. It belongs to your account already, so nothing has changed."
                    .to_owned(),
                "If it was you, sign in with this address; a forgotten password is chosen anew on the sign-in page."
                    .to_owned(),
            ],
            "Sign in",
            &["If it was not you, ignore this letter."],
        ),
    }
}

/// To the old address: there is another one now.
pub fn email_changed(lang: Lang, (name, new): (&str, &str)) -> Wording {
    match lang {
        Lang::Zh => wording(
            "虎符登录邮箱已更改".to_owned(),
            &[
                format!("{name}，您好："),
                format!("您的虎符账户刚刚改用 {new} 登录，这个邮箱不再能登录，其他设备上的登录已全部退出。"),
                "如果不是您本人操作，请立即联系管理员。".to_owned(),
            ],
            "",
            &[],
        ),
        Lang::En => wording(
            "Your address for Hufu was changed".to_owned(),
            &[
                format!("Hello {name},"),
                format!(
                    "your Hufu account signs in with {new} from now on, no longer with this address. Your other sessions are over."
                ),
                "If it was not you, tell your administrator at once.".to_owned(),
            ],
            "",
            &[],
        ),
    }
}
