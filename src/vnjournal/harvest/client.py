"""A polite HTTP client: one request at a time, and patience with a server that is busy.

``urllib3`` does the transport: redirects, gzip, connections that are used again, time limits. What
is tried again, and when, is decided here: only who reads an answer sees that it was cut short.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from vnjournal.articles.documents import needing
from vnjournal.errors import HarvestError, SourceError
from vnjournal.version import __version__

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

_AGENT = f"vnjournal/{__version__} (OAI-PMH harvester)"
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})  # the next answer may be another
_CONNECT = 30  # seconds
_REDIRECTS = 5
_ASKED = 1e9  # seconds; no server asks for more
_AT_ONCE = 65_536  # bytes

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for; all but ``tries`` in seconds.

    Args:
        tries: how often one request is sent before the harvest is given up.
        first: the wait after the first failure; it doubles with each further one, less up to half
            of it by chance, so that many harvesters do not come back together.
        longest: the longest wait; a server that asks for more is left alone.
        silence: how long it may say nothing.
        whole: how long one answer may take.
    """

    tries: int = 6
    first: float = 2
    longest: float = 300
    silence: float = 120
    whole: float = 900


PATIENCE = Patience()


class Client:
    """Fetches addresses, one after the other.

    Args: ``patience``: how long a server is waited for; ``max_size``: bytes that one answer may
    have; ``tell``: called with a line before a wait.
    """

    def __init__(
        self,
        patience: Patience = PATIENCE,
        *,
        max_size: int = 100_000_000,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        with needing("harvest"):
            import urllib3
        self._pool = urllib3.PoolManager(
            headers={"User-Agent": _AGENT, "Accept-Encoding": "gzip, deflate"},
            timeout=urllib3.Timeout(min(_CONNECT, patience.silence), patience.silence),
            retries=urllib3.Retry(
                _REDIRECTS,
                connect=0,
                read=0,
                status=0,
                other=0,
                respect_retry_after_header=False,
            ),
        )
        self._patience = patience
        self._max_size = max_size
        self._tell = tell
        self._is_known = False  # once the server has answered well, a failure is taken to pass

    def fetch(self, url: str, read: Callable[[bytes], _Answer]) -> _Answer:
        """What an address answers.

        Args: ``read``: makes the answer of a body; raises SourceError where it is none, or not
        whole.

        A server that is busy is asked again, after the wait that it asks for (``Retry-After``,
        seconds or a date), else after longer and longer ones. Once it has answered well, so is one
        that cannot be reached, falls silent, or sends an answer that is wrong or cut short.

        Raises HarvestError where it is of no use, or not any more.
        """
        place = urlsplit(url).netloc
        for attempt in range(1, self._patience.tries + 1):
            try:
                answer = self._answer(url, read)
            except _Failure as failure:
                said = f"{place} {failure}"
                if not (failure.is_passing or self._is_known) or attempt == self._patience.tries:
                    break
                wait = failure.asked
                if wait is None:
                    wait = min(self._patience.first * 2 ** (attempt - 1), self._patience.longest)
                    wait *= random.uniform(0.5, 1)
                elif wait > self._patience.longest:
                    said += f" and asks to come back in {round(wait):,} s"
                    break
                self._tell(f"{said}: trying again in {wait:.0f} s")
                time.sleep(wait)
            else:
                self._is_known = True
                return answer
        raise HarvestError(said)

    def _answer(self, url: str, read: Callable[[bytes], _Answer]) -> _Answer:
        """One try. Raises _Failure, or HarvestError where no other try can be of use."""
        from urllib3 import exceptions

        try:
            with closing(self._pool.request("GET", url, preload_content=False)) as response:
                status = f"answers {response.status} {response.reason or ''}".strip()
                if response.status in _BUSY:
                    asked = retry_after(response.headers.get("Retry-After", ""))
                    raise _Failure(status, asked, is_passing=True)
                raw = self._body(response)
        except exceptions.HTTPError as error:
            raise _Failure(self._told(error)) from error
        try:
            return read(raw)  # whatever the status: errors of the protocol may come with any
        except SourceError as error:
            if response.status >= 400:
                raise HarvestError(f"{urlsplit(url).netloc} {status}: check the address") from None
            raise _Failure(str(error)) from error

    def _body(self, response: BaseHTTPResponse) -> bytes:
        raw = bytearray()
        until = time.monotonic() + self._patience.whole
        while part := response.read1(_AT_ONCE, decode_content=True):
            raw += part
            if len(raw) > self._max_size:
                raise HarvestError(
                    f"{urlsplit(response.url or '').netloc} sends more than {self._max_size:,} "
                    "bytes in one answer, which no list of articles has"
                )
            if time.monotonic() > until:
                raise _Failure(f"takes longer than {self._patience.whole:,} s for one answer")
        return bytes(raw)

    def _told(self, error: Exception) -> str:
        """What a failure of the transport is, in plain words."""
        from urllib3 import exceptions

        reason = getattr(error, "reason", None) or error
        kinds: tuple[tuple[type[Exception], str], ...] = (
            (exceptions.NameResolutionError, "is no host that is known: check the address"),
            (exceptions.SSLError, "gives no encrypted connection that can be trusted"),
            (exceptions.ConnectTimeoutError, "cannot be reached"),
            (exceptions.NewConnectionError, "cannot be reached"),
            (exceptions.ReadTimeoutError, f"says nothing for {self._patience.silence:,} s"),
            (exceptions.ResponseError, "redirects again and again"),
            (exceptions.ProtocolError, "cuts its answer short"),
            (exceptions.DecodeError, "sends an answer that cannot be unpacked"),
        )
        said = (words for kind, words in kinds if isinstance(reason, kind))
        return next(said, f"cannot be asked ({reason})")


class _Failure(Exception):
    """A try that failed.

    Args: ``asked``: seconds after which the server wants to be asked again, if it said so;
    ``is_passing``: whether that is surely a state that passes.
    """

    def __init__(self, reason: str, asked: float | None = None, is_passing: bool = False) -> None:
        super().__init__(reason)
        self.asked = asked
        self.is_passing = is_passing


def retry_after(header: str) -> float | None:
    """The seconds to wait that a ``Retry-After`` header asks for: a number, or a date of HTTP.

    >>> retry_after("120"), retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), retry_after("soon")
    (120.0, 0.0, None)
    """
    if header.strip().isdecimal():
        return min(float(header), _ASKED)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())
