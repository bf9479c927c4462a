import { query } from '@oms/chassis';
import { z } from 'zod';
import { lastRuns } from '../persistence/reconciliation.repository.js';

const RUNS = 10;

export const reconciliationReport = query({
  name: 'payment.reconciliation',
  schema: z.strictObject({}),
  run: async (em) => ({ body: { data: await lastRuns(em, RUNS) } }),
});
