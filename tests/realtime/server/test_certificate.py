"""The certificate that this machine makes for itself."""

from __future__ import annotations

import hashlib
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509

from realtime.config import ConfigError
from realtime.server.certificate import given, self_signed

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
NAMES = ("studio.local", "192.0.2.4", "localhost")


def test_it_names_the_machine_holds_for_a_year_and_only_its_owner_reads_the_key(
    tmp_path: Path,
) -> None:
    tls = self_signed(tmp_path / "visavis", NAMES, NOW)
    cert = x509.load_pem_x509_certificate(tls.cert.read_bytes())
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"studio.local", "localhost"}
    assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.4"]
    assert cert.not_valid_after_utc == NOW + timedelta(days=365)
    assert tls.key.stat().st_mode & 0o777 == 0o600
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.cert, tls.key)


def test_the_fingerprint_is_the_one_that_a_browser_shows(tmp_path: Path) -> None:
    tls = self_signed(tmp_path, NAMES, NOW)
    der = ssl.PEM_cert_to_DER_cert(tls.cert.read_text())
    assert tls.fingerprint.replace(":", "").lower() == hashlib.sha256(der).hexdigest()


def test_it_stays_the_same_until_it_is_old_or_the_machine_has_another_name(tmp_path: Path) -> None:
    first = self_signed(tmp_path, NAMES, NOW)
    assert self_signed(tmp_path, NAMES[:2], NOW + timedelta(days=300)) == first
    renamed = self_signed(tmp_path, (*NAMES, "attic.local"), NOW)
    assert renamed != first
    assert self_signed(tmp_path, NAMES, NOW + timedelta(days=360)) != renamed


def test_a_broken_file_is_replaced(tmp_path: Path) -> None:
    first = self_signed(tmp_path, NAMES, NOW)
    first.key.write_text("")
    assert self_signed(tmp_path, NAMES, NOW) != first


def test_a_certificate_of_ones_own_is_checked_at_the_start(tmp_path: Path) -> None:
    one = self_signed(tmp_path / "one", NAMES, NOW)
    other = self_signed(tmp_path / "other", NAMES, NOW)
    assert given(str(one.cert), str(one.key)) == one
    with pytest.raises(ConfigError, match="not a certificate and its key"):
        given(str(one.cert), str(other.key))
    with pytest.raises(ConfigError, match="No such file"):
        given(str(tmp_path / "none.pem"), str(one.key))
