//! Where a cache's server is, as far as its address tells: on this machine, in a network of its
//! owner, or on the internet.

use super::CacheUrl;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The way to a cache.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Network {
    /// No network at all.
    ThisMachine,
    /// A network of its owner that encrypts by itself (Tailscale).
    Tailnet,
    /// A network of its owner.
    Private,
    /// The internet.
    Public,
}

/// Ends of names that no public server has: reserved ones (RFC 6762, RFC 8375, RFC 2606, ICANN's
/// `internal`) and those that routers use.
const PRIVATE_ENDS: [&str; 7] = [
    ".local",
    ".lan",
    ".home.arpa",
    ".internal",
    ".localdomain",
    ".intranet",
    ".home",
];

impl CacheUrl {
    /// Where the server is.
    pub fn network(&self) -> Network {
        network_of(self)
    }
}

fn network_of(url: &CacheUrl) -> Network {
    let host = url.host_name();
    if host.is_empty() || matches!(url.scheme.as_str(), "file" | "unix" | "local") {
        return Network::ThisMachine;
    }
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => of_v4(address),
        Ok(IpAddr::V6(address)) => of_v6(address),
        Err(_) if host == "localhost" || host.ends_with(".localhost") => Network::ThisMachine,
        Err(_) if host.ends_with(".ts.net") => Network::Tailnet,
        Err(_) if PRIVATE_ENDS.iter().any(|end| host.ends_with(end)) => Network::Private,
        // A name without dots is looked up in the search domains of the own network. The bucket of
        // an `s3://` URL is no name of a server.
        Err(_) if !host.contains('.') && url.scheme != "s3" => Network::Private,
        Err(_) => Network::Public,
    }
}

fn of_v4(address: Ipv4Addr) -> Network {
    let [first, second, ..] = address.octets();
    if address.is_loopback() {
        Network::ThisMachine
    } else if first == 100 && (64..128).contains(&second) {
        // Shared address space (RFC 6598), which Tailscale takes its addresses from.
        Network::Tailnet
    } else if address.is_private() || address.is_link_local() {
        Network::Private
    } else {
        Network::Public
    }
}

fn of_v6(address: Ipv6Addr) -> Network {
    let [first, second, third, ..] = address.segments();
    if address.is_loopback() {
        Network::ThisMachine
    } else if (first, second, third) == (0xfd7a, 0x115c, 0xa1e0) {
        Network::Tailnet
    } else if address.is_unique_local() || address.is_unicast_link_local() {
        Network::Private
    } else {
        Network::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_tell_where_a_cache_is() {
        for (text, network) in [
            ("http://localhost:8501", Network::ThisMachine),
            ("http://127.0.0.1:8080/x", Network::ThisMachine),
            ("http://[::1]:80", Network::ThisMachine),
            ("file:///mnt/cache", Network::ThisMachine),
            ("http://192.168.1.4:5000", Network::Private),
            ("http://10.0.0.7", Network::Private),
            ("http://172.16.0.1", Network::Private),
            ("http://[fd00::4]:80", Network::Private),
            ("ssh://nix@nas", Network::Private),
            ("http://me:pw@nas.lan:5000/c", Network::Private),
            ("http://cache.home.arpa", Network::Private),
            ("http://100.101.102.103", Network::Tailnet),
            ("http://cache.tail1234.ts.net", Network::Tailnet),
            ("http://[fd7a:115c:a1e0::1]", Network::Tailnet),
            ("http://172.32.0.1", Network::Public),
            ("http://100.128.0.1", Network::Public),
            ("https://cache.nixos.org", Network::Public),
            ("s3://my-bucket?region=eu", Network::Public),
        ] {
            let url = CacheUrl::parse(text).unwrap();
            assert_eq!(url.network(), network, "{text}");
        }
    }
}
