"""The keys of the audit trail: the newest one signs, the older ones still prove what they signed."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from app.domain.audit_chain import Values, key_name, mac_of
from app.settings import Settings


class NoAuditKeys(RuntimeError):
    """The session was made without audit keys: a fault of the wiring (`Database` takes them)."""


@dataclass(frozen=True)
class AuditKeys:
    """The newest key's name, and the secrets by name."""

    newest: str
    secrets: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The keys of the settings, newest first there. Raises ValueError where there is none, or an empty one."""
        secrets = [key.get_secret_value().encode() for key in settings.audit_keys]
        if not secrets or not all(secrets):
            raise ValueError("the audit trail needs a key: set ASIOINTI_AUDIT_KEYS")
        return cls(key_name(secrets[0]), {key_name(secret): secret for secret in secrets})

    def sign(self, kind: str, values: Values) -> bytes:
        """The MAC of a row by the newest key; `values` must hold its name as `mac_key`."""
        return mac_of(self.secrets[self.newest], kind, values)

    def knows(self, name: str) -> bool:
        """False where a row was signed by a key that the settings don't have (any more)."""
        return name in self.secrets

    def proves(self, kind: str, values: Values, mac: bytes) -> bool:
        """True where `mac` is the row's, by the key that its `mac_key` names; False for a key not known here, and for
        a row that holds what nobody signs."""
        secret = self.secrets.get(values["mac_key"])
        try:
            return secret is not None and hmac.compare_digest(mac_of(secret, kind, values), mac)
        except TypeError:
            return False


def audit_keys_of(session: AsyncSession) -> AuditKeys:
    """The keys that the session was made with. Raises NoAuditKeys where there are none."""
    keys = session.info.get("audit_keys")
    if not isinstance(keys, AuditKeys):
        raise NoAuditKeys("no audit keys: give them to the Database that makes the session")
    return keys
