//! Words about showing once more who one is.

words! {
    /// Words about showing once more who one is.
    pub struct StepUpWords {
        title: "请确认是你本人" / "Confirm it is you";
        lede: "接下来的操作比较敏感，需要再验证一次身份。" / "This is a sensitive action, so please verify your identity again.";
        too_late: "距离上次验证已超过 5 分钟，刚才提交的内容没有执行。验证后会回到原来的页面，请再提交一次。" / "Your last confirmation was more than 5 minutes ago, so what you just sent was not carried out. You will come back to the page; send it again there.";
        password: "密码" / "Password";
        confirm: "确认" / "Confirm";
        note: "确认后 5 分钟内不会再问。" / "You will not be asked again for 5 minutes.";
        wrong: "密码不正确" / "The password is not right";
        lost: "身份已确认。刚才提交的内容没有执行，请再提交一次。" / "Confirmed. What you sent before was not carried out; please send it again.";
        locked: "这里的操作需要先确认是你本人。" / "Confirm that it is you to continue here.";
        unlock: "确认身份" / "Confirm";
    }
}
