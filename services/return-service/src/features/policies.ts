import { query, type Command } from '@oms/chassis';
import { CreateReturnPolicy, listReturnPoliciesQuery } from '@oms/contracts';
import { addPolicy, allPolicies } from '../persistence/policy.repository.js';

/** Adds a version of the policy. What was delivered before keeps its own. Refuses `policy_version_taken`. */
export const createPolicy: Command = {
  kind: 'command',
  name: 'return.create_policy',
  access: 'admin',
  schema: CreateReturnPolicy,
  run: async (ctx, body: CreateReturnPolicy) => ({ body: await addPolicy(ctx.em, body, ctx.actor.id) }),
};

export const listPolicies = query({
  name: 'return.list_policies',
  access: 'admin',
  schema: listReturnPoliciesQuery,
  run: async (em) => ({ body: { data: await allPolicies(em) } }),
});
