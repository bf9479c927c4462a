import { z } from 'zod';

/** Who asked: a person, a program, or the system itself (a saga, a timer). */
export const Actor = z.object({
  type: z.enum(['customer', 'staff', 'admin', 'service', 'system']),
  id: z.string().max(128),
});
export type Actor = z.infer<typeof Actor>;
