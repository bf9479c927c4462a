import { UniqueConstraintViolationException } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Refused } from '@oms/chassis';
import { ReturnPolicyRules, type CreateReturnPolicy, type ReturnPolicyView } from '@oms/contracts';
import { standardPolicy, type ReturnPolicy } from '../domain/policy.js';

/** The version that an order gets when it is delivered now. */
export const IN_FORCE = `(select version from returns.policy order by id desc limit 1)`;

interface PolicyRow {
  version: string;
  rules: Partial<ReturnPolicy>;
  note: string | null;
  created_by: string;
  created_at: Date;
}

/** A version never changes, so a process reads it once; there are as many as there were decisions. */
const known = new Map<string, ReturnPolicy>();

/** The policy of a version, or for null the one in force. What an old version does not know yet is as in the standard one. */
export async function policyOf(em: EntityManager, version: string | null): Promise<ReturnPolicy> {
  const before = version === null ? undefined : known.get(version);
  if (before) return before;
  const [row] = await em.execute<PolicyRow[]>(
    `select version, rules from returns.policy where version = coalesce(?, ${IN_FORCE})`,
    [version],
  );
  if (!row) throw new Error(`no policy of the version ${version}`);
  const policy = { ...standardPolicy, ...row.rules, version: row.version };
  known.set(row.version, policy);
  return policy;
}

/** Adds a version, which is in force from now on. Refuses `policy_version_taken`. */
export async function addPolicy(
  em: EntityManager,
  policy: CreateReturnPolicy,
  by: string,
): Promise<ReturnPolicyView> {
  const [row] = await em
    .execute<PolicyRow[]>(
      `insert into returns.policy (version, rules, note, created_by) values (?, ?::jsonb, ?, ?)
       returning version, rules, note, created_by, created_at`,
      [policy.version, JSON.stringify(policy.rules), policy.note ?? null, by],
    )
    .catch((error: unknown) => {
      throw error instanceof UniqueConstraintViolationException ? new Refused('policy_version_taken') : error;
    });
  if (!row) throw new Error('an insert returned no row');
  return viewOf(row, true);
}

/** Every version, the one in force first. */
export async function allPolicies(em: EntityManager): Promise<ReturnPolicyView[]> {
  const rows = await em.execute<PolicyRow[]>(
    `select version, rules, note, created_by, created_at from returns.policy order by id desc`,
  );
  return rows.map((row, index) => viewOf(row, index === 0));
}

const SHOP_RULES = new Set(Object.keys(ReturnPolicyRules.shape));

/** Without what a policy leaves to us: what is shown can be changed and posted as the next version. */
const shopRules = (rules: object) =>
  Object.fromEntries(Object.entries(rules).filter(([name]) => SHOP_RULES.has(name)));

const viewOf = (row: PolicyRow, inForce: boolean): ReturnPolicyView => ({
  version: row.version,
  note: row.note,
  inForce,
  createdAt: new Date(row.created_at).toISOString(),
  createdBy: row.created_by,
  rules: shopRules(row.rules),
});
