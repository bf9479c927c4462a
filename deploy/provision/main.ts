/**
 * The provisioner: makes what the services need of Postgres and the broker where it is missing, changes what is otherwise,
 * and ends. Services wait for it, in whatever order they are started; it may run at any time.
 */
import { provisionNats } from '../nats/provision.ts';
import { provisionPostgres } from '../postgres/provision.ts';
import { config } from './config.ts';

const settings = config.read();
try {
  await Promise.all([
    provisionPostgres(settings.databaseUrl, {
      'order-service': settings.orderService,
      'return-service': settings.returnService,
      'payment-service': settings.paymentService,
      'notification-service': settings.notificationService,
    }),
    provisionNats(settings.natsUrl, { replicas: settings.replicas, subscribers: settings.subscribers }),
  ]);
  console.log('roles, schemas, the stream and its consumers are as they should be');
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
