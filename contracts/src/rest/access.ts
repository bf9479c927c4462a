import {
  ApiKeyCreated,
  ApiKeyList,
  ApiKeyView,
  ByApiKeyId,
  CreateApiKey,
  listApiKeysQuery,
} from '../access/api-keys.js';
import type { RestRow } from './row.js';

/** The calls on who may call. */
export const accessRoutes = [
  {
    name: 'createApiKey',
    method: 'POST',
    path: '/api-keys',
    subject: 'rpc.order.create_api_key',
    does: 'Makes an API key; it is shown this once',
    body: CreateApiKey,
    response: ApiKeyCreated,
    success: 201,
    access: 'admin',
  },
  {
    name: 'listApiKeys',
    method: 'GET',
    path: '/api-keys',
    subject: 'rpc.order.list_api_keys',
    does: 'All API keys, newest first, without their secrets',
    query: listApiKeysQuery,
    response: ApiKeyList,
    success: 200,
    access: 'admin',
  },
  {
    name: 'revokeApiKey',
    method: 'DELETE',
    path: '/api-keys/:apiKeyId',
    subject: 'rpc.order.revoke_api_key',
    does: 'Ends an API key for ever; within ten seconds nobody accepts it',
    params: ByApiKeyId,
    response: ApiKeyView,
    success: 200,
    access: 'admin',
  },
] as const satisfies readonly RestRow[];
