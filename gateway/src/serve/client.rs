//! The client's address: the peer's, unless a proxy that we trust says otherwise.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName};
use ipnet::IpNet;

/// The header in which proxies note whom they speak for, the nearest last.
pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of whoever is behind the last proxy that we trust; `None` without a socket.
pub(super) fn address(headers: &HeaderMap, extensions: &Extensions, trusted: &[IpNet]) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer.ip().to_canonical();
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let lines: Vec<&str> =
        headers.get_all(X_FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut client = peer;
    for hop in lines.join(",").rsplit(',') {
        // What stands beyond a hop that cannot be read is not to be trusted either.
        let Some(address) = parse(hop.trim()) else { break };
        client = address;
        if !is_trusted(&address) {
            break;
        }
    }
    Some(client)
}

/// An address, perhaps with a port as some proxies write it.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = || hop.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    bare().or_else(with_port).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let headers: HeaderMap =
            forwarded.iter().map(|line| (X_FORWARDED_FOR, line.parse().unwrap())).collect();
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        address(&headers, &extensions, &trusted).unwrap().to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(found("203.0.113.9:1", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(found("10.0.0.1:1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1:1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1:1", &["6.6.6.6", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(found("10.0.0.1:1", &["6.6.6.6, nonsense, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(found("10.0.0.1:1", &[]), "10.0.0.1");
        assert_eq!(found("[::1]:1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(found("[::ffff:10.0.0.1]:1", &["198.51.100.1:80"]), "198.51.100.1");
    }
}
