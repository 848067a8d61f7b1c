//! From where a request comes: the connection's other end, or, behind a reverse proxy that is trusted, the address that
//! the proxy saw.

use std::net::IpAddr;

use actix_web::HttpRequest;
use ipnet::IpNet;

/// `None` where there is no connection, as in unit tests.
pub(in crate::web) fn of(req: &HttpRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = req.peer_addr()?.ip();
    let header = req.headers().get_all("x-forwarded-for");
    let named: Vec<&str> = header
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    Some(last_untrusted(peer, &named, trusted))
}

/// The nearest address that is not one of our own proxies. What stands before it, anybody may have written.
fn last_untrusted(peer: IpAddr, named: &[&str], trusted: &[IpNet]) -> IpAddr {
    let is_ours = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer;
    let mut before = named.iter().rev();
    while is_ours(&nearest) {
        let Some(Ok(address)) = before.next().map(|text| text.parse::<IpAddr>()) else { break };
        nearest = address;
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, named: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        last_untrusted(peer.parse().unwrap(), named, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(seen("203.0.113.9", &["10.0.0.1"], &[]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["203.0.113.9"], &["127.0.0.1/32"]), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["10.0.0.1", "203.0.113.9"], &["127.0.0.1/32"]), "203.0.113.9");
        assert_eq!(
            seen("127.0.0.1", &["203.0.113.9", "10.0.0.2"], &["127.0.0.1/32", "10.0.0.0/8"]),
            "203.0.113.9"
        );
        assert_eq!(seen("127.0.0.1", &["nonsense"], &["127.0.0.1/32"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &[], &["127.0.0.1/32"]), "127.0.0.1");
    }
}
