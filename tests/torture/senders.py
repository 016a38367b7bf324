"""People who send reports and try again, the same way, until they have an answer: some are slow, some hang up."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from http.client import HTTPException, HTTPMessage, HTTPResponse

from tests.torture.reports import Report, made

PATIENCE = 60.0  # seconds without a word after which one tries again
_STEPS = 12  # in which the slow send
_AGAIN = 0.3  # seconds before one tries again
_CODE = re.compile(r'class="code-shown">([\d\s]+)<')
_SAID = "pas été enregistré"


class HungUpError(Exception):
    """The sender left before it was answered."""


def exchange(port: int, request: bytes, manner: str = "plain") -> tuple[int, HTTPMessage, bytes]:
    """What is answered to a request that is sent in that manner. Raises OSError, HTTPException, HungUpError."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        if manner == "slow":
            step = len(request) // _STEPS + 1
            for start in range(0, len(request), step):
                connection.sendall(request[start : start + step])
                time.sleep(random.uniform(0, 0.4))
        else:
            connection.sendall(request[: len(request) // 2] if manner == "half" else request)
        if manner in ("half", "deaf"):
            time.sleep(random.uniform(0, 0.2))
            raise HungUpError
        response = HTTPResponse(connection)
        response.begin()
        return response.status, response.headers, response.read()


def get(port: int, path: str, **headers: str) -> tuple[int, HTTPMessage, bytes]:
    """What is answered to a GET."""
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return exchange(port, f"GET {path} HTTP/1.1\r\nHost: guichet\r\nConnection: close\r\n{told}\r\n".encode())


class Log:
    """What the senders were told, kept by somebody who is not killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.acknowledged: list[Report] = []
        self.unknown: list[Report] = []
        self.wrong: list[str] = []

    def note(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def ended(self, report: Report) -> None:
        """Nothing more is done for it."""
        with self._lock:
            (self.acknowledged if report.receipt else self.unknown).append(report)


class Sender(threading.Thread):
    """One report after the other, until it is `over`; the last one is seen through."""

    def __init__(self, ports: Sequence[int], log: Log, over: threading.Event, pace: float, seed: int) -> None:
        super().__init__()
        self._ports, self._log, self._over, self._pace = ports, log, over, pace
        self._chance = random.Random(seed)

    def run(self) -> None:
        while not self._over.wait(self._chance.expovariate(1 / self._pace)):
            report = made(self._chance)
            self._see_through(report)
            self._log.ended(report)

    def _see_through(self, report: Report) -> None:
        request, began = report.request(), time.monotonic()
        gives_up, until = self._chance.random() < 0.05, began + 3 * PATIENCE
        while not report.receipt and time.monotonic() < until:
            report.tries += 1
            try:
                manner = self._manner()
                self._log.note(manner)
                answered = exchange(self._chance.choice(self._ports), request, manner)
                report.receipt = self._receipt(report, *answered)
            except HungUpError:
                continue
            except (OSError, HTTPException):
                self._log.note("cut")
            if not report.receipt:
                if gives_up and not report.told:
                    return
                time.sleep(_AGAIN)
        report.took = time.monotonic() - began

    def _manner(self) -> str:
        return (
            "plain" if self._over.is_set() else self._chance.choices(["plain", "slow", "half", "deaf"], [7, 1, 1, 1])[0]
        )

    def _receipt(self, report: Report, status: int, headers: HTTPMessage, body: bytes) -> str:
        """The code that was given; none for a refusal, which has to say what it is."""
        if status in (200, 201) and not report.by_form:
            told = json.loads(body)
            if told["refused"]:
                self._log.wrong.append(f"refused: {told['refused']}")
            return str(told["receipt"])
        if status == 303 and report.by_form:
            report.told = True
            return self._shown(headers)
        self._log.note(f"refused {status}")
        if status != 503 or _SAID not in body.decode():
            self._log.wrong.append(f"{report.path} {status}: {body[:300]!r}")
        return ""

    def _shown(self, headers: HTTPMessage) -> str:
        """The code, on the page that follows; none when the page does not come: the form is sent again."""
        cookie = str(headers["set-cookie"]).partition(";")[0]
        _, _, body = get(self._chance.choice(self._ports), "/suivi", Cookie=cookie)
        found = _CODE.search(body.decode())
        self._log.note("code shown" if found else "code not shown")
        return "".join(found[1].split()) if found else ""
