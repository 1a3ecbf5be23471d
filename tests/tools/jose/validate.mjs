// Reads tokens, one a line, and prints for each: "accepted", "refused REASON", or "failed REASON" if the documents could not be read.
// Usage: validate.mjs ISSUER AUDIENCE
import { createInterface } from 'node:readline';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { EnvHttpProxyAgent, fetch, setGlobalDispatcher } from 'undici';

setGlobalDispatcher(new EnvHttpProxyAgent());
const [issuer, audience] = process.argv.slice(2);
const refusal = /^ERR_(JWT_|JWS_|JWKS_NO_MATCHING_KEY|JOSE_ALG_NOT_ALLOWED|JOSE_NOT_SUPPORTED)/;

for await (const token of createInterface({ input: process.stdin })) {
  try {
    // Everything anew for every token: what a cache still knows is not what the URL serves.
    const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
    if (!answer.ok) throw new Error(`the discovery document was answered with ${answer.status}`);
    const discovery = await answer.json();
    if (discovery.issuer !== issuer) throw new Error(`the discovery document is of ${discovery.issuer}`);
    const keys = createRemoteJWKSet(new URL(discovery.jwks_uri), { [customFetch]: fetch });
    await jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256', 'ES256'] });
    console.log('accepted');
  } catch (error) {
    console.log(`${refusal.test(error.code) ? 'refused' : 'failed'} ${String(error.message).replaceAll('\n', ' ')}`);
  }
}
