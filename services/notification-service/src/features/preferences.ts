import { ownOnly, query, Refused, type Command, type Ctx } from '@oms/chassis';
import { ByCustomerId, Unsubscribe, UpdatePreferences } from '@oms/contracts';
import { addressSubject, customerSubject } from '../persistence/message.repository.js';

export const getPreferences = query({
  name: 'notification.preferences',
  access: 'customer',
  schema: ByCustomerId,
  run: async (em, { customerId }, caller) => {
    ownOnly(caller, customerId);
    const rows = await em.execute<object[]>(`select 1 from notifications.opt_out where subject = ?`, [
      customerSubject(customerId),
    ]);
    return { body: { customerId, optionalMessages: rows.length === 0 } };
  },
});

const optOut = (ctx: Ctx, subject: string) =>
  ctx.em.execute(
    `insert into notifications.opt_out (subject, created_at) values (?, ?) on conflict (subject) do nothing`,
    [subject, ctx.now],
  );

export const updatePreferences: Command = {
  kind: 'command',
  name: 'notification.update_preferences',
  access: 'customer',
  schema: UpdatePreferences,
  async run(ctx, { customerId, optionalMessages }: UpdatePreferences) {
    ownOnly(ctx.actor, customerId);
    const subject = customerSubject(customerId);
    if (optionalMessages)
      await ctx.em.execute(`delete from notifications.opt_out where subject = ?`, [subject]);
    else await optOut(ctx, subject);
    return { body: { customerId, optionalMessages } };
  },
};

/** The link in a mail: who has the mail speaks for its customer, or, for a guest, for its address. */
export const unsubscribe: Command = {
  kind: 'command',
  name: 'notification.unsubscribe',
  access: 'staff',
  schema: Unsubscribe,
  async run(ctx, { token }: Unsubscribe) {
    const [message] = await ctx.em.execute<{ customer_id: string | null; recipient: string | null }[]>(
      `select customer_id, recipient from notifications.message where unsubscribe_token = ?`,
      [token],
    );
    if (!message) throw new Refused('not_found');
    const subject = message.customer_id
      ? customerSubject(message.customer_id)
      : addressSubject(message.recipient ?? '');
    await optOut(ctx, subject);
    return { body: {} };
  },
};
