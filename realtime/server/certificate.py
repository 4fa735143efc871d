"""TLS: the certificate of the settings, or one that this machine makes for itself."""

from __future__ import annotations

import os
import socket
import ssl
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from realtime.config import ConfigError

VALID = timedelta(days=365)
RENEW = timedelta(days=14)
"""How long before its end a certificate is made anew."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Where certificate and key are.

    Attributes:
        fingerprint: SHA-256 of the certificate as browsers show it, to compare by eye.
    """

    cert: Path
    key: Path
    fingerprint: str


def state_folder() -> Path:
    """Return the folder where programs of this user keep what should outlast them."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", "~/AppData/Local"))
    elif sys.platform == "darwin":
        base = Path("~/Library/Application Support")
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state")
    return base.expanduser() / "visavis"


def given(cert: str, key: str) -> Tls:
    """Check the certificate and key of the settings.

    Raises:
        ConfigError: a file cannot be read, or the two do not belong together.
    """
    paths = Path(cert).expanduser(), Path(key).expanduser()
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(*paths, password="")
        found = x509.load_pem_x509_certificate(paths[0].read_bytes())
    except (OSError, ValueError) as error:
        broken = isinstance(error, (ssl.SSLError, ValueError))
        reason = "not a certificate and its key" if broken else error.strerror
        raise ConfigError(f"TLS from {cert} and {key}: {reason}") from error
    return Tls(*paths, fingerprint(found))


def self_signed(folder: Path, names: Iterable[str], now: datetime | None = None) -> Tls:
    """Return the certificate in ``folder``; one that is missing, old or for other names is made.

    Raises:
        OSError: the folder cannot be written.
    """
    now = now or datetime.now(timezone.utc)
    wanted = [_general(name) for name in sorted(set(names))]
    tls = folder / "cert.pem", folder / "key.pem"
    found = _usable(*tls, wanted, now)
    if found is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found, key = _make(wanted, now)
        _write(tls[1], key)
        _write(tls[0], found.public_bytes(serialization.Encoding.PEM))
    return Tls(*tls, fingerprint(found))


def fingerprint(cert: x509.Certificate) -> str:
    """Return SHA-256 as pairs of hexadecimal digits."""
    return cert.fingerprint(hashes.SHA256()).hex(":").upper()


def own_names(addresses: Iterable[str]) -> set[str]:
    """Return what this machine may be called at: its names, its addresses and localhost."""
    name = socket.gethostname()
    names = {name, f"{name}.local" if "." not in name else name, "localhost"}
    return {n for n in names if n} | set(addresses) | {"127.0.0.1", "::1"}


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _usable(
    cert: Path, key: Path, wanted: list[x509.GeneralName], now: datetime
) -> x509.Certificate | None:
    try:
        found = x509.load_pem_x509_certificate(cert.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        private = serialization.load_pem_private_key(key.read_bytes(), None)
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return None
    fits = private.public_key() == found.public_key() and set(wanted) <= set(names)
    return found if fits and found.not_valid_after_utc - RENEW > now else None


def _make(names: list[x509.GeneralName], now: datetime) -> tuple[x509.Certificate, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "visavis on this machine")])
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of other machines may be behind
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return cert, text


def _write(path: Path, content: bytes) -> None:
    """Write what only this user may read, whole or not at all."""
    rough = path.with_suffix(".new")
    rough.unlink(missing_ok=True)
    with open(os.open(rough, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    rough.replace(path)
