"""Credentials: where they are looked for, what is refused, and that nothing shows them."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import pytest
import trustme

import vnjournal as vj
from vnjournal.cluster.address import Address
from vnjournal.cluster.credentials import Credentials

ADDRESS = Address.parse("https://n1.example.vn,n2.example.vn:9201/kho")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of files are checked")


def _file(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    """A file of credentials, as the environment names it."""
    file = folder / "credentials.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (folder / name).touch()
    return {"VNJOURNAL_CREDENTIALS": str(file)}


FOUND = [
    # variables, the file, what is found
    ({}, "", {}),
    ({"USER": "lan", "PASSWORD": "mật khẩu"}, "", {"user": "lan", "password": "mật khẩu"}),
    ({"TOKEN": "abc.def"}, "", {"token": "abc.def"}),
    ({}, '["https://n1.example.vn"]\ntoken = "t"', {"token": "t"}),
    ({}, '["https://n2.example.vn:9201"]\ntoken = "t"', {"token": "t"}),
    ({}, '["https://n2.example.vn:9201,n1.example.vn/kho"]\ntoken = "t"', {"token": "t"}),
    ({}, '["https://n2.example.vn"]\ntoken = "another port"', {}),
    ({}, '["http://n1.example.vn"]\ntoken = "another scheme"', {}),
    # the first node of the address that has a table decides
    (
        {},
        '["https://n2.example.vn:9201"]\ntoken = "2"\n["https://n1.example.vn"]\ntoken = "1"',
        {"token": "1"},
    ),
    # who signs in comes whole from one of them
    (
        {"TOKEN": "mine"},
        '["https://n1.example.vn"]\nuser = "lan"\npassword = "x"',
        {"token": "mine"},
    ),
]


@pytest.mark.parametrize(("variables", "text", "expected"), FOUND)
def test_credentials_are_found(
    variables: dict[str, str], text: str, expected: dict[str, str], tmp_path: Path
) -> None:
    environment = {f"VNJOURNAL_{name}": value for name, value in variables.items()}
    assert Credentials.find(ADDRESS, environment | _file(tmp_path, text)) == Credentials(**expected)  # type: ignore[arg-type]


def test_files_are_looked_for_beside_the_file_that_names_them(tmp_path: Path) -> None:
    environment = _file(
        tmp_path,
        '["https://n1.example.vn"]\ncertificate = "cert.pem"\nkey = "key.pem"\nca = "ca.pem"\n',
        0o644,  # which is fine: there is no secret in it
    )
    found = Credentials.find(ADDRESS, environment)
    assert found == Credentials(
        certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem", ca=tmp_path / "ca.pem"
    )
    other = tmp_path / "other.pem"
    other.touch()
    found = Credentials.find(ADDRESS, environment | {"VNJOURNAL_CA": str(other)})
    assert (found.certificate, found.ca) == (tmp_path / "cert.pem", other)


def test_the_file_lies_in_the_users_configuration(tmp_path: Path) -> None:
    (tmp_path / "vnjournal").mkdir()
    _file(tmp_path / "vnjournal", '["https://n1.example.vn"]\ntoken = "t"')
    assert Credentials.find(ADDRESS, {"XDG_CONFIG_HOME": str(tmp_path)}).token == "t"
    assert Credentials.find(ADDRESS, {"XDG_CONFIG_HOME": str(tmp_path / "none")}).token == ""


REFUSED = [
    # variables, the file, what is said
    ({"USER": "lan"}, "", "VNJOURNAL_USER is set, and VNJOURNAL_PASSWORD is not"),
    ({"PASSWORD": "x"}, "", "VNJOURNAL_PASSWORD is set, and VNJOURNAL_USER is not"),
    ({"USER": "l", "PASSWORD": "x", "TOKEN": "t"}, "", "VNJOURNAL_USER and VNJOURNAL_TOKEN"),
    ({"USER": "a:b", "PASSWORD": "x"}, "", "VNJOURNAL_USER: no user has a ':'"),
    ({"TOKEN": "t\nHost: x"}, "", "VNJOURNAL_TOKEN has a line break"),
    ({"TOKEN": "tôken"}, "", "VNJOURNAL_TOKEN is no token"),
    ({"KEY": "key.pem"}, "", "VNJOURNAL_KEY is set, and VNJOURNAL_CERTIFICATE is not"),
    ({"CA": "none.pem"}, "", "VNJOURNAL_CA names none.pem, which is no file"),
    ({}, "token =", "is no TOML"),
    ({}, 'token = "t"', "a table has a cluster's address"),
    ({}, '"https://h" = "t"', "'https://h' is no table"),
    ({}, '["https://h"]\npasword = "x"', "'pasword' of https://h means nothing: there are user"),
    ({}, '["https://h"]\npassword = 123', "'password' of https://h is no text"),
    ({}, '["https://n1.example.vn"]\nuser = "lan"', "credentials.toml is set, and 'password' in"),
    ({}, '["https://n1.example.vn"]\nca = "none.pem"', "'ca' in"),
]


@pytest.mark.parametrize(("variables", "text", "said"), REFUSED)
def test_what_is_amiss_is_refused(
    variables: dict[str, str], text: str, said: str, tmp_path: Path
) -> None:
    environment = {f"VNJOURNAL_{name}": value for name, value in variables.items()}
    with pytest.raises(vj.AccessDenied) as raised:
        Credentials.find(ADDRESS, environment | _file(tmp_path, text))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_file_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    environment = _file(tmp_path, '["https://another.example.vn"]\ntoken = "t"', mode)
    with pytest.raises(vj.AccessDenied, match=r"chmod 600 '.*credentials\.toml'"):
        Credentials.find(ADDRESS, environment)


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(vj.AccessDenied, match="correct VNJOURNAL_CREDENTIALS"):
        Credentials.find(ADDRESS, {"VNJOURNAL_CREDENTIALS": str(tmp_path / "none")})
    with pytest.raises(vj.AccessDenied, match="cannot be read"):
        Credentials.find(ADDRESS, {"VNJOURNAL_CREDENTIALS": str(tmp_path)})


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("http://n1.example.vn/x", True),
        ("http://localhost,n1.example.vn/x", True),
        ("http://localhost/x", False),
        ("https://n1.example.vn/x", False),
    ],
)
def test_secrets_do_not_travel_in_the_clear(address: str, is_refused: bool, tmp_path: Path) -> None:
    environment = {"VNJOURNAL_TOKEN": "t", **_file(tmp_path, "")}
    if is_refused:
        with pytest.raises(vj.AccessDenied, match="use https"):
            Credentials.find(Address.parse(address), environment)
    else:
        assert Credentials.find(Address.parse(address), environment).token == "t"


def test_a_certificate_is_not_for_plain_http(tmp_path: Path) -> None:
    environment = {**_file(tmp_path, ""), "VNJOURNAL_CERTIFICATE": str(tmp_path / "cert.pem")}
    with pytest.raises(vj.AccessDenied, match="is for https"):
        Credentials.find(Address.parse("http://localhost"), environment)


def test_nothing_shows_a_secret() -> None:
    shown = repr(Credentials(user="lan", password="s3cret")) + repr(Credentials(token="s3cret"))
    assert "s3cret" not in shown


def test_files_that_are_no_certificates_are_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("không phải chứng thư", encoding="utf-8")
    with pytest.raises(vj.AccessDenied, match="is no certificate that can be read"):
        Credentials(ca=wrong).tls()
    with pytest.raises(vj.AccessDenied, match="are no client certificate"):
        Credentials(certificate=wrong).tls()
    issued = trustme.CA().issue_cert("lan@example.vn")
    certificate = tmp_path / "lan.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(certificate)
    assert isinstance(Credentials(certificate=certificate).tls(), ssl.SSLContext)


def test_a_key_with_a_password_is_refused_and_not_asked_for(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    issued = trustme.CA().issue_cert("lan@example.vn")
    certificate, key = tmp_path / "lan.pem", tmp_path / "lan.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    plain = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    key.write_bytes(
        plain.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"s3cret"),
        )
    )
    with pytest.raises(vj.AccessDenied, match="the key has a password"):
        Credentials(certificate=certificate, key=key).tls()
