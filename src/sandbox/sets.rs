//! The permission sets (权限集) that the sandbox knows: number, names, kind of account, and whether only one
//! component at a time may hold them. Names change at WeChat over time; programs should rely on the numbers only.

use std::collections::BTreeSet;

use super::account::AccountKind;

#[derive(Clone, Copy, Debug)]
pub struct PermissionSet {
    pub id: u32,
    pub kind: AccountKind,
    pub zh: &'static str,
    pub en: &'static str,
    /// Mutually exclusive (互斥): one component only.
    pub exclusive: bool,
}

const fn oa(id: u32, zh: &'static str, en: &'static str) -> PermissionSet {
    PermissionSet { id, kind: AccountKind::OfficialAccount, zh, en, exclusive: false }
}

const fn mp(id: u32, zh: &'static str, en: &'static str) -> PermissionSet {
    PermissionSet { id, kind: AccountKind::MiniProgram, zh, en, exclusive: false }
}

const fn only(id: u32, zh: &'static str, en: &'static str) -> PermissionSet {
    PermissionSet { id, kind: AccountKind::MiniProgram, zh, en, exclusive: true }
}

const fn channels(id: u32, zh: &'static str, en: &'static str) -> PermissionSet {
    PermissionSet { id, kind: AccountKind::Channels, zh, en, exclusive: false }
}

pub const CATALOGUE: &[PermissionSet] = &[
    oa(1, "消息管理", "Messages"),
    oa(2, "用户管理", "Users"),
    oa(3, "帐号服务", "Account service"),
    oa(4, "网页服务", "Web pages"),
    oa(5, "微信小店", "WeChat shop"),
    oa(6, "多客服", "Multi customer service"),
    oa(7, "群发与通知", "Mass send and notification"),
    oa(8, "微信卡券", "Cards"),
    oa(9, "微信扫一扫", "Scan"),
    oa(10, "微信连WIFI", "WiFi"),
    oa(11, "素材管理", "Material"),
    oa(12, "微信摇周边", "Shake-around"),
    oa(13, "微信门店", "Stores"),
    oa(15, "自定义菜单", "Menu"),
    oa(22, "城市服务", "City service"),
    oa(23, "广告管理", "Ads"),
    oa(24, "开放平台帐号管理", "Open-account management"),
    oa(26, "电子发票", "E-invoice"),
    oa(27, "快速注册小程序", "Fast registration of mini programs"),
    oa(33, "小程序管理", "Mini-program association"),
    oa(34, "商品库", "Product library"),
    oa(54, "服务号对话", "Service-account dialogue"),
    oa(89, "订阅通知", "Subscription notification"),
    oa(172, "推送调试", "Push debugging"),
    mp(17, "获取小程序码", "QR codes"),
    only(18, "开发管理与数据分析", "Development and data analysis"),
    mp(19, "客服消息管理", "Customer service"),
    only(25, "开放平台帐号管理", "Open-account management"),
    mp(30, "基本信息设置", "Basic information"),
    mp(31, "名称认证检测", "Verification-name check"),
    mp(36, "微信运动", "WeRun"),
    mp(37, "附近的小程序", "Nearby"),
    only(40, "插件管理", "Plugins"),
    only(45, "物流助手", "Logistics"),
    only(49, "云开发管理", "Cloud development"),
    only(51, "即时配送", "Instant delivery"),
    mp(52, "小程序直播", "Live"),
    mp(57, "页面推送", "Page push"),
    mp(65, "广告管理", "Ads"),
    mp(70, "交易组件商品管理", "Trade-component goods"),
    mp(71, "交易组件订单管理", "Trade-component orders"),
    only(73, "交易组件接入", "Trade-component onboarding"),
    only(76, "违规与投诉", "Violations and complaints"),
    mp(84, "交易组件优惠券", "Trade-component coupons"),
    mp(85, "自定义交易组件", "Custom trade component"),
    mp(88, "小程序链接", "Links"),
    mp(99, "云短信", "Cloud SMS"),
    mp(119, "支付管理", "Payment management"),
    mp(142, "发货管理", "Shipping management"),
    mp(171, "推送调试", "Push debugging"),
    channels(129, "视频号小店商品管理", "Channels-shop goods"),
    channels(130, "视频号小店物流管理", "Channels-shop logistics"),
    channels(131, "视频号小店订单管理", "Channels-shop orders"),
    channels(132, "视频号小店优惠券管理", "Channels-shop coupons"),
    channels(174, "推送调试", "Push debugging"),
];

/// What a component asks for when nothing else was said.
pub fn usual() -> BTreeSet<u32> {
    [1, 2, 3, 4, 7, 11, 15, 24, 89, 17, 18, 19, 25, 30, 31, 40, 57, 76, 88, 142, 129, 131].into()
}

pub fn find(id: u32) -> Option<&'static PermissionSet> {
    CATALOGUE.iter().find(|set| set.id == id)
}

/// Whether accounts of this kind can grant the set. An unknown number belongs to every kind.
pub fn fits(id: u32, kind: AccountKind) -> bool {
    find(id).is_none_or(|set| set.kind == kind || matches!(kind, AccountKind::Promoter | AccountKind::Talent))
}

pub fn is_exclusive(id: u32) -> bool {
    find(id).is_some_and(|set| set.exclusive)
}
