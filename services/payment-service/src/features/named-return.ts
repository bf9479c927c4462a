import { Refused, type Runtime } from '@oms/chassis';
import type { ReturnView } from '@oms/contracts';

const FRESH_TIMEOUT_MS = 1_500;

/**
 * Money given in a return's name is shown to its customer, and counts against what the return is owed: it must be a return of the
 * payment's own order. One that is not processed yet is not known here and is asked of its owner, outside any transaction.
 */
export async function checkReturn(
  runtime: Runtime,
  { paymentId, returnId }: { paymentId: string; returnId?: string | undefined },
): Promise<void> {
  if (returnId === undefined) return;
  const [payment] = await runtime.uow
    .reader()
    .execute<{ order_id: string; order_of_return: string | null }[]>(
      `select p.order_id, r.order_id as order_of_return
       from payments.payment p left join payments.return_snapshot r on r.id = ? where p.id = ?`,
      [returnId, paymentId],
    );
  if (!payment) return;
  const orderId = payment.order_of_return ?? (await askedOrder(runtime, returnId));
  if (orderId !== payment.order_id)
    throw new Refused('unknown_return', undefined, {
      errors: [{ path: 'returnId', message: 'is no return of the order of this payment' }],
    });
}

/** Whose order's it is, as its owner knows it; null when there is none. An owner that is away is no answer. */
async function askedOrder(runtime: Runtime, returnId: string): Promise<string | null> {
  const reply = await runtime.ask('rpc.return.get', { returnId }, FRESH_TIMEOUT_MS).catch(() => {
    throw new Refused('service_unavailable', 'the return can not be asked right now');
  });
  const failed = reply.headers?.get('Nats-Service-Error-Code');
  if (!failed) return reply.json<ReturnView>().orderId;
  if (failed === 'not_found') return null;
  throw new Refused('service_unavailable', 'the return can not be asked right now');
}
