/**
 * The development issuer: a real OIDC server, on loopback unless ISSUER_HOST says otherwise, that gives whoever asks a token for any role. It shows how an
 * issuer is connected and stands in for the company's own; it is no part of a deployment.
 */
import { Provider, type Configuration, type JWK } from 'oidc-provider';
import { roles, scopes } from '@oms/contracts';
import { readFileSync } from 'node:fs';

const port = Number(process.env['ISSUER_PORT']);
const host = process.env['ISSUER_HOST'] ?? '127.0.0.1';
/** What its tokens say; whoever checks one must reach it under this name. */
const issuer = process.env['ISSUER_URL'] ?? `http://127.0.0.1:${port}`;
const { issuer: key } = JSON.parse(readFileSync(process.env['ISSUER_KEYS'] ?? '', 'utf8')) as { issuer: JWK };
const HOUR_S = 3_600;

const configuration: Configuration = {
  clients: [
    {
      client_id: 'oms-development',
      client_secret: 'development-only',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
      scope: scopes.join(' '),
    },
  ],
  jwks: { keys: [key] },
  scopes: [...scopes],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:oms:api',
      getResourceServerInfo: () => ({
        scope: scopes.join(' '),
        audience: 'oms',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 12 * HOUR_S,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  ttl: { ClientCredentials: 12 * HOUR_S },
  formats: {
    customizers: {
      // The one thing that a real issuer takes from its directory of people and programs.
      jwt: (ctx, _token, jwt) => {
        const body = (ctx.oidc.body ?? {}) as { role?: string; subject?: string };
        const role = roles.find((one) => one === body.role) ?? 'customer';
        jwt.payload['role'] = role;
        jwt.payload['sub'] = body.subject?.slice(0, 128) || `${role}_development`;
      },
    },
  },
};

const provider = new Provider(issuer, configuration);
const server = provider.listen(port, host);
const stop = () => server.close(() => process.exit(0));
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
