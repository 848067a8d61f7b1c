//! Words of the page of one account.

words! {
    /// Words of the page of one account.
    pub struct DetailWords {
        back: "全部账号" / "All accounts";
        since: "{}变为此状态" / "changed {}";
        whose_move: "下一步" / "Next move";
        errcode: "错误码" / "Error code";
        next_try: "下次尝试" / "Next attempt";
        failures: "连续失败 {} 次" / "{} failures in a row";
        unconfirmed: "调度器没有心跳，无法确认当前状态" / "The scheduler has gone quiet, so the state cannot be confirmed";
        unconfirmed_remedy: "恢复后状态会自动更新；若持续如此，请联系平台管理员" / "It is updated by itself afterwards; tell the platform's administrators if this lasts";
        times: "令牌与续期" / "Token and renewal";
        life: "令牌有效期" / "Token";
        obtained: "令牌获取" / "Token obtained";
        expires: "令牌到期" / "Token expires";
        next: "下次续期" / "Next refresh";
        last: "上次成功" / "Last success";
        authorized: "最近授权" / "Authorized";
        not_planned: "未安排" / "Not planned";
        profile: "账号资料" / "Account";
        appid: "AppID" / "AppID";
        original_id: "原始 ID" / "Original id";
        alias: "微信号" / "WeChat id";
        principal: "主体" / "Owner";
        signature: "简介" / "About";
        verified: "认证" / "Verification";
        verified_yes: "已认证" / "Verified";
        verified_no: "未认证" / "Not verified";
        platform: "第三方平台" / "Component";
        info_at: "资料更新于 {}" / "Read from WeChat {}";
        info_never: "还没有从微信读到资料" / "Not read from WeChat yet";
        sets: "已授权的权限集" / "Granted permission sets";
        sets_none: "没有授予任何权限集。请重新授权并勾选需要的权限。" / "No permission set was granted. Authorize again and tick what is needed.";
        sets_unknown: "还没有从微信读到权限集。" / "The permission sets have not been read from WeChat yet.";
        strip: "最近 24 小时" / "Last 24 hours";
        strip_text: "最近 24 小时内令牌有效 {}%，共续期 {} 次，失败 {} 次。" / "In the last 24 hours the token was valid {}% of the time; {} renewals succeeded, {} failed.";
        strip_new: "授权以来令牌有效 {}%，共续期 {} 次，失败 {} 次。" / "Since authorization the token was valid {}% of the time; {} renewals succeeded, {} failed.";
        strip_valid: "有效" / "Valid";
        strip_gap: "无有效令牌" / "No valid token";
        strip_fail: "续期失败" / "Failed renewal";
        strip_before: "授权之前" / "Before authorization";
        history: "历史" / "History";
        history_none: "还没有记录。" / "Nothing has happened yet.";
        history_more: "只显示最近 {} 条。" / "The newest {} lines are shown.";
        became: "状态变为“{}”" / "State changed to {}";
        became_from: "状态由“{}”变为“{}”" / "State changed: {} → {}";
        recovery: "自动找回：{}，{}" / "Recovery: {}; {}";
        step_re_read: "重新读取本地记录" / "reading our own row again";
        step_journal: "查找未采用的续期结果" / "looking for a renewal that was not used";
        step_previous: "尝试上一个刷新令牌" / "trying the previous refresh token";
        step_info: "向微信查询账号信息" / "asking WeChat for the account";
        step_list: "核对微信的授权列表" / "reading WeChat's list of accounts";
        outcome_found: "找到一个令牌" / "a token was found";
        outcome_refused: "微信不接受" / "WeChat refused it";
        outcome_known: "与已失效的相同" / "it is the one that was refused";
        outcome_nothing: "没有找到" / "nothing was found";
        and: "、" / ", ";
        foreign: "可能有另一套系统也在刷新这个账号" / "Another system seems to refresh this account";
        foreign_lead: "最近一次迹象：" / "Last sign of it:";
        foreign_what: "两套系统轮流刷新，会让对方手里的令牌提前失效。请找到另一套系统（旧的服务、测试环境或另一个服务商后台），停掉它的刷新，改为从这里读取令牌；停掉后这条提示会在七天内消失。" / "Two systems that refresh in turn end each other's tokens early. Find the other one (an old service, a test environment, another console), stop its refreshing and let it read tokens from here; this notice goes away within seven days afterwards.";
        foreign_token: "微信给出的刷新令牌不是我们写入的" / "WeChat holds a refresh token that we never wrote";
        foreign_death: "访问令牌没有到期就失效了" / "The access token died before its time";
        own_secret: "第三方平台的令牌与账号自有 AppSecret 的令牌互不影响，可以同时使用。" / "The platform's tokens and those made with the account's own AppSecret do not disturb each other; both can be used.";
        send_link: "重新授权会生成一个只接受这个账号的链接，可以发给它的管理员。" / "Re-authorizing makes a link that accepts this account only; it can be sent to its administrator.";
        done_refresh: "已安排立即续期，几秒后刷新页面查看结果" / "A refresh is due now; look again in a few seconds";
        done_pause: "已暂停，不再自动续期" / "Paused; it is not renewed any more";
        done_resume: "已恢复自动续期" / "Resumed; it is renewed again";
        viewer: "只读成员不能操作账号。" / "Viewers cannot change accounts.";
    }
}
