import type { Patch } from './patch.ts';

/** A release after this one, as docs/schema-life.md allows it: one more migration in every schema, and events that say one thing more. */
export const nextRelease: readonly Patch[] = [
  {
    file: 'chassis/dist/tables.js',
    find: `step('ChassisStreamSeen', [`,
    replace: `step('NextRelease', [
            \`alter table "\${schema}".outbox add column next_release text not null default 'new'\`,
            \`alter table "\${schema}".saga add column next_release text\`,
            \`create table "\${schema}".next_release (id bigint generated always as identity primary key)\`,
        ]),
        step('ChassisStreamSeen', [`,
  },
  {
    file: 'chassis/dist/transit.js',
    find: '            payload,\n',
    replace: '            payload: { ...payload, toldByNextRelease: true },\n',
  },
];
