import { describe, expect, it } from '@jest/globals';
import { toFailure } from '../src/errors.js';
import { createLog } from '../src/log.js';

const log = createLog('test', 'silent');
const thrown = (code: string, message = 'no') =>
  toFailure(Object.assign(new Error(message), { code }), log).code;

describe('what Postgres says, as an answer', () => {
  it.each(['40001', '40P01', '23505'])('%s lost against a neighbour, who changed it', (state) => {
    expect(thrown(state)).toBe('write_conflict');
  });
  it.each(['57P01', '08006', '53300', '25P03', '55P03', 'ECONNREFUSED'])(
    '%s changed nothing and may be sent again: the database, or whoever holds the row, is away',
    (state) => {
      expect(thrown(state)).toBe('service_unavailable');
    },
  );
  it('a lock that is not given in time is no conflict, whatever its text', () => {
    expect(thrown('55P03', 'canceling statement due to lock timeout')).toBe('service_unavailable');
  });
  it('anything else is a bug, and nothing of its text leaves', () => {
    const failure = toFailure(new Error('select secret from hidden'), log);
    expect(failure.code).toBe('internal_error');
    expect(JSON.stringify(failure)).not.toContain('secret');
  });
});
