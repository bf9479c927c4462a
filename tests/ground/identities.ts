import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceNames, type ServiceName } from '@oms/contracts';
import { developmentKeys, publicKeys } from '../../deploy/local/src/keys.ts';

/** The keys that a service's process needs to know others and to be known, fresh for a test. */
export function identityEnvironment(service: ServiceName): Record<string, string> {
  const keys = developmentKeys(mkdtempSync(join(tmpdir(), 'oms-keys-')), ['gateway', ...serviceNames]);
  return {
    IDENTITY_KEYS: publicKeys(keys),
    IDENTITY_KEY: JSON.stringify(keys.identity[service]),
    CURSOR_KEY: keys.cursor,
  };
}
