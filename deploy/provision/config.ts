import { brokerRows, defineConfig, row } from '@oms/chassis/edge';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { SubscriberEntry } from '../nats/subscribers.ts';

const password = (service: string) =>
  row({
    env: `${service.toUpperCase().replaceAll('-', '_')}_PASSWORD`,
    parse: z.string().min(12),
    describes: `password of ${service}'s role; the role gets it when it is another one`,
    secret: true,
  });
const { natsUrl, natsSeed, natsCaFile, natsCertFile, natsKeyFile } = brokerRows;

/** Everything an operator may set for the provisioner. */
export const config = defineConfig('provisioner', {
  databaseUrl: row({
    env: 'DATABASE_URL',
    parse: z.string().min(1),
    describes: 'Postgres, as one who may create roles and schemas',
    secret: true,
  }),
  orderService: password('order-service'),
  returnService: password('return-service'),
  paymentService: password('payment-service'),
  notificationService: password('notification-service'),
  natsUrl,
  natsSeed: { ...natsSeed, describes: "nkey seed of the stream's account, or the path of a file with it" },
  natsCaFile,
  natsCertFile,
  natsKeyFile,
  replicas: row({
    env: 'NATS_REPLICAS',
    parse: z.coerce.number().int().min(1).max(5),
    default: '3',
    describes: 'servers that store each event; 1 where there is one server',
  }),
  subscribers: row<readonly SubscriberEntry[]>({
    env: 'SUBSCRIBERS_FILE',
    parse: z
      .string()
      .transform((path) =>
        path === '' ? [] : (JSON.parse(readFileSync(path, 'utf8')) as SubscriberEntry[]),
      ),
    default: '',
    describes: 'who else reads events, as `npm run subscriber` keeps them (JSON); each gets its consumer',
  }),
});
