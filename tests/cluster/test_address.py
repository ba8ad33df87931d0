"""Addresses: what they are made of, what is refused, and that they come back as they went in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vnjournal as vj
from vnjournal.cluster.address import Address, is_address

NODES = "https://n1.example.vn:9200,n2.example.vn:9200/ten-kho?shards=4&replicas=1&timeout=60"

SAME = [
    # an address, and as it is written out
    (NODES, NODES),
    ("https://n1.example.vn", "https://n1.example.vn:9200/vnjournal"),
    ("https://n1.example.vn/", "https://n1.example.vn:9200/vnjournal"),
    ("HTTPS://N1.Example.VN/ten-kho/", "https://n1.example.vn:9200/ten-kho"),
    ("https://a:443,b,a:443/x", "https://a:443,b:9200/x"),
    ("http://[::1]:9201/x", "http://[::1]:9201/x"),
    ("http://[0:0::1]/x", "http://[::1]:9200/x"),
    ("https:/n1.example.vn/x", "https://n1.example.vn:9200/x"),
    (r"https:\n1.example.vn\x", "https://n1.example.vn:9200/x"),
    ("https://thư-viện.vn/kho", "https://xn--th-vin-4zb3960d.vn:9200/kho"),
    ("https://h/kho-b%C3%A1o", "https://h:9200/kho-báo"),
    ("https://h/kho-ba\u0301o", "https://h:9200/kho-báo"),
    ("https://h/x?timeout=30", "https://h:9200/x"),
]

REFUSED = [
    # a text, and what is said of it
    ("vnjournal-archive", "is no address of a cluster"),
    ("ftp://h/x", "is no address of a cluster"),
    ("https://", "'nothing' is no host"),
    ("https://a,,b/x", "'nothing' is no host"),
    ("https://a b/x", "'a b' is no host"),
    ("https://-a/x", "'-a' is no host"),
    ("https://a..b/x", "'a..b' is no host"),
    ("https://[::g]/x", "is no host"),
    ("https://[::1/x", "is no host"),
    ("https://h:/x", "'' is no port"),
    ("https://h:0/x", "'0' is no port"),
    ("https://h:65536/x", "'65536' is no port"),
    ("https://h:9a/x", "'9a' is no port"),
    ("https://h:९२००/x", "is no port"),
    ("https://h/Ten-Kho", "write 'ten-kho'"),
    ("https://h/a/b", "'a/b' is no name"),
    ("https://h/a b", "'a b' is no name"),
    ("https://h/a,b", "'a,b' is no name"),
    ("https://h/a*", "'a*' is no name"),
    ("https://h/_all", "'_all' is no name"),
    ("https://h/.kho", "'.kho' is no name"),
    ("https://h/-kho", "'-kho' is no name"),
    ("https://h/" + "a" * 201, "too long"),
    ("https://h/x?colour=red", "'colour' is no setting: there are shards, replicas, timeout"),
    ("https://h/x?shards=1&shards=2", "shards is set twice"),
    ("https://h/x?shards=0", "shards is a number from 1"),
    ("https://h/x?replicas=-1", "replicas is a number from 0"),
    ("https://h/x?timeout=", "timeout is a number from 1"),
    ("https://h/x?timeout=1.5", "timeout is a number from 1"),
    ("https://h/x#y", "no part after '#'"),
]

WITH_PASSWORDS = [
    "https://lan:s3cret@h/x",
    "https://lan:s3cret@h,h2/x",
    "https://lan:s3/cret@h/x",
    "https://lan:s3#cret@h/x",
    "https://lan:s3?cret@h/x",
    "http://a,lan:s3cret@h/x",
]


@pytest.mark.parametrize(("text", "written"), SAME)
def test_addresses_are_understood(text: str, written: str) -> None:
    assert str(Address.parse(text)) == written
    assert str(Address.parse(Path(text))) == written


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_is_not_understood_is_refused(text: str, said: str) -> None:
    with pytest.raises(vj.ArchiveError) as raised:
        Address.parse(text)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", WITH_PASSWORDS)
def test_passwords_in_addresses_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(vj.ArchiveError, match="VNJOURNAL_PASSWORD") as raised:
        Address.parse(text)
    assert "s3" not in str(raised.value)
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("https://h/x", True),
        ("HTTP://h", True),
        (Path("https://h/x"), True),
        ("https:/h/x", True),
        ("vnjournal-archive", False),
        ("./https:/h", False),
        ("https", False),
        ("C:/kho", False),
        (Path("/srv/https"), False),
    ],
)
def test_addresses_are_told_from_folders(place: str | Path, expected: bool) -> None:
    assert is_address(place) is expected


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1:9201,[::1]", True),
        ("a.localhost", True),
        ("localhost,n1.example.vn", False),
        ("10.0.0.1", False),
        ("localhost.example.vn", False),
    ],
)
def test_an_address_is_local_where_all_its_nodes_are(hosts: str, expected: bool) -> None:
    assert Address.parse(f"http://{hosts}/x").is_local is expected


_hosts = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,5})?", fullmatch=True) | (
    st.ip_addresses(v=6).map(str)
)
_addresses = st.builds(
    Address,
    st.sampled_from(["http", "https"]),
    st.lists(st.tuples(_hosts, st.integers(1, 65_535)), min_size=1, max_size=4, unique=True).map(
        tuple
    ),
    st.from_regex(r"[a-zàáảãạđêôơư0-9][a-zàáảãạđêôơư0-9._-]{0,30}", fullmatch=True),
    st.none() | st.integers(1, 1024),
    st.none() | st.integers(0, 100),
    st.integers(1, 3600),
)


@given(_addresses)
def test_addresses_come_back_as_they_were(address: Address) -> None:
    assert Address.parse(str(address)) == address
    assert Address.parse(Path(str(address))) == address


@given(st.text(max_size=60) | st.text(alphabet="htps:/@[],?#=&.%a1-", max_size=40))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        address = Address.parse(f"https://{text}")
    except vj.ArchiveError:
        return
    assert Address.parse(str(address)) == address
