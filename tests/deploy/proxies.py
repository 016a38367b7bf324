"""nginx and Caddy with the files of deploy/proxy/, before a service of ours or a test that looks at what reaches it."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import ROOT
from tests.web.serving import missing

SITE = "guichet.exemple.fr"
HERE = ROOT / "deploy" / "proxy"
NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/start.log crit;
daemon off;
worker_processes 1;
events {{}}
http {{
    client_body_temp_path {folder}/spilled/body;
    proxy_temp_path {folder}/spilled/proxy;
    fastcgi_temp_path {folder}/spilled/fastcgi;
    uwsgi_temp_path {folder}/spilled/uwsgi;
    scgi_temp_path {folder}/spilled/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and the folder of all that it writes."""

    port: int
    folder: Path
    context: ssl.SSLContext

    def browser(self, **more: object) -> httpx.Client:
        """Somebody's browser, for which `SITE` is this machine."""
        return httpx.Client(
            base_url=f"https://{SITE}:{self.port}",
            transport=_Here(verify=self.context),
            timeout=30,
            follow_redirects=True,
            **more,  # type: ignore[arg-type]
        )

    def written(self) -> str:
        """Its logs."""
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


class _Here(httpx.HTTPTransport):
    """Knows every name as this machine's; the certificate is checked against the name."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = request.url.host
        asked = request.url
        request.url = asked.copy_with(host="127.0.0.1")
        try:
            return super().handle_request(request)
        finally:
            request.url = asked  # of which the cookies are


@contextmanager
def running(kind: str, upstream: int, folder: Path) -> Iterator[Proxy]:
    """The proxy `kind` before 127.0.0.1:`upstream`."""
    program = shutil.which(kind, path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing(f"{kind} est absent", "lancez « make system »")
    folder.mkdir()
    _certificate(folder)
    port = free_port()
    command, environment = (_nginx if kind == "nginx" else _caddy)(folder, port, upstream)
    with (folder / "start.log").open("wb") as log:
        process = subprocess.Popen([str(program), *command], env={**os.environ, **environment}, stderr=log, stdout=log)
    try:
        _wait(port, process)
        yield Proxy(port, folder, ssl.create_default_context(cafile=folder / "cert.pem"))
    finally:
        process.terminate()
        process.wait(20)


def _nginx(folder: Path, port: int, upstream: int) -> tuple[list[str], dict[str, str]]:
    text = (HERE / "nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("/etc/triage/tls", str(folder)),
        ("/var/log/nginx", str(folder)),
        ("127.0.0.1:8017", f"127.0.0.1:{upstream}"),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80", f"listen 127.0.0.1:{free_port()}"),
        ("    listen [::]:80;\n", ""),
    ):
        assert old in text
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder), encoding="utf-8")
    (folder / "spilled").mkdir()
    folder.chmod(0o755)
    return ["-c", str(folder / "nginx.conf"), "-p", str(folder)], {}


def _caddy(folder: Path, port: int, upstream: int) -> tuple[list[str], dict[str, str]]:
    told = {
        "TRIAGE_SITE": f"https://{SITE}:{port}",
        "TRIAGE_UPSTREAM": f"127.0.0.1:{upstream}",
        "TRIAGE_TLS_CERT": str(folder / "cert.pem"),
        "TRIAGE_TLS_KEY": str(folder / "key.pem"),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    settings = (HERE / "Caddyfile").read_text(encoding="utf-8")
    # The port of the redirection from http may be taken here.
    settings = settings.replace("\tadmin off\n", "\tadmin off\n\tauto_https disable_redirects\n")
    (folder / "Caddyfile").write_text(settings, encoding="utf-8")
    return ["run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], told


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None and time.monotonic() < limit, "the proxy did not start"
            time.sleep(0.05)


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SITE)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(SITE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A server that only listens: the test itself reads what the proxy sends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        yield server
