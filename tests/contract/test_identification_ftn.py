"""Sign-in in the manner of the Finnish Trust Network: signed requests, encrypted answers, back-channel logout."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey

from app.integrations.own_keys import BadKeys, OwnKeys
from app.integrations.sign_in import SignInCancelled, SignInRefused
from app.integrations.suomifi.identification.claims import OP, TELIA, claim_names
from app.integrations.suomifi.identification.client import ClaimNames, SuomifiIdentification
from tests.contract.ftn_server import (
    NEXT_KID,
    FtnServer,
    encoded,
    ftn_server,
    new_key,
    sign_in,
    sign_in_with,
    signed,
    walk,
)
from tests.contract.simulator_server import CLIENT_ID, REDIRECT_URI


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FtnServer]:
    with ftn_server(tmp_path_factory.mktemp("ftn")) as one:
        yield one


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


@pytest.fixture
async def identification(server: FtnServer) -> AsyncIterator[SuomifiIdentification]:
    client = SuomifiIdentification(server.ftn_config())
    yield client
    await client.close()


async def request_claims(identification: SuomifiIdentification) -> dict[str, Any]:
    """What the client's request says, and the address it goes to."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="sv")
    query = dict(parse_qsl(urlsplit(begun.url).query))
    assert set(query) == {"client_id", "response_type", "scope", "request"}
    signed = jws.extract_compact(query["request"].encode())
    assert signed.headers()["typ"] == "oauth-authz-req+jwt"
    claims: dict[str, Any] = json.loads(signed.payload)
    return claims


async def test_a_signed_request_says_everything_inside(
    server: FtnServer, identification: SuomifiIdentification
) -> None:
    """State, nonce, challenge and language can't be changed on the way; a request lives ten minutes and is named."""
    one, other = await request_claims(identification), await request_claims(identification)
    expected = {"iss": CLIENT_ID, "client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "response_type": "code"}
    expected |= {"aud": f"{server.url}/suomifi/identification", "ui_locales": "sv", "code_challenge_method": "S256"}
    expected |= {"ftn_spname": "Asiointi-ikkuna", "scope": "openid profile"}
    assert {name: one[name] for name in expected} == expected
    assert 0 < one["exp"] - time.time() <= 600
    for name in ("state", "nonce", "jti", "code_challenge"):
        assert one[name] != other[name]
        assert len(one[name]) >= 32


@pytest.mark.parametrize("alg", ["RSA-OAEP", "RSA-OAEP-256"])
@pytest.mark.parametrize("enc", ["A128CBC-HS256", "A128GCM"])
async def test_encrypted_answers(tmp_path: Any, browser: httpx.AsyncClient, alg: str, enc: str) -> None:
    """Every pair of the profile's algorithms opens, in the id_token and in userinfo, also by a key on its way out."""
    with ftn_server(tmp_path, encryption=(alg, enc)) as server:
        identity = await sign_in_with(browser, server.ftn_config(reads_userinfo=True))
    assert (identity.identity_code, identity.municipality) == ("021203B933U", "491")
    assert identity.id_token.count(".") == 2


async def test_what_must_be_encrypted_is_refused_open(server: FtnServer, browser: httpx.AsyncClient) -> None:
    """A provider that forgets to encrypt, or encrypts for a key that is not ours, signs nobody in."""
    stranger = RSAKey.generate_key(2048, private=True).as_dict(private=True)
    with pytest.raises(SignInRefused, match="bad_encryption"):
        await sign_in_with(browser, server.ftn_config(decryption_keys=(stranger,)))
    with pytest.raises(ValueError, match="longer than 40"):
        server.ftn_config(service_name="x" * 41)
    with pytest.raises(ValueError, match="no key to decrypt"):
        server.ftn_config(decryption_keys=())


async def test_open_tokens_where_encryption_is_required(simulators: Any, browser: httpx.AsyncClient) -> None:
    """An id_token that comes open to a client that insists on encryption is refused."""
    key = RSAKey.generate_key(2048, private=True).as_dict(private=True)
    config = replace(simulators.sign_in_config(), decryption_keys=(key,), requires_encryption=True)
    with pytest.raises(SignInRefused, match="bad_encryption"):
        await sign_in_with(browser, config)


async def test_changing_keys(server: FtnServer, browser: httpx.AsyncClient) -> None:
    """Both sides change their signing keys while people sign in: ours by a new kid, theirs unannounced."""
    next_key = server.next_key.as_dict(private=True)
    assert await sign_in_with(browser, server.ftn_config(private_key=next_key, kid=NEXT_KID))
    client = SuomifiIdentification(server.ftn_config())
    await sign_in(browser, client)
    assert (await browser.post(f"{server.url}/suomifi/identification/keys/rotate")).status_code == 303
    assert (await sign_in(browser, client)).given_name == "Daniel"
    await client.close()


async def answer_to(browser: httpx.AsyncClient, server: FtnServer, **query: str) -> dict[str, str]:
    address = f"{server.url}/suomifi/identification/authorize?{urlencode({'client_id': CLIENT_ID, **query})}"
    answer = await browser.get(address)
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def test_an_unsigned_request_is_refused(server: FtnServer, browser: httpx.AsyncClient) -> None:
    """A client that is registered to sign can't be made to ask without a signature."""
    client = SuomifiIdentification(server.ftn_config(signs_requests=False))
    begun = await client.begin(redirect_uri=REDIRECT_URI, language="fi")
    await client.close()
    answer = await browser.get(begun.url)
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert (query["error"], query["state"]) == ("invalid_request", begun.pending.state)


async def test_request_objects_are_checked(
    server: FtnServer, browser: httpx.AsyncClient, identification: SuomifiIdentification
) -> None:
    """Reused, expired, long-lived, foreign, unsigned and nested objects go back as invalid_request_object."""
    good = await request_claims(identification)
    now = int(time.time())
    fresh = {**good, "jti": "fresh"}
    stranger = RSAKey.generate_key(2048, private=True)
    used = signed(server, good)
    assert "/pick/" in (await browser.get(
        f"{server.url}/suomifi/identification/authorize?{urlencode({'client_id': CLIENT_ID, 'request': used})}"
    )).headers["location"]  # fmt: skip
    bad = [
        used,
        signed(server, {**fresh, "exp": now - 60}),
        signed(server, {**fresh, "exp": now + 3600}),
        signed(server, {**fresh, "aud": "https://elsewhere.test"}),
        signed(server, {**fresh, "iss": "somebody"}),
        signed(server, {**fresh, "client_id": "somebody"}),
        signed(server, {**fresh, "request_uri": "https://elsewhere.test/"}),
        signed(server, {**fresh, "ftn_spname": "x" * 41}),
        signed(server, {name: value for name, value in fresh.items() if name != "jti"}),
        signed(server, fresh, stranger),
        signed(server, fresh, typ="logout+jwt"),
        f"{encoded(json.dumps({'alg': 'none'}))}.{encoded(json.dumps(fresh))}.",
    ]
    for request in bad:
        back = await answer_to(browser, server, request=request)
        assert (back["error"], back["state"]) == ("invalid_request_object", good["state"]), back
    outside = await answer_to(browser, server, request=signed(server, fresh), response_type="token")
    assert outside["error"] == "invalid_request_object"
    scope = await answer_to(browser, server, request=signed(server, {**fresh, "jti": "scope", "scope": "profile"}))
    assert scope["error"] == "invalid_scope"


async def test_what_stands_outside_a_request_object_does_not_count(
    server: FtnServer, browser: httpx.AsyncClient, identification: SuomifiIdentification
) -> None:
    """Nobody can redirect a signed request by adding parameters to its address."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    changed = httpx.URL(begun.url).copy_merge_params({"redirect_uri": "http://evil.test/", "state": "x"})
    callback = await walk(browser, str(changed), {"person": "anna"})
    assert callback["state"] == begun.pending.state
    foreign = signed(server, {**await request_claims(identification), "redirect_uri": "http://evil.test/"})
    query = urlencode({"client_id": CLIENT_ID, "request": foreign})
    assert (await browser.get(f"{server.url}/suomifi/identification/authorize?{query}")).status_code == 400


@pytest.mark.parametrize(("button", "error"), [("yes", "access_denied"), ("cancel", "cancel")])
async def test_both_names_of_cancelling(
    browser: httpx.AsyncClient, identification: SuomifiIdentification, button: str, error: str
) -> None:
    """Telia's `access_denied` and OP's `cancel` both mean that nothing is wrong."""
    begun = await identification.begin(redirect_uri=REDIRECT_URI, language="fi")
    callback = await walk(browser, begun.url, {"cancel": button})
    assert callback["error"] == error
    with pytest.raises(SignInCancelled):
        await identification.finish(begun.pending, callback)


async def test_a_visitor_without_any_identifier(server: FtnServer, browser: httpx.AsyncClient) -> None:
    """Who comes with no identifier that we know is refused for a reason of its own, not let in as nobody."""
    with pytest.raises(SignInRefused, match="no_identity_code"):
        await sign_in_with(browser, server.ftn_config(acr_values=()), replace(OP, foreign_family_name=""))


async def test_clients_are_told_what_they_may_not_do(server: FtnServer, browser: httpx.AsyncClient) -> None:
    """The token endpoint says `unauthorized_client` for grants that services don't have, `invalid_request` without."""
    now = int(time.time())
    token = f"{server.url}/suomifi/identification/token"
    errors = {"client_credentials": "unauthorized_client", "": "invalid_request", "x": "unsupported_grant_type"}
    for grant, error in errors.items():
        claims = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": token, "exp": now + 60, "jti": f"{grant}-{now}"}
        form = {
            "grant_type": grant,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": signed(server, claims),
        }
        answer = await browser.post(token, data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_claim_names_by_provider() -> None:
    """Each broker's names are a preset, each name can be changed, and a wrong preset or field is an error at start."""
    assert claim_names("telia") is not None
    assert claim_names("op", {"identity_code": "hetu"}) == replace(OP, identity_code="hetu")
    assert TELIA.identity_code == "urn:oid:1.2.246.21"
    for preset, changed in (("nobody", {}), ("op", {"shoe_size": "x"})):
        with pytest.raises(ValueError, match="claim names"):
            claim_names(preset, changed)


async def test_one_given_name_does_for_both(server: FtnServer, browser: httpx.AsyncClient) -> None:
    """A broker that tells only all first names leaves nobody without a name to be called by."""
    names = ClaimNames(given_name="", municipality="", non_disclosure="")
    identity = await sign_in_with(browser, server.ftn_config(), names)
    assert (identity.given_name, identity.first_names) == ("Daniel", "Daniel Kwame")
    assert (identity.municipality, identity.non_disclosure) == (None, None)


async def test_entity_statement(server: FtnServer, browser: httpx.AsyncClient) -> None:
    """The federation's statement is signed by a key that it holds itself, and says what discovery says."""
    base = f"{server.url}/suomifi/identification"
    answer = await browser.get(f"{base}/.well-known/openid-federation")
    assert answer.headers["content-type"] == "application/entity-statement+jwt"
    keys = (await browser.get(f"{base}/jwks")).json()
    token = jwt.decode(answer.text, KeySet.import_key_set(keys), algorithms=["RS256"])
    assert token.header["typ"] == "entity-statement+jwt"
    assert token.claims["iss"] == token.claims["sub"] == base
    document = (await browser.get(f"{base}/.well-known/openid-configuration")).json()
    assert token.claims["metadata"]["openid_provider"] == document
    answer = await browser.get(f"{base}/signed-jwks")
    published = jwt.decode(answer.text, KeySet.import_key_set(keys), algorithms=["RS256"])
    assert published.claims["keys"] == keys["keys"]


def test_own_keys() -> None:
    """One file holds keys for both uses: the first signs, all are published without their private halves."""
    old, new, enc = new_key("old", "sig"), new_key("new", "sig"), new_key("enc", "enc")
    keys = OwnKeys.parse(json.dumps({"keys": [key.as_dict(private=True) for key in (new, old, enc)]}))
    assert keys.kid == "new"
    assert [key["kid"] for key in keys.decryption_keys] == ["enc"]
    published = keys.public()["keys"]
    assert [(key["kid"], key["use"]) for key in published] == [("new", "sig"), ("old", "sig"), ("enc", "enc")]
    assert {name for key in published for name in key} == {"kty", "n", "e", "kid", "use", "alg"}
    assert OwnKeys.parse(json.dumps(old.as_dict(private=True))).kid == "old"
    assert "old" not in repr(keys)
    broken = [[enc.as_dict(private=True)], [old.as_dict(private=False)], [old.as_dict(private=True)] * 2, []]
    for text in ("", "[]", "{}", *(json.dumps({"keys": one}) for one in broken)):
        with pytest.raises(BadKeys):
            OwnKeys.parse(text)
