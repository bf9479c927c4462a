import type { z } from 'zod';
import type { Access } from '../actor.js';

/** One call of the public API: everything the gateway, the OpenAPI document and a client need to know of it. */
export interface RestRow {
  name: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below /api/v1; parameters in Express' notation. */
  path: string;
  /** The service's RPC subject; it gets path, query and body as one JSON object. */
  subject: string;
  /** One sentence for the reference. */
  does: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  response: z.ZodType;
  /** The answer is a line of JSON for each thing, written as it is read. */
  streams?: true;
  success: 200 | 201;
  /** Where the created thing is found; its parameter is the answer's id. */
  location?: string;
  /** The call creates something or moves money: a key is needed, unless the operator switches that off. */
  idempotencyKey?: true;
  /** The least a caller has to be; a customer only on its own things. Enforced again by the service. */
  access: Access;
}
