// A real OpenID Connect client (npm `openid-client`) signs somebody in at our identification simulator. Standard input:
// what it is registered with. Standard output: what it saw, as JSON.

import { text } from 'node:stream/consumers';

import * as oidc from 'openid-client';

const { issuer, clientId, redirectUri, returnUri, person, keys } = JSON.parse(await text(process.stdin));
const SIGN = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const DECRYPT = { name: 'RSA-OAEP', hash: 'SHA-256' };

async function imported({ kid, ...jwk }, algorithm, use) {
  return { kid, key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, [use]) };
}

const signing = await imported(keys.signing, SIGN, 'sign');
const config = await oidc.discovery(
  new URL(issuer),
  clientId,
  { id_token_signed_response_alg: 'RS256', userinfo_signed_response_alg: 'RS256' },
  oidc.PrivateKeyJwt(signing),
  { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
);
const decryption = await imported(keys.decryption, DECRYPT, 'decrypt');
oidc.enableDecryptingResponses(config, ['A128GCM', 'A128CBC-HS256'], { ...decryption, alg: 'RSA-OAEP-256' });

const checks = {
  pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
  expectedState: oidc.randomState(),
  expectedNonce: oidc.randomNonce(),
  idTokenExpected: true,
};

function parameters(codeChallenge) {
  return {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    acr_values: 'http://ftn.ficora.fi/2017/loa2',
    ui_locales: 'sv',
    ftn_spname: 'openid-client',
  };
}

async function redirected(url, options = {}) {
  const answer = await fetch(url, { redirect: 'manual', ...options });
  return new URL(answer.headers.get('location'), url);
}

const asked = parameters(await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier));
const unsigned = await redirected(oidc.buildAuthorizationUrl(config, asked));
const picking = await redirected(await oidc.buildAuthorizationUrlWithJAR(config, asked, signing));
const callback = await redirected(picking, { method: 'POST', body: new URLSearchParams({ person }) });
const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
const claims = tokens.claims();
const userinfo = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
const leaving = oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: returnUri, logout_hint: claims.sid, state: 'bye' });

console.log(JSON.stringify({
  unsigned: Object.fromEntries(unsigned.searchParams),
  sealed: tokens.id_token.split('.').length === 5,
  claims,
  userinfo,
  back: (await redirected(leaving)).href,
  metadata: config.serverMetadata(),
}));
