"""The connection, against a real cluster: opening one, what is said of what is wrong, and bulk."""

from __future__ import annotations

import logging
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

import vnjournal as vj
from tests.cluster import proxy as faults
from tests.cluster.nodes import Cluster
from tests.cluster.proxy import Fault, Proxy, running
from vnjournal.cluster.address import Address
from vnjournal.cluster.connection import Connection
from vnjournal.cluster.credentials import Credentials

# --- opening


def test_making_one_asks_nobody(proxy: Proxy, connect: Callable[..., Connection]) -> None:
    connection = connect(proxy.url)
    assert not proxy.requests
    assert connection.open() is connection
    connection.open()
    assert [(each.method, each.path) for each in proxy.requests] == [("GET", "/")]
    connection.close()
    assert connection.client.ping()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ({"number": "2.12.0"}, ""),
        ({"number": "3.1.0-SNAPSHOT"}, ""),
        ({"number": "2.11.9"}, "is OpenSearch 2.11.9, which is too old: 2.12 or newer will do"),
        ({"number": "1.3.20"}, "too old"),
        ({"number": "8.15.0", "distribution": None}, "is Elasticsearch 8.15.0"),
        ({"number": None}, "is no OpenSearch"),
    ],
)
def test_other_versions_are_refused(
    version: dict[str, str | None],
    said: str,
    proxy: Proxy,
    connect: Callable[..., Connection],
) -> None:
    proxy.version = version
    connection = connect(proxy.url)
    if not said:
        connection.open()
        return
    with pytest.raises(vj.ArchiveError, match=said):
        connection.open()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.page(200, "<html>Bảo trì</html>"), "not as OpenSearch does"),
        (faults.body(200, {"name": "Solr"}), "is no OpenSearch"),
        (faults.body(200, []), "is no OpenSearch"),
        (faults.page(404, "<html>"), r"does \(404"),
        (lambda *_: (302, {"Location": "http://127.0.0.1:1/"}, b""), r"does \(302"),
    ],
)
def test_other_servers_are_refused(
    fault: Fault, said: str, proxy: Proxy, connect: Callable[..., Connection]
) -> None:
    proxy.play(fault)
    with pytest.raises(vj.ArchiveError, match=said):
        connect(proxy.url).open()


def test_health_is_told(
    cluster: Cluster, index: str, index_name: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(f"{cluster.addresses[0]}/{index_name}")
    assert connection.health(index) == "green"
    _make_red(cluster, f"{index_name}-red")
    assert connection.health(f"{index_name}-red") == "red"
    with pytest.raises(vj.ArchiveNotFound, match=f"--archive http.*/{index_name}'"):
        connection.health(f"{index_name}-none")


def _make_red(cluster: Cluster, name: str) -> None:
    settings = {"number_of_replicas": 0, "index.routing.allocation.require._name": "nobody"}
    settings["index.write.wait_for_active_shards"] = "0"
    cluster.ask("PUT", f"/{name}?wait_for_active_shards=0", {"settings": settings})


def test_without_the_client_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['opensearchpy'] = None\n"
        "from vnjournal.cluster.address import Address\n"
        "from vnjournal.cluster.connection import Connection\n"
        "from vnjournal.cluster.credentials import Credentials\n"
        "Connection(Address.parse('http://localhost'), Credentials()).open()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        "vnjournal.errors.ArchiveError: opensearchpy is not installed: "
        "run pip install 'vnjournal[cluster]'"
    )


# --- who asks, and over what


@pytest.fixture
def authority(tmp_path: Path) -> tuple[trustme.CA, Path]:
    """An authority that signs certificates, and its file."""
    made = trustme.CA()
    file = tmp_path / "ca.pem"
    made.cert_pem.write_to_path(file)
    return made, file


def _server(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


SIGN_INS: list[tuple[dict[str, Any], str]] = [
    # who asks; what is said of it
    ({"user": "lan", "password": "mật khẩu"}, ""),
    ({"token": "abc.def-ghi"}, ""),
    (
        {"user": "lan", "password": "sai"},
        "does not let in user 'lan': correct VNJOURNAL_USER and VNJOURNAL_PASSWORD$",
    ),
    ({"token": "sai"}, "does not let in this token: correct VNJOURNAL_TOKEN$"),
    ({}, "does not let in those who do not sign in: set VNJOURNAL_USER and VNJOURNAL_PASSWORD,"),
]


@pytest.mark.parametrize(("who", "said"), SIGN_INS)
def test_signing_in_over_tls(
    who: dict[str, Any],
    said: str,
    cluster: Cluster,
    authority: tuple[trustme.CA, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, value in {**who, "ca": str(authority[1]), "credentials": "/dev/null"}.items():
        monkeypatch.setenv(f"VNJOURNAL_{name.upper()}", value)
    tls = _server(authority[0].issue_cert("127.0.0.1"))
    users = {"lan": "mật khẩu"}
    with (
        running(Proxy(cluster.addresses[0], tls, users, "abc.def-ghi")) as proxy,
        Connection(Address.parse(proxy.url)) as connection,
    ):
        if said:
            with pytest.raises(vj.AccessDenied, match=said):
                connection.open()
        else:
            assert connection.open().client.ping()
        shown = caplog.text + repr(connection.__dict__)
    assert "GET https://127.0.0.1" in shown
    assert not any(secret in shown for secret in ("mật khẩu", "bGFuOm3", "abc.def", "sai"))


def _certificate(signer: trustme.CA, file: Path) -> Path:
    signer.issue_cert("lan@example.vn").private_key_and_cert_chain_pem.write_to_path(file)
    return file


@pytest.mark.parametrize(
    ("newest", "kind"),
    [
        (ssl.TLSVersion.TLSv1_2, vj.AccessDenied),
        (ssl.TLSVersion.TLSv1_3, vj.ArchiveError),  # where a refusal may look like a cut
    ],
)
def test_client_certificates(
    newest: ssl.TLSVersion,
    kind: type[vj.ArchiveError],
    cluster: Cluster,
    authority: tuple[trustme.CA, Path],
    tmp_path: Path,
    connect: Callable[..., Connection],
) -> None:
    ours, ca = authority
    tls = _server(ours.issue_cert("127.0.0.1"))
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.maximum_version = newest
    ours.configure_trust(tls)
    right = _certificate(ours, tmp_path / "right.pem")
    wrong = _certificate(trustme.CA(), tmp_path / "wrong.pem")
    with running(Proxy(cluster.addresses[0], tls)) as proxy:
        assert connect(proxy.url, Credentials(certificate=right, ca=ca)).client.ping()
        for refused in (Credentials(ca=ca), Credentials(certificate=wrong, ca=ca)):
            with pytest.raises(kind, match="set VNJOURNAL_CERTIFICATE and VNJOURNAL_KEY to one"):
                connect(proxy.url, refused).open()


CERTIFICATES: list[tuple[str, dict[str, Any], bool, str]] = [
    # for which name, other traits, whether the authority is known; what is said
    ("127.0.0.1", {}, True, ""),
    ("127.0.0.1", {}, False, "nobody known here has signed: name .* in VNJOURNAL_CA"),
    ("n1.example.vn", {}, True, "for another name"),
    ("127.0.0.1", {"not_after": datetime(2020, 1, 1, tzinfo=UTC)}, True, "out of date"),
]


@pytest.mark.parametrize(("name", "traits", "is_known", "said"), CERTIFICATES)
def test_certificates_of_the_cluster(
    name: str,
    traits: dict[str, Any],
    is_known: bool,
    said: str,
    cluster: Cluster,
    authority: tuple[trustme.CA, Path],
    connect: Callable[..., Connection],
) -> None:
    if "not_after" in traits:
        traits = {"not_before": datetime(2019, 1, 1, tzinfo=UTC), **traits}
    tls = _server(authority[0].issue_cert(name, **traits))
    credentials = Credentials(ca=authority[1] if is_known else None)
    with running(Proxy(cluster.addresses[0], tls)) as proxy:
        connection = connect(proxy.url, credentials)
        if not said:
            assert connection.client.ping()
            return
        with pytest.raises(vj.ClusterUnreachable, match=said):
            connection.open()


def test_http_and_https_mixed_up(
    cluster: Cluster, authority: tuple[trustme.CA, Path], connect: Callable[..., Connection]
) -> None:
    with running(Proxy(cluster.addresses[0])) as plain:
        with pytest.raises(vj.ClusterUnreachable, match="speaks no TLS there"):
            connect(f"https://{plain.place}").open()
        plain.play(faults.page(400, "The plain HTTP request was sent to HTTPS port"))
        with pytest.raises(vj.ClusterUnreachable, match="write https://"):
            connect(plain.url).open()
    tls = _server(authority[0].issue_cert("127.0.0.1"))
    with (
        running(Proxy(cluster.addresses[0], tls)) as encrypted,
        pytest.raises(vj.ClusterUnreachable, match="if it speaks TLS, write https://"),
    ):
        connect(f"http://{encrypted.place}").open()


# --- the way there


def test_nobody_answers(
    proxy: Proxy, connect: Callable[..., Connection], breakable_port: int
) -> None:
    with pytest.raises(vj.ClusterUnreachable, match="nothing answers at that port"):
        connect(f"http://127.0.0.1:{breakable_port}").open()
    with pytest.raises(vj.ClusterUnreachable, match="no host is known by that name"):
        connect("http://n1.invalid").open()
    proxy.play(faults.late(2), times=-1)
    with pytest.raises(vj.ClusterUnreachable, match=r"within 1 s: .*timeout=SECONDS"):
        connect(f"{proxy.url}?timeout=1").open()


@pytest.fixture
def breakable_port() -> int:
    """A port at which nobody listens."""
    with running(Proxy("http://127.0.0.1:1")) as gone:
        return gone.port


@pytest.mark.parametrize("fault", [faults.cut_before, faults.cut_after, faults.late(2)])
def test_another_node_is_asked_where_one_fails(
    fault: Fault,
    proxy: Proxy,
    cluster: Cluster,
    breakable_port: int,
    connect: Callable[..., Connection],
) -> None:
    with running(Proxy(cluster.addresses[1])) as other:
        hosts = f"127.0.0.1:{breakable_port},{proxy.place},{other.place}"
        connection = connect(f"http://{hosts}?timeout=1").open()
        proxy.play(fault, times=-1)
        for _ in range(6):
            with connection.reporting():
                connection.client.cluster.health()
        assert proxy.count("GET", "/_cluster/health") < 3, "it is left alone"


# --- what a cluster reports

ANSWERS: list[tuple[Fault, type[vj.ArchiveError], str]] = [
    (
        faults.forbidden("indices:data/read/search", "lan"),
        vj.AccessDenied,
        r"permission indices:data/read/search for the indices kho\*$",
    ),
    (
        faults.forbidden("indices:data/write/bulk[s]", "lan"),
        vj.AccessDenied,
        r"permission indices:data/write/bulk\[s\] for the indices kho\*$",
    ),
    (
        faults.forbidden("cluster:monitor/main", "lan"),
        vj.AccessDenied,
        "cluster permission cluster:monitor/main$",
    ),
    (faults.page(403, "Forbidden"), vj.AccessDenied, r"forbids this .*indices kho\*"),
    (
        faults.error(429, "circuit_breaking_exception", "[parent] Data too large"),
        vj.ClusterBusy,
        r"circuit_breaking_exception: \[parent\] Data too large",
    ),
    (
        faults.error(429, "rejected_execution_exception", "rejected execution of coordinating"),
        vj.ClusterBusy,
        "try again later, or give it more",
    ),
    (faults.page(429, "Too Many Requests"), vj.ClusterBusy, "Too Many Requests"),
    (
        faults.error(503, "cluster_manager_not_discovered_exception", ""),
        vj.ClusterUnreachable,
        "no elected cluster manager",
    ),
    (
        faults.error(
            503,
            "cluster_block_exception",
            "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];",
        ),
        vj.ClusterUnreachable,
        "no elected cluster manager",
    ),
    (
        faults.error(
            403, "cluster_block_exception", "blocked by: [FORBIDDEN/6/cluster read-only];"
        ),
        vj.ArchiveLocked,
        "let an administrator lift the block",
    ),
    (faults.page(502, "<html>\nBad Gateway"), vj.ClusterUnreachable, "is not ready"),
    (
        faults.error(500, "node_closed_exception", "node closed"),
        vj.ClusterUnreachable,
        "is not ready",
    ),
    (faults.page(413, "Too large"), vj.ArchiveError, "http.max_content_length"),
    (
        faults.error(500, "i_o_exception", "No space left on device"),
        vj.ArchiveFull,
        "disks are full",
    ),
    (
        faults.error(400, "illegal_argument_exception", "Result window is too large\nSee scroll"),
        vj.ArchiveError,
        r"refuses this \(400 illegal_argument_exception: Result window is too large\): look for",
    ),
    (faults.body(418, {"error": None}), vj.ArchiveError, r"does \(418"),
    (faults.body(400, {"error": {"reason": 7}}), vj.ArchiveError, "refuses this"),
    (faults.body(400, {"error": {"type": "x", "root_cause": "y"}}), vj.ArchiveError, "400 x"),
    (faults.body(400, {"error": {"root_cause": ["y", {}]}}), vj.ArchiveError, "400 y"),
]


@pytest.mark.parametrize(("fault", "kind", "said"), ANSWERS)
def test_answers_become_our_own_errors(
    fault: Fault,
    kind: type[vj.ArchiveError],
    said: str,
    proxy: Proxy,
    connect: Callable[..., Connection],
) -> None:
    connection = connect(f"{proxy.url}/kho", patience=0).open()
    proxy.play(fault, times=-1)
    with pytest.raises(vj.ArchiveError, match=said) as raised, connection.reporting():
        connection.client.search(index="kho")
    assert type(raised.value) is kind
    assert "\n" not in str(raised.value)
    assert type(raised.value.__cause__).__module__ == "opensearchpy.exceptions"


REAL: list[tuple[dict[str, Any], str, Any, type[vj.ArchiveError], str]] = [
    # settings of the index, a request, its body; the error
    ({}, "POST /{0}-none/_search", {}, vj.ArchiveNotFound, "vnjournal index SOURCE --archive http"),
    (
        {"blocks.read_only_allow_delete": True},
        "PUT /{0}/_doc/1",
        {"n": 1},
        vj.ArchiveFull,
        "make room there",
    ),
    ({"blocks.write": True}, "PUT /{0}/_doc/1", {"n": 1}, vj.ArchiveLocked, "being rebuilt"),
    ({"blocks.read_only": True}, "PUT /{0}/_doc/1", {"n": 1}, vj.ArchiveLocked, "index.blocks"),
    ({"blocks.read": True}, "POST /{0}/_search", {}, vj.ArchiveLocked, "may not be read now"),
    (
        {},
        "POST /{0}/_search",
        {"query": {"bool": {"should": [{"term": {"n": n}} for n in range(1100)]}}},
        vj.ArchiveError,
        "max_clause_count",
    ),
    ({}, "PUT /{0}/_doc/1", {"n": "một"}, vj.ArchiveOutdated, "made for other fields .*integer"),
    ({}, "PUT /{0}/_doc/1", {"m": 1}, vj.ArchiveOutdated, "vnjournal rebuild --archive http"),
    ({}, "POST /{0}/_search", {"query": {"no": {}}}, vj.ArchiveError, "400 parsing_exception"),
    ({}, "PUT /{0}", {}, vj.ArchiveExists, "take another name"),
    ({}, "POST /{0}-red/_search", {}, vj.ClusterUnreachable, "a part of it is on no node"),
    ({}, "GET /{0}-red/_doc/1", None, vj.ClusterUnreachable, "a part of it is on no node"),
    ({}, "POST /{0}-closed/_search", {}, vj.ArchiveLocked, r"POST .*/_open"),
]


@pytest.mark.parametrize(("settings", "request_", "body", "kind", "said"), REAL)
def test_what_a_real_cluster_reports(
    settings: dict[str, Any],
    request_: str,
    body: Any,
    kind: type[vj.ArchiveError],
    said: str,
    cluster: Cluster,
    index: str,
    connect: Callable[..., Connection],
) -> None:
    method, path = request_.format(index).split()
    if "-red" in path:
        _make_red(cluster, f"{index}-red")
    if "-closed" in path:
        cluster.ask("PUT", f"/{index}-closed")
        cluster.ask("POST", f"/{index}-closed/_close")
    if settings:
        cluster.ask("PUT", f"/{index}/_settings", {"index": settings})
    connection = connect(f"{cluster.addresses[0]}/{index}", patience=0)
    try:
        with pytest.raises(vj.ArchiveError, match=said) as raised, connection.reporting():
            connection.client.transport.perform_request(method, path, body=body)
    finally:
        if settings:
            lifted = dict.fromkeys(settings, None)
            cluster.ask("PUT", f"/{index}/_settings", {"index": lifted})
    assert type(raised.value) is kind
    assert "\n" not in str(raised.value)
