import { startStack } from './stack.ts';

const home = process.env['OMS_HOME'] ?? '.oms';
const httpPort = Number(process.env['OMS_HTTP_PORT'] ?? '3000');
const startedAt = Date.now();

try {
  const stack = await startStack({ home, httpPort });
  const { gateway } = stack.run;
  console.log(`
OMS is ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.   API ${gateway.url}/api/v1   logs ${home}/logs   (Ctrl-C stops everything)

  npm run demo            one order and its partial return, step by step
  npm run import -- FILE  a ledger of orders and returns, compared to the penny
  TOKEN=$(npm run --silent token -- --role staff)
  curl ${gateway.url}/api/v1/orders -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -H 'idempotency-key: first-order' -d '{
    "email": "jane@example.com", "currency": "GBP",
    "items": [{ "sku": "85123A", "name": "White hanging heart", "quantity": 6, "unitPrice": 255 }],
    "shippingAddress": { "name": "Jane Roe", "line1": "1 High Street", "city": "Leeds", "postalCode": "LS1 1AA", "country": "GB" },
    "payment": { "method": "card", "token": "tok_visa" } }'
`);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    console.log('stopping');
    void stack.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  console.error((error as Error).constructor.name === 'Sentence' ? (error as Error).message : error);
  process.exit(1);
}
