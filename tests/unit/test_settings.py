"""Production refuses to start with what belongs to the demo only, and says what to set instead."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from app.settings import DEMO_ENCRYPTION_KEY, Settings, UnsafeSettings
from app.settings.outside import ADDRESSES, DEMO_SECRET, OPTIONAL, SECRETS

ROOT = Path(__file__).parents[2]
LONG = "a long secret that nobody else has, number {}"
WEB_ADDRESSES = [field for fields in ADDRESSES.values() for field in fields if field != "scanner_url"]
SAFE: dict[str, Any] = {
    "environment": "production",
    "public_url": "https://asiointi.example",
    "DATABASE_URL": "postgresql://app@db/asiointi",
    "MIGRATION_DATABASE_URL": "postgresql://owner@db/asiointi",
    "trusted_proxies": ("10.0.0.0/8",),
    "secret_key": LONG.format(1),
    "identity_lookup_key": LONG.format(2),
    "identity_encryption_keys": (Fernet.generate_key().decode(),),
    "audit_keys": (LONG.format(3),),
    "attachment_keys": (LONG.format(4),),
    **{field: f"https://{field}.example".replace("_", "-") for field in WEB_ADDRESSES},
    "scanner_url": "tls://scanner.example:3310",
    **{field: LONG.format(field) for fields in SECRETS.values() for field in fields},
}
OUR_SECRETS = ("secret_key", "identity_lookup_key")
DANGERS: list[tuple[dict[str, Any], str]] = [
    *[
        ({name: weak}, f"ASIOINTI_{name.upper()}")
        for name in (*OUR_SECRETS, *(field for fields in SECRETS.values() for field in fields))
        for weak in (DEMO_SECRET, f"{DEMO_SECRET}-longer", "short")
    ],
    ({"identity_encryption_keys": (DEMO_ENCRYPTION_KEY,)}, "ASIOINTI_IDENTITY_ENCRYPTION_KEYS"),
    ({"audit_keys": (LONG.format(3), DEMO_SECRET)}, "ASIOINTI_AUDIT_KEYS"),
    ({"audit_keys": ()}, "ASIOINTI_AUDIT_KEYS"),
    ({"attachment_keys": (LONG.format(4), DEMO_SECRET)}, "ASIOINTI_ATTACHMENT_KEYS"),
    ({"attachment_keys": ()}, "ASIOINTI_ATTACHMENT_KEYS"),
    ({"WORKER_DATABASE_URL": "postgresql://app@db/asiointi"}, "WORKER_DATABASE_URL"),
    (
        {"identity_encryption_keys": (Fernet.generate_key().decode(), DEMO_ENCRYPTION_KEY)},
        "ASIOINTI_IDENTITY_ENCRYPTION_KEYS",
    ),
    ({"identity_encryption_keys": ()}, "ASIOINTI_IDENTITY_ENCRYPTION_KEYS"),
    ({"DATABASE_URL": ""}, "set DATABASE_URL"),
    ({"MIGRATION_DATABASE_URL": ""}, "MIGRATION_DATABASE_URL"),
    *[
        ({field: url}, told)
        for field in WEB_ADDRESSES
        for url, told in (("http://localhost:8001/x", "simulator"), ("http://viestit.example", "https"))
    ],
    ({"scanner_url": "tcp://localhost:8003"}, "simulator"),
    ({"scanner_url": "tcp://scanner.example:3310"}, "tls"),
    ({"omaolo_url": ""}, "outside system"),
    ({"simulators_url": "https://sim.example", "omaolo_url": "https://sim.example/omaolo"}, "simulator"),
    ({"public_url": "http://asiointi.example"}, "ASIOINTI_PUBLIC_URL"),
    ({"identification_acr": ()}, "ASIOINTI_IDENTIFICATION_ACR"),
    ({"identification_acr": ("http://ftn.ficora.fi/2017/loatest2",)}, "ASIOINTI_IDENTIFICATION_ACR"),
    ({"metrics_token": "short"}, "ASIOINTI_METRICS_TOKEN"),
    ({"kanta_key": "/run/kanta.key"}, "ASIOINTI_KANTA_CERTIFICATE"),
    ({"kanta_certificate": "/run/kanta.pem"}, "ASIOINTI_KANTA_KEY"),
    ({"delivery_lease_seconds": 1.0}, "ASIOINTI_DELIVERY_LEASE_SECONDS"),
    ({"breaker_rest_seconds": 0.0}, "ASIOINTI_BREAKER_REST_SECONDS"),
    ({"trusted_proxies": ()}, "ASIOINTI_TRUSTED_PROXIES"),
    *[({"limits_factor": factor}, "ASIOINTI_LIMITS_FACTOR") for factor in (0, 0.01, 100)],
    ({"fixed_now": datetime(2026, 11, 24, tzinfo=UTC)}, "ASIOINTI_FIXED_NOW"),
]


def settings(**change: Any) -> Settings:
    return Settings.model_validate({**SAFE, **change})


def test_safe_production_starts() -> None:
    """Without any danger nothing is refused: each refusal below comes from its one change."""
    settings().check_safe()


@pytest.mark.parametrize(("change", "told"), DANGERS)
def test_each_danger_is_refused(change: dict[str, Any], told: str) -> None:
    """Each danger alone keeps production from starting, and the message names what to set."""
    with pytest.raises(UnsafeSettings, match="not safe for production") as refused:
        settings(**change).check_safe()
    assert told in str(refused.value)
    assert str(refused.value).count("\n- ") == 1
    Settings.model_validate({**SAFE, **change, "environment": "demo"}).check_safe()


def test_a_county_without_an_optional_system() -> None:
    """An optional system without an address is not in use, and its secrets are not asked for; others are needed."""
    empty = {field: "" for name in OPTIONAL for field in ADDRESSES[name]}
    weak = {field: "" for name in OPTIONAL for field in SECRETS.get(name, ())}
    without = settings(**empty, **weak)
    without.check_safe()
    assert without.not_in_use == OPTIONAL
    assert settings().not_in_use == frozenset()


@pytest.mark.parametrize("url", ["tcp://localhost:3310", "tcp://127.0.0.1:3310", "unix:///run/clamav/clamd.ctl"])
def test_a_scanner_on_this_machine(url: str) -> None:
    """A scanner that is reached without a network needs no TLS."""
    settings(scanner_url=url).check_safe()


def test_the_simulated_scanner_follows_the_simulators() -> None:
    """Where the simulators have moved, the scanner is at its port on their host; a real one stays where it is."""
    moved = Settings(simulators_url="http://sims.example:9001", simulators_scanner_port=9003)
    assert moved.scanner_url == "tcp://sims.example:9003"
    assert moved.model_copy().scanner_url == moved.scanner_url
    real = Settings(simulators_url="http://sims.example:9001", scanner_url="tls://scanner.example:3310")
    assert real.scanner_url == "tls://scanner.example:3310"


@pytest.mark.parametrize("url", ["scanner.example:3310", "http://scanner.example", "tcp://scanner.example", "unix:x"])
def test_a_scanner_has_an_address_of_its_own_kind(url: str) -> None:
    """What the client could not reach is refused when the settings are read."""
    with pytest.raises(ValueError, match="scanner_url"):
        Settings(scanner_url=url)


def test_a_certificate_instead_of_a_token() -> None:
    """Kanta knows a county by its certificate: then no token is asked for."""
    settings(kanta_appointments_token="", kanta_certificate="/run/kanta.pem", kanta_key="/run/kanta.key").check_safe()


def test_kanta_never_gets_the_demo_token() -> None:
    """Where a certificate tells who we are, the demo's token stays here; a real one goes along."""
    files = {"kanta_certificate": "/run/kanta.pem", "kanta_key": "/run/kanta.key"}
    assert settings(kanta_appointments_token=DEMO_SECRET, **files).kanta_token == ""
    assert settings(**files).kanta_token == LONG.format("kanta_appointments_token")


def test_refusals_tell_no_secrets() -> None:
    """Neither a refusal nor the settings' own text shows a secret."""
    one = settings(secret_key="a short one")
    with pytest.raises(UnsafeSettings) as refused:
        one.check_safe()
    for text in (str(refused.value), repr(one), str(one)):
        assert "a short one" not in text
        assert LONG.format(2) not in text


def _as_told(value: Any) -> str:
    """A setting's value as the environment gives it: lists as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def command(*arguments: str, **change: str) -> subprocess.CompletedProcess[str]:
    """The command line in production with everything safe but `change`."""
    named = {name if name.isupper() else f"ASIOINTI_{name.upper()}": _as_told(value) for name, value in SAFE.items()}
    environment = {**os.environ, **named, **change}
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "change", "told"),
    [
        (["run"], {"ASIOINTI_SECRET_KEY": DEMO_SECRET}, "ASIOINTI_SECRET_KEY"),
        (["worker"], {"ASIOINTI_SECRET_KEY": DEMO_SECRET}, "ASIOINTI_SECRET_KEY"),
        (["migrate"], {"DATABASE_URL": ""}, "DATABASE_URL"),
        (["simulators"], {}, "never run in production"),
        (["assessments"], {}, "ASIOINTI_MEDICAL_DEVICE"),
        (["seed"], {}, "made-up"),
        (["demo"], {}, "made-up"),
    ],
)
def test_commands_refuse(arguments: list[str], change: dict[str, str], told: str) -> None:
    """The command line ends with status 2 and a sentence, without a stack trace and before anything has started."""
    done = command(*arguments, **change)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
