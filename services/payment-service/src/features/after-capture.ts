import type { Ctx } from '@oms/chassis';
import { takeAwaiting } from '../persistence/awaits-capture.repository.js';
import { costOf, lockPaymentsOf } from '../persistence/payment.repository.js';
import { refundRequested } from './follow-returns.js';
import { giveBackForCancelled } from './give-back.js';

/**
 * The provider said whether it took, or let go: what waited to go back is looked at again, and goes, waits on, or is refused.
 * In the transaction of the answer, so that nothing is ever left waiting for one that was given. The order's payments must be
 * locked.
 */
export async function afterCapture(ctx: Ctx, orderId: string): Promise<void> {
  for (const { wantedFor, request } of await takeAwaiting(ctx.em, orderId)) {
    if (wantedFor === 'return') await refundRequested(ctx, request);
    else {
      const payments = await lockPaymentsOf(ctx.em, orderId);
      await giveBackForCancelled(ctx, payments, { ...request, total: await costOf(ctx.em, orderId) });
    }
  }
}
