/** The names of our headers on NATS; each is spelled here and nowhere else. */
export const header = {
  requestId: 'oms-request-id',
  idempotencyKey: 'oms-idempotency-key',
  idempotencyScope: 'oms-idempotency-scope',
  identity: 'oms-identity',
  ifMatch: 'oms-if-match',
  version: 'oms-version',
  replayed: 'oms-replayed',
  unchanged: 'oms-unchanged',
  errorCode: 'Nats-Service-Error-Code',
  error: 'Nats-Service-Error',
} as const;
