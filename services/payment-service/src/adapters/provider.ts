import { inSpan } from '@oms/chassis';
import type { OperationKind } from '../domain/payment.js';
import type { ProviderEffect } from '../domain/reconciliation.js';

/** What is asked of a provider. `key` is the same for the same effect, for ever. Amount in minor units. */
export interface ProviderCall {
  kind: OperationKind;
  key: string;
  reference: string;
  amount: number;
  currency: string;
  token: string | null;
}

/** The four results of a call. `unknown` is no answer: it is asked about again under the same key, never taken for a no. */
export type ProviderResult = {
  outcome: 'succeeded' | 'declined' | 'pending' | 'unknown';
  code: string | null;
};

/** A page of the provider's own book, in the order in which the effects began. */
export interface LedgerPage {
  effects: ProviderEffect[];
  /** Where the next page begins; null after the last one. */
  next: string | null;
}

/** A payment provider. Performing and looking never throw. */
export interface Provider {
  /** An authorization without a token is declined, and stays declined under its key. */
  perform(call: ProviderCall): Promise<ProviderResult>;
  /** What became of `key`; null when the provider has never heard of it, so that asking for the effect is safe. */
  look(key: string): Promise<ProviderResult | null>;
  /** Its book from `after` on; '' is its beginning. Throws when it can not be read. */
  ledger(after: string): Promise<LedgerPage>;
}

const TIMEOUT_MS = 2_000;
const EFFECTS_A_PAGE = 500;

/** The sandbox over HTTP. Each call is a span; our trace ids stay with us. */
export class SandboxProvider implements Provider {
  private readonly url: string;
  private readonly timeoutMs: number;

  /** `timeoutMs` is the longest that an answer is waited for; silence is an unknown outcome. */
  constructor(url: string, timeoutMs = TIMEOUT_MS) {
    this.url = url;
    this.timeoutMs = timeoutMs;
  }

  perform({ kind, ...call }: ProviderCall): Promise<ProviderResult> {
    return this.asked(`provider ${kind}`, async () => {
      const response = await this.send(`/v1/${kind}`, { method: 'POST', body: JSON.stringify(call) });
      return response.ok ? ((await response.json()) as ProviderResult) : refused(response);
    });
  }

  look(key: string): Promise<ProviderResult | null> {
    return this.asked('provider look', async () => {
      const response = await this.send(`/v1/operations/${encodeURIComponent(key)}`);
      if (response.status === 404) return null;
      return response.ok ? ((await response.json()) as ProviderResult) : refused(response);
    });
  }

  async ledger(after: string): Promise<LedgerPage> {
    const response = await this.send(`/ledger?limit=${EFFECTS_A_PAGE}&after=${after}`);
    if (!response.ok) throw new Error(`the provider's ledger answers ${response.status}`);
    const { data, next } = (await response.json()) as { data: ProviderEffect[]; next: number | null };
    return { effects: data, next: next === null ? null : String(next) };
  }

  private send(path: string, request: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, { ...request, signal: AbortSignal.timeout(this.timeoutMs) });
  }

  private async asked<T>(name: string, call: () => Promise<T>): Promise<T | ProviderResult> {
    try {
      return await inSpan(name, { kind: 'CLIENT' }, call);
    } catch (error) {
      return {
        outcome: 'unknown',
        code: (error as Error).name === 'TimeoutError' ? 'provider_timeout' : 'provider_unavailable',
      };
    }
  }
}

const refused = (response: Response): ProviderResult => ({
  outcome: 'unknown',
  code: `provider_${response.status}`,
});
