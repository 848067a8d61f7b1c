//! What kind of browser is looking, as far as its User-Agent tells: it decides which of WeChat's pages comes first.

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    Desktop,
    Phone,
    /// Inside WeChat on a phone.
    Wechat,
}

impl Device {
    pub fn of(req: &HttpRequest) -> Self {
        Self::of_agent(req.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or(""))
    }

    /// WeChat's desktop client also says `MicroMessenger`; the page for phones does not work there.
    fn of_agent(agent: &str) -> Self {
        let desktop_client = ["WindowsWechat", "MacWechat", "WindowsWechat(", "UnifiedPCWindowsWechat"];
        let mobile = ["Mobile", "Android", "iPhone", "iPad", "HarmonyOS", "OpenHarmony"];
        if desktop_client.iter().any(|name| agent.contains(name)) {
            Self::Desktop
        } else if agent.contains("MicroMessenger") {
            Self::Wechat
        } else if mobile.iter().any(|name| agent.contains(name)) {
            Self::Phone
        } else {
            Self::Desktop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn the_user_agent_tells_the_device() {
        for (agent, device) in [
            ("", Device::Desktop),
            ("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36", Device::Desktop),
            ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", Device::Phone),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Mobile/15E148 MicroMessenger/8.0.49", Device::Wechat),
            ("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/7.0.20 WindowsWechat(0x63090)", Device::Desktop),
        ] {
            assert_eq!(Device::of_agent(agent), device, "{agent}");
        }
    }
}
