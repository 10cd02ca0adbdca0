"""IP addresses and networks as people and proxies write them; IPv4 that comes in IPv6 counts as what it is."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MAPPED = 96
"""Bits in front of an IPv4 address in IPv6, ::ffff:0:0/96."""


def network(text: str) -> Network:
    """An address, or a network with or without bits behind its prefix; ValueError for what is neither."""
    read = ip_network(text, strict=False)
    if isinstance(read, IPv6Network) and read.prefixlen >= MAPPED:
        mapped = read.network_address.ipv4_mapped
        return read if mapped is None else IPv4Network((mapped, read.prefixlen - MAPPED))
    return read


def listed(text: str) -> frozenset[Network]:
    """Addresses and networks parted by commas or blanks; ValueError for what is neither."""
    return frozenset(map(network, text.replace(",", " ").split()))


def address(text: str) -> Address | None:
    """An address; None for what is none."""
    try:
        read = ip_address(text)
    except ValueError:
        return None
    return read if isinstance(read, IPv4Address) or read.ipv4_mapped is None else read.ipv4_mapped


def among(one: Address, networks: Collection[Network]) -> bool:
    """Whether an address is in one of these networks."""
    return any(one in each for each in networks)
