import type { Runtime } from '@oms/chassis';
import type { CreateReturn } from '@oms/contracts';

const WAIT_MS = 2_000;
const POLL_MS = 25;

/**
 * A customer may ask for a return in the moment after the delivery, before its event has reached us. What is known does not
 * allow it yet, so the events are waited for, outside any transaction, before the rules have their say.
 */
export async function awaitDelivery(runtime: Runtime, body: unknown): Promise<void> {
  const asked = body as Partial<CreateReturn> | null;
  if (typeof asked?.orderId !== 'string' || !Array.isArray(asked.items)) return;
  const wanted = JSON.stringify(
    asked.items.map((item) => ({ id: String(item?.orderItemId), q: Number(item?.quantity) || 0 })),
  );
  for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline;) {
    const [row] = await runtime.uow.reader().execute<{ missing: string }[]>(
      `select count(*) as missing from json_to_recordset(?::json) w(id text, q numeric)
         left join returns.order_line_snapshot s on s.id = w.id and s.order_id = ? where s.id is null or s.delivered_at is null`,
      [wanted, asked.orderId],
    );
    if (Number(row?.missing ?? 0) === 0) return;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
}
