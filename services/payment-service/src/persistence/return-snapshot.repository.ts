import type { EntityManager } from '@mikro-orm/postgresql';

/** What a return is owed in all, as its processing fixed it. */
interface KnownReturn {
  id: string;
  orderId: string;
  amount: number;
}

/** Remembers what a return is owed; it is fixed once. */
export async function knowReturn(em: EntityManager, { id, orderId, amount }: KnownReturn): Promise<void> {
  await em.execute(
    `insert into payments.return_snapshot (id, order_id, amount) values (?, ?, ?) on conflict (id) do nothing`,
    [id, orderId, amount],
  );
}

/** The customer has all of it, by whatever way: nothing more is owed in the return's name. */
export async function settleReturn(
  em: EntityManager,
  { id, orderId }: Omit<KnownReturn, 'amount'>,
): Promise<void> {
  await em.execute(
    `insert into payments.return_snapshot (id, order_id, amount) values (?, ?, 0) on conflict (id) do update set amount = 0`,
    [id, orderId],
  );
}

/** What a return is owed by an order's payments in all, given already or not; null while that is not known here. */
export async function owedInAll(
  em: EntityManager,
  orderId: string,
  returnId: string,
): Promise<number | null> {
  const [row] = await em.execute<{ order_id: string; amount: string }[]>(
    `select order_id, amount from payments.return_snapshot where id = ?`,
    [returnId],
  );
  if (!row) return null;
  return row.order_id === orderId ? Number(row.amount) : 0;
}
