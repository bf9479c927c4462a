import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm start` tells its tools about the running stack (issue "A real month runs", item 2). */
export interface RunFile {
  gateway: { pid: number; url: string };
  postgres: { pid: number; url: string };
  nats: { pid: number; url: string; monitor: string; admin?: string };
  'payment-sandbox': { pid: number; url: string };
  [name: string]: { pid: number; url?: string; health?: string };
}

/** Reads `$OMS_HOME/run.json`. Throws a sentence when no stack has been started. */
export function readRunFile(home = process.env['OMS_HOME'] ?? '.oms'): RunFile {
  try {
    return JSON.parse(readFileSync(join(home, 'run.json'), 'utf8')) as RunFile;
  } catch {
    throw new Error(`no running stack found in ${home}: start one with \`npm start\``);
  }
}

/** The gateway to talk to: OMS_URL, or the local stack's own. */
export const gatewayUrl = (): string => process.env['OMS_URL'] ?? readRunFile().gateway.url;
