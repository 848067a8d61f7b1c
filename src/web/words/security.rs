//! Words about second factors: one's own, those of others, and who must have one.

words! {
    /// Words about second factors.
    pub struct SecurityWords {
        title: "安全" / "Security";
        lede: "在密码之外再加一道验证：即使密码泄露，别人也登录不了。" / "Add a second step to signing in: a stolen password alone is then not enough.";
        must: "你需要先启用两步验证，才能继续使用。请在下面添加一种方式。" / "You need to turn on two-step verification before you can continue. Add one of the ways below.";
        admins_free: "当前部署没有要求平台管理员启用两步验证（HUFU_REQUIRE_ADMIN_MFA=false）。" / "This installation does not require a second factor of platform administrators (HUFU_REQUIRE_ADMIN_MFA=false).";
        tag: "两步验证" / "2-step";

        app: "验证器应用" / "Authenticator app";
        app_text: "用手机上的验证器（如微软验证器、Google 身份验证器、1Password）每 30 秒生成一个 6 位验证码。" / "An app on your phone (such as Microsoft Authenticator, Google Authenticator, 1Password) shows a 6-digit code every 30 seconds.";
        app_on: "已启用" / "On";
        app_off: "未启用" / "Off";
        app_since: "启用于" / "Since";
        app_add: "添加验证器" / "Add an authenticator app";
        app_remove: "移除验证器" / "Remove the app";
        app_added: "验证器已启用，下次登录时需要输入验证码" / "The app is on; you will be asked for a code when you sign in";
        app_there: "已经启用了验证器；要换手机，请先移除再添加" / "There is an app already; to change phones, remove it first";
        removed: "已移除，其他登录已全部退出" / "Removed; your other devices are signed out";

        scan: "用验证器扫描二维码" / "Scan this with the app";
        scan_label: "验证器二维码" / "QR code for the authenticator app";
        by_hand: "无法扫码？在验证器里选择“手动输入”，账户填你的邮箱，密钥填：" / "Cannot scan? Choose manual entry in the app, with your e-mail address as the account and this key:";
        enter_code: "输入验证器上显示的 6 位验证码" / "Enter the 6-digit code that the app shows";
        code: "验证码" / "Code";
        code_hint: "每个验证码只能用一次" / "Each code works once";
        turn_on: "启用" / "Turn on";
        wrong_code: "验证码不正确。请确认手机时间准确，再输入当前显示的验证码" / "The code is not right. Check the phone's clock and enter the code it shows now";

        passkeys: "通行密钥" / "Passkeys";
        passkeys_text: "用指纹、面容、设备密码或安全密钥登录，不怕钓鱼，也不用输密码。" / "Sign in with a fingerprint, your face, the device's own code or a security key: nothing to type, nothing to phish.";
        passkey: "通行密钥" / "Passkey";
        passkey_name: "名称" / "Name";
        passkey_name_hint: "例如“办公室电脑”，方便以后辨认" / "Such as “office laptop”, to know it by later";
        passkey_add: "添加通行密钥" / "Add a passkey";
        passkey_added: "通行密钥已添加" / "The passkey was added";
        passkey_added_at: "添加于" / "Added";
        passkey_used: "最近使用" / "Last used";
        passkey_remove: "移除" / "Remove";
        passkey_refused: "没有成功：操作被取消、超时，或这个密钥不能用于此账户。请再试一次" / "That did not work: it was cancelled, took too long, or the key is not for this account. Please try again";
        passkey_not_here: "当前访问地址不支持通行密钥：需要通过 https 域名访问。" / "Passkeys do not work at this address: they need https and a domain name.";
        passkey_script: "添加通行密钥需要浏览器启用 JavaScript。" / "Adding a passkey needs JavaScript.";
        passkey_sign_in: "使用通行密钥登录" / "Sign in with a passkey";
        passkey_show: "使用通行密钥" / "Use a passkey";

        codes: "恢复码" / "Recovery codes";
        codes_text: "手机丢失时，用恢复码代替验证码登录。每个只能用一次。" / "When the phone is lost, a recovery code takes the place of the code. Each works once.";
        codes_left: "还剩 {} 个" / "{} left";
        codes_none: "没有可用的恢复码" / "No recovery code is left";
        codes_later: "启用任一种两步验证后会生成恢复码。" / "They are generated when you turn on two-step verification.";
        codes_renew: "重新生成" / "Generate new codes";
        codes_renew_text: "重新生成后，之前的恢复码全部失效。" / "Your earlier codes will stop working.";
        codes_made: "请保存恢复码" / "Save your recovery codes";
        codes_made_text: "这些恢复码只显示这一次。请保存到密码管理器，或打印后妥善保管。" / "They are shown only this once. Keep them in a password manager, or print them and store them safely.";
        codes_done: "已保存，继续" / "I have saved them";

        password: "密码" / "Password";

        rule: "“{}”的要求" / "Requirement of “{}”";
        rule_text: "开启后，没有启用两步验证的成员登录后需要先添加一种，才能看到这个租户的内容。" / "When this is on, members without a second factor have to add one before they see anything of this tenant.";
        rule_on: "成员必须启用两步验证" / "Members need a second factor";
        rule_off: "两步验证由成员自行决定" / "Members decide for themselves";
        rule_require: "要求两步验证" / "Require a second factor";
        rule_waive: "取消要求" / "Stop requiring it";
        rule_required: "已要求成员启用两步验证" / "Members now need a second factor";
        rule_waived: "已取消要求" / "No longer required";

        second_title: "两步验证" / "Two-step verification";
        second_lede: "密码正确。请再证明是你本人。" / "Your password is right. One more step to confirm it is you.";
        second_app: "输入验证器上的 6 位验证码，或一个恢复码。" / "Enter the 6-digit code of your app, or a recovery code.";
        second_code_only: "输入一个恢复码。" / "Enter a recovery code.";
        second_field: "验证码或恢复码" / "Code or recovery code";
        second_recovery: "恢复码" / "Recovery code";
        second_wrong: "不正确，或已经用过。验证码每 30 秒更换，请输入当前显示的那个" / "That code is wrong or was used before. Codes change every 30 seconds; enter the one shown now";
        second_wait: "错误次数过多，请在 {} 分钟后再试" / "Too many wrong codes; try again in {} minutes";
        second_lost: "手机和恢复码都不在身边？请联系管理员重置。" / "No phone and no recovery codes? Ask an administrator to reset two-step verification.";
        second_back: "返回登录" / "Back to sign-in";

        reset: "重置两步验证" / "Reset 2-step";
        factors_reset: "已重置，该用户的登录全部失效，下次登录只需密码" / "Reset; the user is signed out everywhere and signs in with the password alone next time";
    }
}
