//! Words of the pages about tenants and users.

words! {
    /// Words of the pages about tenants and users.
    pub struct PeopleWords {
        tenants: "租户" / "Tenants";
        tenants_lead: "每个客户公司一个租户，互相看不到对方的账号。" / "One for each customer company; none can see another's accounts.";
        tenants_none: "还没有租户" / "No tenant yet";
        tenants_none_text: "先创建一个租户，再邀请它的所有者。" / "Create one, then invite its owner.";
        create_tenant: "创建租户" / "Create a tenant";
        tenant_name: "公司名称" / "Company name";
        slug: "短名称" / "Short name";
        slug_hint: "小写字母、数字和 -，用在命令行里，之后不能改" / "Lower-case letters, digits and -; used on the command line, cannot be changed later";
        bad_name: "名称为 1 到 80 个字，不能换行，也不能含网址" / "A name has 1 to 80 characters, on one line, and no web address in it";
        bad_slug: "短名称为 1 到 40 位小写字母、数字和 -，且不以 - 开头或结尾" / "A short name has 1 to 40 lower-case letters, digits and -, not at its ends";
        slug_taken: "这个短名称已被使用" / "This short name is taken";
        tenant_created: "租户已创建，请邀请它的所有者" / "Created; now invite its owner";
        members: "成员" / "Members";
        members_none: "还没有成员" / "No member yet";
        members_none_text: "先邀请一位所有者，再由他邀请其他成员。" / "Invite an owner first; owners invite everybody else.";
        accounts: "账号" / "Accounts";
        see_accounts: "查看账号" / "See accounts";
        created: "创建于" / "Created";
        suspended: "已停用" / "Suspended";
        rename: "改名" / "Rename";
        renamed: "已改名" / "Renamed";
        add_member: "邀请成员或更改角色" / "Invite a member or change a role";
        add_member_lead: "对方接受邀请后才会加入，已有账户的人也一样。填写现有成员的邮箱，会更改他的角色。" / "They join once they accept, with an account or without. The address of a member changes that member's role.";
        member_removed: "成员已移除" / "Removed";
        remove: "移除" / "Remove";
        role: "角色" / "Role";
        role_none: "不加入租户" / "No tenant";
        since: "加入于" / "Since";

        users: "用户" / "Users";
        users_lead: "能登录的人。成员只看得到自己租户的账号，平台管理员看得到全部。" / "People who can sign in. Members see their own tenant's accounts, platform administrators see all.";
        create_user: "创建用户" / "Create a user";
        email: "邮箱" / "E-mail";
        name: "姓名" / "Name";
        password: "初始密码" / "Initial password";
        password_hint: "至少 12 个字符，请用安全的方式转交" / "At least 12 characters; hand it over safely";
        tenant: "加入租户" / "Tenant";
        bad_email: "请填写正确的邮箱" / "Enter a valid e-mail address";
        bad_tenant: "请选择一个租户" / "Choose a tenant";
        bad_role: "请选择角色" / "Choose a role";
        email_taken: "这个邮箱已被使用" / "This e-mail address is taken";
        user_created: "用户已创建" / "Created";
        disabled: "已停用" / "Disabled";
        active: "正常" / "Active";
        state: "状态" / "State";
        disable: "停用" / "Disable";
        enable: "启用" / "Enable";
        user_disabled: "已停用，该用户的登录全部失效" / "Disabled; the user is signed out everywhere";
        user_enabled: "已启用" / "Enabled";
        yourself: "这是你自己" / "This is you";
        last_sign_in: "最近登录" / "Last sign-in";
    }
}
