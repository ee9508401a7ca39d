"""Encrypting for a client: a signed token inside a JWE (RFC 7519, 11.2; Traficom's recommendation 213)."""

from joserfc import jwe
from joserfc.jwk import RSAKey

from app.simulators.settings import ClientRegistration

KEY_ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256")
CONTENT_ALGORITHMS = ("A128CBC-HS256", "A128GCM")


def seal(client: ClientRegistration, signed: str) -> str:
    """`signed` as the client wants it: encrypted for its first encryption key, or as it is."""
    if client.encryption is None:
        return signed
    alg, enc = client.encryption
    key = RSAKey.import_key(next(key for key in client.jwks["keys"] if key.get("use") == "enc"))
    header = {"alg": alg, "enc": enc, "cty": "JWT", "kid": key.kid}
    return jwe.encrypt_compact(header, signed, key, algorithms=[*KEY_ALGORITHMS, *CONTENT_ALGORITHMS])
