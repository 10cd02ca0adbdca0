"""Which addresses are the public's: everything that leads elsewhere is refused, however it is written."""

import pytest

from services.public_addresses import is_public


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "157.240.20.174", "2a03:2880:f12f:83:face:b00c:0:25de"])
def test_what_the_internet_is_made_of_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254"),  # noqa: S104
        *("100.64.0.1", "192.0.0.9", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1"),
        *("203.0.113.1", "224.0.0.1", "233.252.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8"),
        *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:808:808::1"),
        *("2001:0:808:808::1", "2001:20::1", "2001:db8::1", "3fff::1", "100::1", "fc00::1", "fd12::1", "fe80::1"),
        *("fe80::1%lo", "2a03:2880::1%lo", "fec0::1", "ff02::1", "ff0e::1", "4000::1"),
        *("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.01", "localhost", "", " 8.8.8.8", "8.8.8.8 "),
        *("8.8.8", "134744072", "8.8.8.8/32", "[2a03:2880::1]", "８.８.８.８"),
    ],
)
def test_everything_else_is_not(address: str) -> None:
    """Neither what is kept for private and special use, nor what carries another address in it, nor a spelling."""
    assert not is_public(address)
