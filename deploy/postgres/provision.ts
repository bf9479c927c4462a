import pg from 'pg';

/** Each service's schema and the role that owns it; a role sees nothing of the others. */
export const serviceRoles = {
  'order-service': { role: 'order_service', schema: 'orders' },
  'return-service': { role: 'return_service', schema: 'returns' },
  'payment-service': { role: 'payment_service', schema: 'payments' },
  'notification-service': { role: 'notification_service', schema: 'notifications' },
} as const;

/** Creates roles and schemas that are missing. Safe to run at any time. `password` is the same for all on a laptop. */
export async function provisionPostgres(adminUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(7299)');
    for (const { role, schema } of Object.values(serviceRoles)) {
      const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
      if (rowCount === 0)
        await client.query(`create role "${role}" login password ${client.escapeLiteral(password)}`);
      await client.query(`create schema if not exists "${schema}" authorization "${role}"`);
      await client.query(`alter role "${role}" set search_path = "${schema}"`);
    }
    await client.query('revoke create on schema public from public');
  } finally {
    await client.end();
  }
}

/** The same database, as a service's own role. */
export function serviceUrl(adminUrl: string, service: keyof typeof serviceRoles, password: string): string {
  const url = new URL(adminUrl);
  url.username = serviceRoles[service].role;
  url.password = password;
  return url.href;
}
