"""Addresses and networks: each spelling is read as what it is, and everything else as nothing."""

import pytest

from services import networks


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *(("203.0.113.7", "203.0.113.7/32"), ("198.51.100.9/24", "198.51.100.0/24"), ("0.0.0.0/0", "0.0.0.0/0")),
        *(("2001:db8::1", "2001:db8::1/128"), ("2001:db8::1/32", "2001:db8::/32"), ("::/0", "::/0")),
        *(("::ffff:203.0.113.7", "203.0.113.7/32"), ("::ffff:198.51.100.9/120", "198.51.100.0/24")),
        *(("::ffff:0:0/96", "0.0.0.0/0"), ("::ffff:0:0/95", "::fffe:0:0/95"), ("::1/97", "::/97")),
    ],
)
def test_a_network_is_read_as_what_it_is(text: str, read: str) -> None:
    assert str(networks.network(text)) == read


@pytest.mark.parametrize(
    "text", ["", "localhost", "203.0.113.7:80", "203.0.113.0/33", "[::1]", "1.2.3", "::1/129", "7"]
)
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        networks.network(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *(("203.0.113.7", "203.0.113.7"), ("2001:DB8::1", "2001:db8::1"), ("::ffff:203.0.113.7", "203.0.113.7")),
        *(("", None), ("203.0.113.7:80", None), ("[::1]", None), ("203.0.113.7/32", None), ("1.2.3", None)),
    ],
)
def test_an_address_is_read_as_what_it_is_or_as_none(text: str, read: str | None) -> None:
    found = networks.address(text)
    assert (found if found is None else str(found)) == read


def test_an_address_is_among_networks_of_its_own_kind() -> None:
    kept = [networks.network("203.0.113.0/24"), networks.network("2001:db8::/32")]
    for text, inside in (("203.0.113.7", True), ("2001:db8::7", True), ("203.0.114.7", False), ("::1", False)):
        one = networks.address(text)
        assert one is not None
        assert networks.among(one, kept) is inside
        assert not networks.among(one, [])
