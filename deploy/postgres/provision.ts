import pg from 'pg';

/** Each service's schema and the role that owns it; a role sees nothing of the others. */
export const serviceRoles = {
  'order-service': { role: 'order_service', schema: 'orders' },
  'return-service': { role: 'return_service', schema: 'returns' },
  'payment-service': { role: 'payment_service', schema: 'payments' },
  'notification-service': { role: 'notification_service', schema: 'notifications' },
} as const;

export type ServiceWithSchema = keyof typeof serviceRoles;
const services = Object.keys(serviceRoles) as ServiceWithSchema[];

/** A connection may be lost between two statements. Where nobody listens, that ends the process. */
export const saidByTheNextStatement = (): void => {};

/**
 * Creates roles and schemas that are missing, and gives a role its new password where it can not sign in with it: safe to
 * run at any time, and how a password is changed. One password for all will do on a laptop.
 */
export async function provisionPostgres(
  adminUrl: string,
  passwords: string | Readonly<Record<ServiceWithSchema, string>>,
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', saidByTheNextStatement);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(7299)');
    for (const service of services) {
      const { role, schema } = serviceRoles[service];
      const password = typeof passwords === 'string' ? passwords : passwords[service];
      const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
      if (rowCount === 0)
        await client.query(`create role "${role}" login password ${client.escapeLiteral(password)}`);
      else if (!(await signsIn(serviceUrl(adminUrl, service, password))))
        await client.query(`alter role "${role}" login password ${client.escapeLiteral(password)}`);
      await client.query(`create schema if not exists "${schema}" authorization "${role}"`);
      await client.query(`alter role "${role}" set search_path = "${schema}"`);
    }
    await client.query('revoke create on schema public from public');
  } finally {
    await client.end();
  }
}

const WRONG_PASSWORD = '28P01';

async function signsIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', saidByTheNextStatement);
  try {
    await client.connect();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === WRONG_PASSWORD) return false;
    throw error;
  } finally {
    await client.end().catch(() => {});
  }
}

/** The same database, as a service's own role. */
export function serviceUrl(adminUrl: string, service: ServiceWithSchema, password: string): string {
  const url = new URL(adminUrl);
  url.username = serviceRoles[service].role;
  url.password = password;
  return url.href;
}
