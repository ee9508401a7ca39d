// A real OpenID Provider (npm `oidc-provider`) set up as a broker of the Finnish Trust Network would be, for trying our
// relying party on software that we did not write. Argument: the port. Standard input: the client's registration.

import { generateKeyPairSync } from 'node:crypto';
import { text } from 'node:stream/consumers';

import Provider from 'oidc-provider';

const LOA2 = 'http://ftn.ficora.fi/2017/loa2';
const PERSON = {
  sub: 'anna',
  'urn:oid:1.2.246.21': '120488-902S',
  'urn:oid:2.5.4.42': 'Anna',
  'http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName': 'Anna Maria',
  'urn:oid:2.5.4.4': 'Lehtokangas',
  'urn:oid:1.2.246.517.2002.2.18': '491',
};

const port = Number(process.argv[2]);
const { client, claimsInIdToken } = JSON.parse(await text(process.stdin));

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'provider-key', use: 'sig', alg: 'RS256' };
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'RS256',
    request_object_signing_alg: 'RS256',
    require_signed_request_object: true,
    id_token_signed_response_alg: 'RS256',
    userinfo_signed_response_alg: 'RS256',
    backchannel_logout_session_required: true,
    ...client,
  }],
  jwks: { keys: [signingKey()] },
  cookies: { keys: ['only for this test'] },
  acrValues: [LOA2],
  claims: { openid: ['sub'], profile: Object.keys(PERSON).slice(1), acr: null, auth_time: null, sid: null },
  conformIdTokenClaims: !claimsInIdToken,
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ ...PERSON, sub: id }) }),
  pkce: { required: () => true },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  features: {
    devInteractions: { enabled: false },
    requestObjects: { enabled: true },
    encryption: { enabled: true },
    jwtUserinfo: { enabled: true },
    backchannelLogout: { enabled: true },
  },
  // It refuses to call addresses of the own machine, which in a test is where everybody lives.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const details = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'GET') {
    ctx.type = 'html';
    ctx.body = '<!DOCTYPE html><title>-</title><form method="post"><button name="person" value="anna">Anna</button></form>';
    return undefined;
  }
  const form = new URLSearchParams(await text(ctx.req));
  return provider.interactionFinished(ctx.req, ctx.res, await ending(form, details), { mergeWithLastSubmission: false });
});

async function ending(form, { params }) {
  if (form.has('cancel')) return { error: 'access_denied', error_description: 'the person cancelled' };
  const accountId = form.get('person');
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return { login: { accountId, acr: LOA2, remember: true }, consent: { grantId: await grant.save() } };
}

provider.on('server_error', (_ctx, error) => console.error(error));
provider.on('backchannel.error', (_ctx, error) => console.error(error));
provider.listen(port, '127.0.0.1', () => console.log('ready'));
