//! Who can be behind an address, after the registries of special-purpose addresses of IANA
//! (RFC 6890 and its updates).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who can be behind an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anybody on the internet.
    Global,
    /// This machine.
    Loopback,
    /// The own network: RFC 1918, RFC 4193, and the shared space of RFC 6598.
    Private,
    /// Something that a name of a server never means: link-local, documentation, benchmarks,
    /// tunnels, anycast services, reserved space, and the metadata services of clouds.
    Special,
    /// No single host: unspecified, multicast, broadcast.
    Nobody,
}

/// The metadata services of clouds that lie outside of link-local space. They hand credentials
/// to whoever asks from inside, so that no name may lead to them.
const METADATA: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254)),
];

/// Returns who can be behind an address.
pub(super) fn reach(address: IpAddr) -> Reach {
    if METADATA.contains(&address) {
        return Reach::Special;
    }
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

const fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        [0, 0, 0, 0] | [224..=239, ..] | [255, 255, 255, 255] => Reach::Nobody,
        [127, ..] => Reach::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Reach::Private,
        // This network, link-local, protocol assignments, 6to4 relays.
        [0, ..] | [169, 254, ..] | [192, 0, 0, _] | [192, 88, 99, _] => Reach::Special,
        // Documentation.
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Reach::Special,
        // Anycast for name servers (AS112) and for tunnels (AMT).
        [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] => Reach::Special,
        // Benchmarks, reserved.
        [198, 18..=19, ..] | [240..=255, ..] => Reach::Special,
        _ => Reach::Global,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] | [0xff00..=0xffff, ..] => Reach::Nobody,
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Loopback,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // NAT64 under its well-known prefix is how a network with IPv6 alone reaches the IPv4
        // internet; RFC 6052 (3.1) forbids it for any other IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => {
            let [.., a, b, c, d] = address.octets();
            match reach(IpAddr::V4(Ipv4Addr::new(a, b, c, d))) {
                Reach::Global => Reach::Global,
                _ => Reach::Special,
            }
        }
        // Protocol assignments with Teredo and benchmarks, documentation, 6to4, AS112.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] => Reach::Special,
        [0x3fff, 0..=0xfff, ..] | [0x2620, 0x4f, 0x8000, ..] => Reach::Special,
        [0x2000..=0x3fff, ..] => Reach::Global,
        // Link-local, site-local, discard, segment routing, and every IPv4 in other clothes.
        _ => Reach::Special,
    }
}
