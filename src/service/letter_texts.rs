//! What our own letters say, in both languages.

use crate::domain::text::Lang;

pub mod addresses;

/// Subject, sentences, the button's label, and what stands smaller below.
#[derive(Debug)]
pub struct Wording {
    pub subject: String,
    pub paragraphs: Vec<String>,
    pub label: &'static str,
    pub small: Vec<String>,
}

fn wording(subject: String, paragraphs: &[String], label: &'static str, small: &[&str]) -> Wording {
    let small = small.iter().map(|line| (*line).to_owned()).collect();
    Wording { subject, paragraphs: paragraphs.to_vec(), label, small }
}

/// A link to choose another password.
pub fn reset(lang: Lang, name: &str) -> Wording {
    match lang {
        Lang::Zh => wording(
            "重设虎符密码".to_owned(),
            &[format!("{name}，您好："), "请点击下面的按钮，设置新的登录密码。".to_owned()],
            "设置新密码",
            &["链接 1 小时内有效，只能使用一次。", "如果不是您本人申请的，请忽略这封邮件，原密码继续有效。"],
        ),
        Lang::En => wording(
            "Choose a new Hufu password".to_owned(),
            &[
                format!("Hello {name},"),
                "the button below leads to a page where you choose a new password.".to_owned(),
            ],
            "Choose a new password",
            &[
                "The link works once, within 1 hour.",
                "If you did not ask for it, ignore this letter: your password stays as it is.",
            ],
        ),
    }
}

/// The password was changed.
pub fn password_changed(lang: Lang, name: &str) -> Wording {
    match lang {
        Lang::Zh => wording(
            "虎符密码已修改".to_owned(),
            &[
                format!("{name}，您好："),
                "您的登录密码刚刚被修改，其他设备上的登录已全部退出。".to_owned(),
                "如果不是您本人操作，请立即使用“忘记密码”重设，并联系管理员。".to_owned(),
            ],
            "",
            &[],
        ),
        Lang::En => wording(
            "Your Hufu password was changed".to_owned(),
            &[
                format!("Hello {name},"),
                "your password was changed just now, and your other sessions are over.".to_owned(),
                "If it was not you, choose a new one at once with “Forgot your password?”, and tell your administrator."
                    .to_owned(),
            ],
            "",
            &[],
        ),
    }
}

/// Somebody is asked to become a member of a tenant.
pub fn invitation(lang: Lang, (tenant, role, inviter): (&str, &str, &str)) -> Wording {
    match lang {
        Lang::Zh => wording(
            format!("邀请您加入“{tenant}”"),
            &[
                format!("{inviter}邀请您以“{role}”身份加入“{tenant}”，一起管理公众号和小程序的授权。"),
                "点击下面的按钮查看并接受邀请。".to_owned(),
            ],
            "查看邀请",
            &["链接 7 天内有效，只能使用一次。", "如果您不认识邀请人，请忽略这封邮件。"],
        ),
        Lang::En => wording(
            format!("You are invited to “{tenant}”"),
            &[
                format!(
                    "{inviter} asks you to join “{tenant}” as {role}, to look after its WeChat accounts together."
                ),
                "The button below shows the invitation.".to_owned(),
            ],
            "See the invitation",
            &[
                "The link works once, within 7 days.",
                "If you do not know who invites you, ignore this letter.",
            ],
        ),
    }
}
