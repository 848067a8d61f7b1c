//! Words of the charts that show the engine at work.

words! {
    /// Words of the charts that show the engine at work.
    pub struct ChartWords {
        title: "续期引擎" / "The refresh engine";
        none: "还没有续期记录。第一个令牌到期之前，系统会自动续期。" / "Nothing has been refreshed yet. It happens by itself before the first token ends.";
        data: "查看数据" / "Show the numbers";
        hour: "时段" / "Hour";
        now: "现在" / "now";

        outcomes: "过去 24 小时的续期结果" / "Refreshes of the last 24 hours";
        outcomes_sum: "{} 次，{} 成功" / "{} refreshes, {} succeeded";
        outcomes_none: "这段时间没有续期" / "There was none";
        outcomes_text: "柱状图：每小时一根，按结果分层。{}。最多的一小时有 {} 次。" / "Bar chart, one bar for each hour, divided by outcome. {}. The busiest hour had {}.";
        outcomes_hair: "再少的失败也至少画成一条细线。" / "Even a single failure is drawn as a hairline.";
        succeeded: "成功" / "Succeeded";
        passing: "临时失败" / "Temporary failure";
        lost: "授权或权限" / "Authorization or permission";
        platform: "平台环境" / "Platform set-up";
        other: "其他失败" / "Other failure";
        doubt: "结果待核实" / "In doubt";
        fenced: "已作废" / "Fenced off";

        expiry: "令牌剩余有效期" / "Time left of the tokens";
        expiry_sum: "{} 个令牌，{} 个不足 15 分钟，{} 个已过期" / "{} tokens, {} with less than 15 minutes, {} over";
        expiry_text: "柱状图：按剩余分钟数统计令牌。{}。" / "Bar chart of the tokens by minutes left. {}.";
        expiry_counted: "统计于" / "Counted";
        expiry_over: "已过期" / "over";
        expiry_left: "剩余（分钟）" / "Minutes left";
        expiry_count: "令牌数" / "Tokens";

        lateness: "比计划晚多少" / "Later than planned";
        lateness_sum: "95 % 在 {} 内开始，最晚 {}" / "95 % began within {}, the latest after {}";
        lateness_text: "柱状图：每小时续期比计划晚开始的时间，纵轴为对数刻度。{}。" / "Bar chart of how long after its plan a refresh began, by hour, on a logarithmic scale. {}.";
        lateness_half: "中位数" / "Median";
        lateness_most: "95 %" / "95 %";
        lateness_max: "最晚" / "Latest";
        lateness_at: "{}：中位数 {}，95 % {}，最晚 {}" / "{}: median {}, 95 % {}, latest {}";
        stop_second: "1 秒" / "1 s";
        stop_ten: "10 秒" / "10 s";
        stop_minute: "1 分" / "1 min";
        stop_ten_minutes: "10 分" / "10 min";
        stop_hour: "1 小时" / "1 h";
    }
}
