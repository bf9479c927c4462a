import type { OperationKind } from '../domain/payment.js';

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

/** A payment provider. Neither method throws. */
export interface Provider {
  perform(call: ProviderCall): Promise<ProviderResult>;
  /** What became of `key`; null when the provider has never heard of it, so that asking for the effect is safe. */
  look(key: string): Promise<ProviderResult | null>;
}

const TIMEOUT_MS = 2_000;

/** The sandbox over HTTP. */
export class SandboxProvider implements Provider {
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async perform({ kind, ...call }: ProviderCall): Promise<ProviderResult> {
    try {
      const response = await fetch(`${this.url}/v1/${kind}`, {
        method: 'POST',
        body: JSON.stringify(call),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.ok) return (await response.json()) as ProviderResult;
      return { outcome: 'unknown', code: `provider_${response.status}` };
    } catch (error) {
      return {
        outcome: 'unknown',
        code: (error as Error).name === 'TimeoutError' ? 'provider_timeout' : 'provider_unavailable',
      };
    }
  }

  async look(key: string): Promise<ProviderResult | null> {
    try {
      const response = await fetch(`${this.url}/v1/operations/${encodeURIComponent(key)}`, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (response.status === 404) return null;
      return response.ok
        ? ((await response.json()) as ProviderResult)
        : { outcome: 'unknown', code: `provider_${response.status}` };
    } catch {
      return { outcome: 'unknown', code: 'provider_unavailable' };
    }
  }
}
