import { mutation } from '@oms/chassis';
import { UpdateReturn } from '@oms/contracts';
import { viewFor } from '../domain/return.view.js';
import { returnAggregate } from '../persistence/return.aggregate.js';

/** PATCH: return address, tracking, note, metadata; a field left out stays. */
export const updateReturn = mutation({
  name: 'return.update',
  access: 'customer',
  schema: UpdateReturn,
  aggregate: returnAggregate,
  id: (body) => body.returnId,
  emits: 'return.updated',
  change: async (_, { returnId: __, ...fields }, state) => {
    for (const [name, value] of Object.entries(fields))
      if (value !== undefined) Object.assign(state, { [name]: value });
  },
  view: ({ actor }, state) => viewFor(actor, state),
});
