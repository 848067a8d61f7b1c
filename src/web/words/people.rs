//! Words of the pages about members, invitations, one's own account, and forgotten passwords.

words! {
    /// Words of these pages.
    pub struct PeopleWords {
        nav_members: "成员" / "Members";
        members_lede: "能看到本租户账号的人。只有所有者可以邀请、改角色和移除。" / "People who see this tenant's accounts. Only owners invite, change roles and remove.";
        name: "姓名" / "Name";
        email: "邮箱" / "E-mail";
        role: "角色" / "Role";
        since: "加入于" / "Since";
        yourself: "这是你自己" / "This is you";
        change: "更改" / "Change";
        change_role_of: "更改 {} 的角色" / "Change the role of {}";
        remove: "移除" / "Remove";
        remove_whom: "移除 {}" / "Remove {}";
        disabled: "已停用" / "Disabled";
        pending: "待接受的邀请" / "Open invitations";
        pending_none: "没有待接受的邀请" / "No open invitation";
        ends: "有效期" / "Ends";
        lapsed: "已过期" / "Over";
        letter_waiting: "邮件发送中" / "Letter on its way";
        letter_delayed: "邮件暂未送出，会自动重试：{}" / "Letter not taken yet, tried again: {}";
        letter_sent: "邮件已发出" / "Letter sent";
        letter_failed: "邮件未能送达：{}" / "Letter refused: {}";
        link_shown: "链接已交给邀请人" / "Link was shown to the inviter";
        resend: "重新邀请" / "Invite again";
        resend_whom: "重新邀请 {}" / "Invite {} again";
        revoke: "撤回" / "Take back";
        revoke_whom: "撤回给 {} 的邀请" / "Take back the invitation of {}";
        invite: "邀请成员" / "Invite a member";
        invite_hint_letter: "对方会收到一封邮件，7 天内有效" / "They get a letter; it works for 7 days";
        invite_hint_link: "系统未配置发信，邀请链接会在这里显示一次，请转交对方" / "No mail server is set up: the link is shown here once, to be handed over";
        bad_email: "请填写正确的邮箱，例如 name@example.com" / "Enter an e-mail address such as name@example.com";
        invited: "邀请已发出" / "Invited";
        link_title: "把这个链接交给对方" / "Hand this link over";
        link_text: "链接只显示这一次，7 天内有效，只能使用一次。" / "It is shown this once and works once, within 7 days.";
        link_done: "我已复制" / "I have it";
        revoked: "邀请已撤回，链接已失效" / "Taken back; the link leads nowhere now";
        role_changed: "角色已更改，立即生效" / "Changed; it holds from now on";
        removed: "已移除，对方立即看不到本租户" / "Removed; they see nothing of this tenant from now on";

        invitation_title: "加入“{}”" / "Join “{}”";
        invitation_lede: "{}邀请你以“{}”身份加入。" / "{} asks you to join as {}.";
        somebody: "管理员" / "An administrator";
        invitation_as: "当前登录的是 {}。接受后，你可以随时在左上角切换租户。" / "You are signed in as {}. Afterwards you can switch between tenants at the top.";
        accept: "接受邀请" / "Accept";
        invitation_known: "{} 已有虎符账户，请先登录，再接受邀请。" / "{} has a Hufu account already. Sign in first, then accept.";
        sign_in_first: "登录并接受" / "Sign in and accept";
        invitation_new: "为 {} 创建账户：" / "Make an account for {}:";
        joined: "已加入" / "You have joined";
        closed_title: "这个链接已失效" / "This link does not work any more";
        closed_invitation: "邀请可能已被使用、撤回或超过 7 天。请联系邀请人重新邀请。" / "It may have been used, taken back, or be older than 7 days. Ask whoever invited you for another one.";
        closed_reset: "链接可能已被使用或超过 1 小时。请重新申请。" / "It may have been used or be older than an hour. Ask for another one.";

        forgot: "忘记密码？" / "Forgot your password?";
        forgot_title: "找回密码" / "Choose a new password";
        forgot_lede: "填写登录邮箱，我们会发送一个设置新密码的链接。" / "Enter the address you sign in with; a link to choose a new password will be sent there.";
        forgot_send: "发送链接" / "Send the link";
        forgot_sent_title: "请查收邮件" / "Look at your mail";
        forgot_sent: "如果 {} 是登录邮箱，几分钟内会收到一封邮件。链接 1 小时内有效。没有收到？请检查垃圾邮件，或确认邮箱是否正确。" / "If {} is somebody's address here, a letter arrives within minutes. Its link works for an hour. Nothing there? Look at the spam, or check the address.";
        forgot_by_admin: "系统未配置发信。请联系平台管理员，为你生成设置新密码的链接。" / "No mail server is set up. Ask the platform's administrators for a link to choose a new password.";
        back_to_sign_in: "返回登录" / "Back to signing in";
        reset_title: "设置新密码" / "Choose a new password";
        reset_lede: "账户：{}。设置后，所有设备上的登录都会退出。" / "Account: {}. Every session ends then, on every device.";
        new_password: "新密码" / "New password";
        present_password: "当前密码" / "Present password";
        password_hint: "12 到 256 个字符，几个互不相关的词最好；可以粘贴" / "12 to 256 characters; several unrelated words are best. Pasting is fine";
        reset_do: "保存新密码" / "Save the new password";
        reset_done: "新密码已生效，请登录" / "The new password counts; sign in";
        wait: "尝试次数过多，请等待 {}后再试" / "Too many tries; try again in {}";

        profile: "个人资料" / "Profile";
        profile_lede: "这些信息只有你的同事和平台管理员能看到。" / "Seen by your colleagues and the platform's administrators.";
        language: "语言" / "Language";
        saved: "已保存" / "Saved";
        bad_name: "姓名为 1 到 80 个字符，不能换行" / "A name has 1 to 80 characters, on one line";
        change_password: "修改密码" / "Change the password";
        change_password_lead: "修改后，其他设备上的登录会全部退出。" / "Your other sessions end then.";
        wrong_password: "当前密码不正确" / "This is not the present password";
        password_changed: "密码已修改，其他登录已全部退出" / "Changed; your other sessions are over";
        sessions: "登录会话" / "Sessions";
        sessions_lede: "在这些浏览器上登录着你的账户。12 小时不使用或满 7 天后会自动退出。" / "Browsers that are signed in to your account. A session ends after 12 hours without use, and after 7 days at the latest.";
        sessions_of: "登录会话" / "Sessions";
        sessions_none: "目前没有登录" / "Not signed in anywhere";
        device: "浏览器" / "Browser";
        address: "地址" / "Address";
        began: "登录于" / "Signed in";
        last_seen: "最近使用" / "Last used";
        this_one: "当前会话" / "This one";
        end: "退出" / "End";
        end_which: "退出 {}" / "End {}";
        end_others: "退出其他全部会话" / "End all others";
        end_all: "退出全部会话" / "End all";
        ended: "会话已退出" / "Ended";
        unknown_device: "未知浏览器" / "Unknown browser";
        user: "用户" / "User";
        reset_link: "生成重设密码链接" / "Make a link to choose a new password";
        reset_link_lead: "用户无法收信时使用。链接 1 小时内有效，只显示一次；先前的链接会失效。" / "For somebody who gets no letters. It works for an hour and is shown once; earlier ones end.";
    }
}
