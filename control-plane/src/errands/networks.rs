//! Which addresses may be connected to for a client: those of the public internet, and what the operator allows.
//! <https://www.iana.org/assignments/iana-ipv4-special-registry/> and its twin for IPv6.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// A block of addresses: `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u32,
}

/// Blocks that may be connected to though they are not public.
pub type Networks = Vec<Network>;

/// What is no public address among those of IPv4, and in the one part of IPv6 that is public: private and shared networks,
/// hosts by themselves, documentation, multicast, reserved. Clouds tell machines their credentials at 169.254.169.254,
/// 169.254.170.2, 100.100.100.200, 192.0.0.192, 168.63.129.16 and `fd00:ec2::254`.
const CLOSED: [&str; 23] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",
    "2001:db8::/32",
    "2620:4f:8000::/48",
    "3fff::/20",
];

/// Whether an address may be connected to.
pub fn may_connect(address: IpAddr, allowed: &[Network]) -> bool {
    // What stands for an IPv4 address is that address.
    let address = match address {
        IpAddr::V6(six) => four_in(six).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    allowed.iter().any(|network| network.contains(address)) || is_public(address)
}

fn is_public(address: IpAddr) -> bool {
    // Of IPv6 only 2000::/3 is given out.
    if let IpAddr::V6(six) = address
        && six.to_bits() >> 125 != 1
    {
        return false;
    }
    // A block that cannot be read would close everything: a test reads them all.
    !CLOSED.iter().any(|block| block.parse::<Network>().map_or(true, |block| block.contains(address)))
}

/// The IPv4 address inside one of IPv6: mapped, compatible, by NAT64 or by 6to4.
fn four_in(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let low = |shift: u32| Some(Ipv4Addr::from_bits(u32::try_from(bits >> shift & 0xffff_ffff).ok()?));
    match bits >> 32 {
        0xffff | 0x0064_ff9b_0000_0000_0000_0000 => low(0),
        0 if bits > 1 => low(0),
        _ if bits >> 112 == 0x2002 => low(80),
        _ => None,
    }
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let same =
            |a: u128, b: u128, all: u32| self.bits == 0 || a >> (all - self.bits) == b >> (all - self.bits);
        match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                same(base.to_bits().into(), address.to_bits().into(), 32)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => same(base.to_bits(), address.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    /// `10.0.0.0/8`, or a single address.
    fn from_str(text: &str) -> Result<Self, String> {
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr = base.parse().map_err(|e| format!("'{text}': {e}"))?;
        let all = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), str::parse).map_err(|e| format!("'{text}': {e}"))?;
        if bits > all { Err(format!("'{text}': at most {all} bits")) } else { Ok(Self { base, bits }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(address: &str) -> bool {
        may_connect(address.parse().unwrap(), &[])
    }

    #[test]
    fn every_block_can_be_read() {
        assert!(CLOSED.iter().all(|block| block.parse::<Network>().is_ok()));
    }

    #[test]
    fn nothing_but_the_public_internet_is_connected_to() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!open(address), "{address}");
            for form in [format!("::ffff:{address}"), format!("64:ff9b::{address}")] {
                assert!(!open(&form), "{form}");
            }
        }
        for address in [
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "3fff::1",
            "5f00::1",
            "8000::1",
        ] {
            assert!(!open(address), "{address}");
        }
    }

    #[test]
    fn the_public_internet_is_connected_to() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.1",
            "192.167.255.255",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert!(open(address), "{address}");
        }
    }

    #[test]
    fn the_operator_may_open_a_network() {
        let allowed: Networks = vec!["127.0.0.0/8".parse().unwrap(), "fd00::1".parse().unwrap()];
        assert!(may_connect("127.0.0.1".parse().unwrap(), &allowed));
        assert!(may_connect("::ffff:127.0.0.1".parse().unwrap(), &allowed));
        assert!(may_connect("fd00::1".parse().unwrap(), &allowed));
        assert!(!may_connect("fd00::2".parse().unwrap(), &allowed));
        assert!(!may_connect("10.0.0.1".parse().unwrap(), &allowed));
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "a/8"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
