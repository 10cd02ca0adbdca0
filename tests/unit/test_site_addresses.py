"""The first net under webhooks: by its text alone an address is https to a public name, or it is none."""

import pytest

from services import site_addresses
from services.reseller_errors import BadSite

WELL = {
    "https://shop.example.com": "https://shop.example.com/",
    " https://shop.example.com/hooks \n": "https://shop.example.com/hooks",
    "HTTPS://Shop.Example.COM/Hooks?A=b&c=%20": "https://shop.example.com/Hooks?A=b&c=%20",
    "https://shop.example.com:443/": "https://shop.example.com/",
    "https://shop.example.com/hooks#here": "https://shop.example.com/hooks",
    "https://xn--bcher-kva.example/": "https://xn--bcher-kva.example/",
    "https://a-b.c1.example.museum/": "https://a-b.c1.example.museum/",
    "https://127.0.0.1.example.com/": "https://127.0.0.1.example.com/",  # what it leads to is the second net's
}
BAD = {
    "": "empty",
    " \n": "empty",
    "https://shop.example.com/" + "x" * 500: "long",
    "https://shop.example.com/a b": "letters",
    "https://shop.example.com/a\r\nX: y": "letters",
    "https://shop.example.com\t/": "letters",
    "https://shop.example.com\\@127.0.0.1/": "letters",
    "https://bücher.example/": "letters",
    "https://ｅxample.com/": "letters",
    "https://shop。example.com/": "letters",
    "https://shop.example.com/\x00": "letters",
    "shop.example.com": "scheme",
    "//shop.example.com/": "scheme",
    "http://shop.example.com/": "scheme",
    "ftp://shop.example.com/": "scheme",
    "file:///etc/passwd": "scheme",
    "gopher://shop.example.com/": "scheme",
    "javascript:alert(1)": "scheme",
    "http://127.0.0.1:8000/": "scheme",
    "https://user@shop.example.com/": "user",
    "https://user:password@shop.example.com/": "user",
    "https://@shop.example.com/": "user",
    "https://shop.example.com@evil.example/": "user",
    "https://shop.example.com:8443/": "port",
    "https://shop.example.com:80/": "port",
    "https://shop.example.com:0/": "port",
    "https://shop.example.com:99999/": "host",
    "https://shop.example.com:https/": "host",
    "https://shop.example.com:/": "host",
    "https://": "host",
    "https:///hooks": "host",
    "https://[::1": "host",
    "https://localhost/": "host",
    "https://shop/": "host",
    "https://shop.example.com./": "host",
    "https://.example.com/": "host",
    "https://shop..example.com/": "host",
    "https://-shop.example.com/": "host",
    "https://shop_1.example.com/": "host",
    "https://shop.example.c/": "host",
    f"https://{'a' * 64}.example.com/": "host",
    f"https://{'a.' * 130}example.com/": "host",
    "https://shop.example.com%2eevil.example/": "host",
    "https://shop.localhost/": "inside",
    "https://metadata.google.internal/": "inside",
    "https://printer.local/": "inside",
    "https://router.home.arpa/": "inside",
}


@pytest.mark.parametrize(("text", "address"), WELL.items())
def test_https_to_a_name_is_taken_and_written_anew(text: str, address: str) -> None:
    assert site_addresses.checked(text) == address
    assert site_addresses.checked(address) == address
    assert site_addresses.checked(text, loopback=True) == address


@pytest.mark.parametrize(("text", "reason"), BAD.items())
def test_everything_else_is_refused_and_the_reason_told(text: str, reason: str) -> None:
    with pytest.raises(BadSite) as refusal:
        site_addresses.checked(text)
    assert refusal.value.params["reason"] == reason


@pytest.mark.parametrize(
    ("text", "address"),
    {
        "http://127.0.0.1:8000/hooks?x=1": "http://127.0.0.1:8000/hooks?x=1",
        "http://localhost": "http://localhost/",
        "HTTP://LOCALHOST:1/": "http://localhost:1/",
    }.items(),
)
def test_in_development_this_machine_will_do(text: str, address: str) -> None:
    assert site_addresses.checked(text, loopback=True) == address


@pytest.mark.parametrize(
    "text",
    [
        *("http://10.0.0.1/", "http://127.1/", "http://[::1]/", "http://127.0.0.1@evil.example/", "http://0.0.0.0/"),
        *("http://user@127.0.0.1/", "https://127.0.0.1/", "http://localhost.evil.example/", "http://127.0.0.1:x/"),
        *("http://127.0.0.1.evil.example/", "http://127.0.0.1:80:80/", "http://2130706433/", "https://localhost/"),
    ],
)
def test_and_no_other_spelling_of_it(text: str) -> None:
    with pytest.raises(BadSite):
        site_addresses.checked(text, loopback=True)
