//! Names of the permission sets (权限集) an account grants. WeChat adds and renames sets; an unknown id is kept and
//! shown as its number. Source: product/miniprogram_authority and product/offical_account_authority.

use crate::domain::text::{Lang, Text};

macro_rules! sets {
    ($($id:literal $zh:literal / $en:literal;)*) => {
        /// Every set whose name is known.
        pub static ALL: &[(i64, Text)] = &[$(($id, Text::new($zh, $en))),*];
    };
}

/// Sets that only one component at a time can hold of an account.
pub const EXCLUSIVE: [i64; 10] = [18, 25, 40, 41, 45, 49, 51, 73, 76, 81];

pub fn name(id: i64) -> Option<Text> {
    ALL.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// The set's name, or its number when nobody has written it down.
pub fn label(id: i64, lang: Lang) -> String {
    name(id).map_or_else(|| id.to_string(), |name| name.get(lang).to_owned())
}

sets! {
    1 "消息管理" / "Messages";
    2 "用户管理" / "Users";
    3 "账号服务" / "Account service";
    4 "网页服务" / "Web pages";
    5 "微信小店" / "WeChat store";
    6 "多客服" / "Multi customer service";
    7 "群发与通知" / "Mass sending and notification";
    8 "微信卡券" / "Cards and coupons";
    9 "微信扫一扫" / "Scan";
    10 "微信连 WiFi" / "WiFi";
    11 "素材管理" / "Material";
    12 "微信摇周边" / "Shake-around";
    13 "微信门店" / "Stores";
    14 "微信支付" / "Payment";
    15 "自定义菜单" / "Custom menu";
    16 "获取认证状态及信息" / "Verification state";
    17 "二维码" / "QR codes";
    18 "开发管理与数据分析" / "Development and data analysis";
    19 "客服消息管理" / "Customer-service messages";
    20 "微信登录" / "WeChat sign-in";
    21 "数据分析" / "Data analysis";
    22 "城市服务接口" / "City service";
    23 "广告管理" / "Advertising";
    24 "开放平台账号管理" / "Open-account management";
    25 "开放平台账号管理" / "Open-account management";
    26 "微信电子发票" / "E-invoices";
    27 "快速注册小程序" / "Fast registration of mini programs";
    30 "基本信息设置" / "Basic information";
    31 "认证名称检测" / "Verification-name check";
    33 "小程序管理" / "Mini-program association";
    34 "微信商品库" / "Product library";
    35 "微信运动" / "WeRun";
    36 "微信运动" / "WeRun";
    37 "附近的小程序" / "Nearby mini programs";
    40 "插件管理" / "Plugins";
    41 "好物圈" / "Good-things circle";
    44 "好物圈" / "Good-things circle";
    45 "快递配送" / "Logistics";
    46 "一物一码" / "One code per item";
    47 "财政电子票据" / "Fiscal e-bills";
    48 "财政电子票据" / "Fiscal e-bills";
    49 "云开发管理" / "Cloud development";
    51 "即时配送" / "Instant delivery";
    52 "小程序直播" / "Live streaming";
    54 "服务号对话" / "Service-account dialogue";
    57 "页面推送" / "Page push";
    65 "广告管理" / "Advertising";
    67 "服务市场" / "Service market";
    70 "标准版交易组件商品管理" / "Trade component: goods";
    71 "标准版交易组件订单与售后" / "Trade component: orders";
    73 "自定义版交易组件接入" / "Trade component: onboarding";
    76 "违规与交易投诉管理" / "Violations and complaints";
    81 "试用小程序快速认证" / "Verification of trial mini programs";
    84 "标准版交易组件优惠券" / "Trade component: coupons";
    85 "自定义版交易组件" / "Custom trade component";
    86 "小程序码与体验码" / "Mini-program codes";
    88 "小程序链接管理" / "Links";
    89 "订阅通知" / "Subscription notification";
    93 "小程序联盟" / "Alliance";
    99 "云短信" / "Cloud text messages";
    105 "城市服务" / "City service";
    116 "自定义版交易组件数据" / "Custom trade component: data";
    118 "硬件服务" / "Hardware";
    119 "支付管理" / "Payment management";
    120 "购物订单" / "Shopping orders";
    129 "视频号小店商品管理" / "Channels shop: goods";
    130 "视频号小店物流管理" / "Channels shop: logistics";
    131 "视频号小店订单管理" / "Channels shop: orders";
    132 "视频号小店优惠券管理" / "Channels shop: coupons";
    135 "流量主代运营" / "Advertising on behalf";
    139 "运费险" / "Freight insurance";
    142 "发货信息管理" / "Shipping management";
    144 "学生身份验证" / "Student verification";
    151 "交易保障" / "Trade guarantee";
    157 "虚拟支付" / "Virtual payment";
    161 "微信客服" / "WeChat customer service";
    171 "小程序推送调试" / "Push debugging (mini program)";
    172 "公众号推送调试" / "Push debugging (official account)";
    173 "小游戏推送调试" / "Push debugging (game)";
    174 "视频号推送调试" / "Push debugging (channels)";
}
