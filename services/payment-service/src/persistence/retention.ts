import type { OwnRetention } from '@oms/chassis';

/**
 * What the provider told by itself is needed as long as it may tell it again: that it was followed once does not rest on its
 * row alone, but a repetition would be taken for news. Of the reconciler's runs the last finished one always stays, it is
 * what the gauges and the reports tell; a run that is under way is younger than any limit.
 */
export const paymentRetention = (keepDays: number): readonly OwnRetention[] => [
  {
    table: 'provider_webhook',
    keepDays,
    over: (before) =>
      `select id from payments.provider_webhook where received_at < ${before} order by received_at`,
  },
  {
    table: 'reconciliation',
    keepDays,
    over: (before) =>
      `select id from payments.reconciliation where started_at < ${before}
          and id < (select max(id) from payments.reconciliation where finished_at is not null) order by id`,
  },
];
