//! The table behind `errcode`: one line per code, remedies shared.

use super::{Class, Explained};
use crate::domain::reason::Reason;
use crate::domain::text::Text;

macro_rules! remedies {
    ($($name:ident = $zh:literal / $en:literal;)*) => {
        $(const $name: Text = Text::new($zh, $en);)*
    };
}

remedies! {
    AUTOMATIC = "系统会自动重试，通常无需操作" / "It is retried automatically; usually nothing needs to be done";
    NEW_TOKEN = "系统会自动换取新令牌后重试" / "A new token is obtained and the call repeated automatically";
    REPORT = "这是程序问题，请把错误码和 rid 提供给 Hufu 的维护者" / "This is a fault of the program: give the error code and rid to Hufu's maintainers";
    REAUTHORIZE = "请账号管理员重新扫码授权一次" / "Ask the account's administrator to authorize once more";
    GRANT_SETS = "请账号管理员重新授权，并勾选所需的权限集" / "Ask the account's administrator to authorize again and tick the permission sets needed";
    ACCOUNT_RIGHTS = "请账号管理员在微信公众平台开通该接口或完成认证" / "Ask the account's administrator to enable the interface at WeChat, or to get the account verified";
    AT_MP = "请账号管理员登录微信公众平台查看并处理" / "The account's administrator has to look at mp.weixin.qq.com and settle it there";
    ADD_IP = "请把服务器出口 IP 加入微信开放平台上第三方平台的白名单" / "Add this server's address to the platform's IP list at the WeChat Open Platform";
    ADD_IP_ACCOUNT = "请把服务器出口 IP 加入白名单（账号自己的白名单在微信公众平台）" / "Add this server's address to the IP list (the account's own list is at mp.weixin.qq.com)";
    NEW_SECRET = "请在第三方平台页面更新 AppSecret" / "Enter the new AppSecret for the component";
    NEW_TICKET = "等待下一次 ticket 推送；系统会自动请求微信重新推送" / "Wait for the next ticket; the push is requested again automatically";
    PLATFORM = "请平台管理员在微信开放平台核对第三方平台的状态与资料" / "A platform administrator has to check the component's state and data at the WeChat Open Platform";
    APPID = "请核对 AppID 是否正确（区分大小写），以及它是否属于本平台" / "Check the AppID (upper and lower case matter) and that it belongs to this platform";
    NEXT_MINUTE = "系统会放慢并在下一分钟重试" / "Calls are slowed down and retried in the next minute";
    NEXT_DAY = "次日零点（北京时间）恢复；也可以使用每月有限次数的额度清零" / "It resets at midnight, Beijing time; or use one of the month's quota resets";
    NEXT_MONTH = "下个自然月恢复" / "It is possible again next month";
    LATER = "请稍后再试" / "Try again later";
    FAN = "这只影响这一位用户，授权本身没有问题" / "Only this one follower is affected; the authorization is fine";
    LOGIN_AGAIN = "该用户需要重新登录" / "That user has to sign in again";
    REGISTRATION = "请按微信的提示修改注册资料后重试" / "Correct the registration data as WeChat says and try again";
    CONFIRM_RISK = "请公众号管理员在微信中确认该 IP 的调用" / "The account's administrator has to confirm calls from this address in WeChat";
    ALARM = "请立即检查：可能把一个账号的令牌用到了另一个账号上" / "Check at once: one account's token may have been used for another account";
    NOTHING = "无需操作" / "Nothing to do";
}

macro_rules! codes {
    ($($code:literal $class:ident $reason:ident $remedy:ident $zh:literal / $en:literal;)*) => {
        pub(super) static ALL: &[Explained] = &[$(Explained {
            errcode: Some($code),
            class: Class::$class,
            reason: Reason::$reason,
            sentence: Text::new($zh, $en),
            remedy: $remedy,
        }),*];
    };
}

pub(super) static UNKNOWN: Explained = Explained {
    errcode: None,
    class: Class::Bug,
    reason: Reason::UnexpectedRefusal,
    sentence: Text::new("微信返回了不常见的错误码", "WeChat gave an unusual error code"),
    remedy: Text::new(
        "系统会再试；若持续出现，请把错误码和 rid 提供给平台管理员",
        "It is tried again; if it stays, give the error code and rid to the platform's administrators",
    ),
};

codes! {
    -1 Transient WechatTransient AUTOMATIC "微信系统繁忙" / "WeChat's system is busy";
    -1000 Transient WechatTransient AUTOMATIC "微信系统错误" / "WeChat reported a system error";
    40001 Token ComponentTokenFailing NEW_TOKEN "令牌无效，或已不是最新的令牌" / "The token is invalid or no longer the newest one";
    40002 Bug UnexpectedRefusal REPORT "grant_type 不合法" / "The grant_type is invalid";
    40003 Permission UnexpectedRefusal FAN "openid 不属于该账号" / "The openid does not belong to this account";
    40013 Bug UnexpectedRefusal APPID "AppID 无效" / "The AppID is invalid";
    40014 Token ComponentTokenFailing NEW_TOKEN "令牌不合法" / "The token is not valid";
    40029 Bug UnexpectedRefusal LOGIN_AGAIN "网页授权的 code 无效" / "The sign-in code is invalid";
    40030 AuthorizationLost RefreshTokenRefused REAUTHORIZE "刷新令牌不合法" / "The refresh token is not valid";
    40066 Bug UnexpectedRefusal REPORT "接口地址不合法" / "The call's address is invalid";
    40090 Environment IpNotListed ADD_IP "调用方 IP 不被接受" / "The caller's address is not accepted";
    40091 Environment TicketStale NEW_TICKET "component_verify_ticket 无效" / "The component_verify_ticket is invalid";
    40094 Environment ComponentTokenFailing PLATFORM "第三方平台凭证无效" / "The platform's credential is invalid";
    40095 Environment IpNotListed ADD_IP "调用来源不被接受" / "The source of the call is not accepted";
    40097 Bug UnexpectedRefusal REPORT "参数不合法" / "An argument is invalid";
    40125 Environment SecretRefused NEW_SECRET "AppSecret 不正确，可能已被重置" / "The AppSecret is wrong; it may have been reset";
    40163 AuthorizationLost CodeNotExchanged REAUTHORIZE "code 已被使用" / "The code has been used already";
    40164 Environment IpNotListed ADD_IP_ACCOUNT "服务器 IP 不在白名单里" / "This server's address is not on the IP list";
    40170 Bug UnexpectedRefusal REPORT "一次请求的数量超过上限" / "More was asked for at once than allowed";
    41001 Token ComponentTokenFailing NEW_TOKEN "请求里缺少令牌" / "The call carried no token";
    41002 Bug UnexpectedRefusal REPORT "请求里缺少 AppID" / "The call carried no AppID";
    41003 Bug UnexpectedRefusal REPORT "请求里缺少刷新令牌" / "The call carried no refresh token";
    41004 Bug SecretRefused NEW_SECRET "请求里缺少 AppSecret" / "The call carried no AppSecret";
    41018 Bug UnexpectedRefusal REPORT "请求里缺少 component_appid" / "The call carried no component_appid";
    41019 Bug SecretRefused NEW_SECRET "请求里缺少第三方平台的 AppSecret" / "The call carried no secret of the platform";
    41020 Bug TicketMissing NEW_TICKET "请求里缺少 component_verify_ticket" / "The call carried no component_verify_ticket";
    41021 Token ComponentTokenFailing NEW_TOKEN "请求里缺少 component_access_token" / "The call carried no component_access_token";
    42001 Token ComponentTokenFailing NEW_TOKEN "令牌已过期" / "The token has expired";
    42002 AuthorizationLost RefreshTokenRefused REAUTHORIZE "刷新令牌已过期" / "The refresh token has expired";
    42003 AuthorizationLost CodeNotExchanged REAUTHORIZE "code 已过期" / "The code has expired";
    42005 Bug UnexpectedRefusal REPORT "该接口已下线" / "The interface has been retired";
    42006 Token ComponentTokenFailing NEW_TOKEN "component_access_token 已过期" / "The component_access_token has expired";
    42007 AuthorizationLost RefreshTokenLost REAUTHORIZE "账号修改了密码，令牌与刷新令牌均已失效" / "The account's password was changed; its token and refresh token are void";
    43001 Bug UnexpectedRefusal REPORT "该接口需要 GET 请求" / "The call has to be a GET";
    43002 Bug UnexpectedRefusal REPORT "该接口需要 POST 请求" / "The call has to be a POST";
    43003 Bug UnexpectedRefusal REPORT "该接口需要 HTTPS" / "The call has to use HTTPS";
    43004 Permission UnexpectedRefusal FAN "该用户没有关注账号" / "The user does not follow the account";
    44002 Bug UnexpectedRefusal REPORT "请求内容为空" / "The call's content is empty";
    45009 Rate QuotaExhausted NEXT_DAY "今天的接口调用额度已用完" / "Today's call quota is used up";
    45011 Rate RateLimited NEXT_MINUTE "调用过于频繁，超过每分钟上限" / "Calls are too frequent; the limit per minute was reached";
    45015 Permission UnexpectedRefusal FAN "超过了可以回复该用户的时间" / "The time for answering this user is over";
    45035 Environment IpNotListed ADD_IP_ACCOUNT "服务器 IP 不在白名单里" / "This server's address is not on the IP list";
    45047 Rate UnexpectedRefusal FAN "给该用户的客服消息超过条数上限" / "Too many customer-service messages to this user";
    45501 Environment UnexpectedRefusal PLATFORM "应用被监管方暂时封禁" / "The app is temporarily blocked by the supervisor";
    47001 Bug UnexpectedRefusal REPORT "请求内容的格式有误" / "The call's content is malformed";
    48001 Permission NoApiRights ACCOUNT_RIGHTS "账号自己没有该接口的权限" / "The account itself does not have this interface";
    48004 Permission AccountFrozen AT_MP "账号因违规被封禁了该接口" / "The account was barred from this interface for irregularities";
    48006 Rate QuotaExhausted NEXT_MONTH "本月的额度清零次数已用完" / "This month's quota resets are used up";
    48009 Bug UnexpectedRefusal REPORT "该接口已停用" / "The interface is no longer in use";
    49001 Bug UnexpectedRefusal ALARM "令牌与 AppID 不属于同一个账号" / "The token and the AppID belong to different accounts";
    50001 Permission NoApiRights ACCOUNT_RIGHTS "没有该接口的权限" / "There is no permission for this interface";
    50002 Permission AccountFrozen AT_MP "账号被冻结或注销" / "The account is frozen or closed";
    50003 Permission AccountFrozen AT_MP "账号状态异常" / "The account is not in its normal state";
    50004 Permission AccountFrozen AT_MP "账号不允许使用令牌，可能受到处罚" / "The account may not use tokens; it may have been punished";
    50005 Permission UnexpectedRefusal FAN "该用户已取消关注" / "The user no longer follows the account";
    61000 Environment ComponentTokenFailing PLATFORM "第三方平台类型不合法" / "The platform's type is invalid";
    61001 Environment ComponentTokenFailing PLATFORM "第三方平台类型与 AppID 不符" / "The platform's type and its AppID do not match";
    61002 Permission NoApiRights AT_MP "账号没有开通客服功能" / "The account has not enabled customer service";
    61003 AuthorizationLost CancelledByAccount REAUTHORIZE "该账号没有授权给本平台" / "The account is not authorized to this platform";
    61004 Environment IpNotListed ADD_IP "服务器出口 IP 不在第三方平台的白名单里" / "This server's address is not on the platform's IP list";
    61005 Environment TicketStale NEW_TICKET "component_verify_ticket 已过期" / "The component_verify_ticket has expired";
    61006 Environment TicketStale NEW_TICKET "component_verify_ticket 无效" / "The component_verify_ticket is invalid";
    61007 Permission NoApiRights GRANT_SETS "账号没有把该接口所在的权限集授权给本平台" / "The account did not grant the permission set of this interface";
    61008 Bug UnexpectedRefusal REPORT "请求的键重复" / "The request's key is duplicated";
    61009 AuthorizationLost CodeNotExchanged REAUTHORIZE "授权码无效或已被使用" / "The authorization code is invalid or was used already";
    61010 AuthorizationLost CodeNotExchanged REAUTHORIZE "授权码已过期" / "The authorization code has expired";
    61011 Environment ComponentTokenFailing PLATFORM "第三方平台无效：AppID 或 AppSecret 有误，或平台被停用" / "The platform is invalid: its AppID or AppSecret is wrong, or it was disabled";
    61012 Bug UnexpectedRefusal REPORT "选项名不合法" / "The option's name is invalid";
    61013 Bug UnexpectedRefusal REPORT "选项值不合法" / "The option's value is invalid";
    61014 Bug UnexpectedRefusal REPORT "该接口必须使用 component_access_token" / "The call needs the component_access_token";
    61015 Bug UnexpectedRefusal REPORT "该接口必须使用账号的令牌" / "The call needs the account's token";
    61016 Permission UnexpectedRefusal PLATFORM "权限集需要先由第三方平台确认" / "The platform has to confirm the permission set first";
    61017 Permission NoApiRights GRANT_SETS "权限集没有授权" / "The permission set was not granted";
    61018 Permission UnexpectedRefusal NOTHING "权限集已经确认过" / "The permission set was confirmed already";
    61019 Permission UnexpectedRefusal NOTHING "权限集不需要确认" / "The permission set needs no confirmation";
    61020 Bug UnexpectedRefusal REPORT "参数有误" / "A parameter is wrong";
    61021 Permission UnexpectedRefusal PLATFORM "权限集不能确认" / "The permission set cannot be confirmed";
    61022 Permission UnexpectedRefusal PLATFORM "不能重复提交" / "It cannot be submitted again";
    61023 AuthorizationLost RefreshTokenRefused REAUTHORIZE "刷新令牌无效" / "The refresh token is invalid";
    61024 Bug UnexpectedRefusal REPORT "第三方平台的 AppID 必须使用 api_component_token" / "A platform's AppID has to use api_component_token";
    61025 Bug UnexpectedRefusal REPORT "该选项只读" / "The option is read-only";
    61026 Permission UnexpectedRefusal PLATFORM "没有注册账号的权限" / "Registering accounts is not allowed";
    61027 Rate UnexpectedRefusal LATER "注册账号的数量超过上限" / "The limit of registrations was exceeded";
    61028 Environment UnexpectedRefusal PLATFORM "第三方平台还没有全网发布" / "The platform has not been published";
    61029 Environment UnexpectedRefusal PLATFORM "第三方平台需要带基础权限集重新发布" / "The platform has to be published again with the basic permission sets";
    61030 Permission UnexpectedRefusal AT_MP "不允许第三方平台取消授权" / "The platform may not cancel an authorization";
    61039 Transient WechatTransient LATER "隐私检查尚未完成" / "The privacy check is not finished";
    61040 Permission NoApiRights AT_MP "隐私接口没有授权或声明" / "The privacy interface was not granted or declared";
    61051 Permission UnexpectedRefusal REGISTRATION "主体的实名类型不符合要求" / "The owner's real-name type does not qualify";
    61052 Permission UnexpectedRefusal REGISTRATION "账号需要先认证" / "The account has to be verified first";
    61053 Rate UnexpectedRefusal REGISTRATION "注册数量超过上限" / "The number of registrations was exceeded";
    61054 Permission UnexpectedRefusal REGISTRATION "主体在黑名单里" / "The owner is on a black list";
    61055 Rate UnexpectedRefusal NEXT_MONTH "本月注册额度已用完" / "This month's registrations are used up";
    61056 Permission UnexpectedRefusal REGISTRATION "复用微信认证的条件不满足" / "The verification cannot be reused";
    61058 Environment TicketStale NEW_TICKET "ticket 无效" / "The ticket is invalid";
    61061 Permission UnexpectedRefusal REGISTRATION "不允许境外访问" / "Access from overseas is denied";
    61063 Permission UnexpectedRefusal REGISTRATION "管理员绑定的账号数超过上限" / "The administrator's number of accounts is exceeded";
    61064 Permission UnexpectedRefusal REGISTRATION "管理员在黑名单里" / "The administrator is on a black list";
    61065 Permission UnexpectedRefusal REGISTRATION "身份证绑定的账号数超过上限" / "The identity card's number of accounts is exceeded";
    61066 Permission UnexpectedRefusal REGISTRATION "身份证在黑名单里" / "The identity card is on a black list";
    61067 Permission UnexpectedRefusal REGISTRATION "手机号绑定的账号数超过上限" / "The mobile number's number of accounts is exceeded";
    61068 Permission UnexpectedRefusal REGISTRATION "手机号在黑名单里" / "The mobile number is on a black list";
    61069 Permission UnexpectedRefusal REGISTRATION "管理员无效" / "The administrator is invalid";
    61070 Permission UnexpectedRefusal REGISTRATION "姓名、身份证与微信号不一致" / "Name, identity card and WeChat name do not agree";
    76003 Bug UnexpectedRefusal REPORT "额度查询的 cgi_path 有误" / "The quota query's cgi_path is wrong";
    76022 Bug UnexpectedRefusal REPORT "该路径不支持额度查询" / "The quota of this path cannot be queried";
    86004 Bug UnexpectedRefusal REGISTRATION "微信号无效" / "The WeChat id is invalid";
    89000 Permission UnexpectedRefusal AT_MP "账号已绑定开放平台账号" / "The account is bound to an open account already";
    89001 Permission UnexpectedRefusal AT_MP "账号与开放平台账号的主体不同" / "The account and the open account have different owners";
    89002 Permission UnexpectedRefusal AT_MP "开放平台账号不存在" / "The open account does not exist";
    89003 Permission UnexpectedRefusal AT_MP "开放平台账号不是通过接口创建的" / "The open account was not created by interface";
    89004 Permission UnexpectedRefusal AT_MP "开放平台账号绑定的账号已满 100 个" / "The open account has 100 accounts bound already";
    89247 Transient WechatTransient AUTOMATIC "微信系统内部错误" / "WeChat reported an internal error";
    89248 Bug UnexpectedRefusal REGISTRATION "企业代码类型无效" / "The company's code type is invalid";
    89249 Rate UnexpectedRefusal LATER "该主体已有任务在执行，24 小时后再试" / "A task of this owner is running; try again in 24 hours";
    89250 Bug UnexpectedRefusal REGISTRATION "没有找到该任务" / "The task was not found";
    89251 Permission UnexpectedRefusal REGISTRATION "等待法人人脸核验" / "Waiting for the legal person's face check";
    89252 Permission UnexpectedRefusal REGISTRATION "法人与企业信息正在核验" / "The legal person and the company are being checked";
    89253 Bug UnexpectedRefusal REGISTRATION "缺少参数" / "A parameter is missing";
    89254 Environment UnexpectedRefusal PLATFORM "第三方平台的权限集不全" / "The platform's permission sets are incomplete";
    89255 Bug UnexpectedRefusal REGISTRATION "企业代码无效" / "The company's code is invalid";
    89501 Environment IpNotListed CONFIRM_RISK "该 IP 的调用等待管理员确认" / "Calls from this address await the administrator's confirmation";
    89502 Environment IpNotListed CONFIRM_RISK "该 IP 的调用被拒绝" / "Calls from this address were refused";
    89503 Environment IpNotListed CONFIRM_RISK "该 IP 的调用需要管理员确认" / "Calls from this address need the administrator's confirmation";
    89504 Environment IpNotListed CONFIRM_RISK "该 IP 的调用需要管理员确认" / "Calls from this address need the administrator's confirmation";
    89505 Environment IpNotListed CONFIRM_RISK "该 IP 的调用需要管理员确认" / "Calls from this address need the administrator's confirmation";
    89506 Environment IpNotListed CONFIRM_RISK "该 IP 被管理员拒绝，24 小时内不能再调用" / "The administrator refused this address; no calls for 24 hours";
    89507 Environment IpNotListed CONFIRM_RISK "该 IP 被管理员拒绝，1 小时内不能再调用" / "The administrator refused this address; no calls for 1 hour";
}
