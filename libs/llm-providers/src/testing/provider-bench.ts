import { CallerKey, type LlmTarget } from '@app/caller-keys';
import { Egress, EgressPolicy } from '@app/egress';
import { afterAll, beforeAll } from 'vitest';

import { LlmError } from '../errors/llm.error.js';
import {
  type CompletionRequest,
  type LlmProvider,
  PLAIN_QUIRKS,
  type Quirks,
} from '../llm-provider.js';
import { connectProvider, type ProviderDefinition } from '../provider-definition.js';
import { definitionOf } from '../providers.js';
import type { RefusedCall } from '../ladder/refused-call.js';
import { startWireServer, type WireServer } from './wire-server.js';

/** Not a real key. It is long enough to be searched for in parts. */
export const KEY = 'sk-test-4f9Xq2Lm7Vb1Zr8Kd3Wn6Ty0Hc5';

export interface Bench {
  readonly server: WireServer;
  readonly provider: LlmProvider;
  readonly target: LlmTarget;
}

export type TargetAt = (baseUrl: string) => Omit<LlmTarget, 'key'>;

export const QUIRKS: Quirks = {
  ...PLAIN_QUIRKS,
  outputMode: 'json_schema',
  strictSchema: true,
  streamUsage: true,
  toolChoice: 'auto',
};

/** Changes to the default refused call, which has a shape and after which more than one call is left. */
export interface RefusedAt extends Partial<RefusedCall> {
  readonly target?: Pick<LlmTarget, 'provider' | 'model'>;
}

export const refusedCall = ({
  target = { provider: 'openai', model: 'm' },
  ...over
}: RefusedAt = {}): RefusedCall => ({
  target,
  features: definitionOf(target.provider).features,
  quirks: QUIRKS,
  shaped: true,
  streamed: false,
  maxOutputTokens: 8_192,
  promptBytes: 3_000,
  isLast: false,
  ...over,
});

export const request = (signal = AbortSignal.timeout(5_000)): CompletionRequest => ({
  system: 'Be brief.',
  turns: [{ role: 'user', content: 'Capital of France?' }],
  maxOutputTokens: 64,
  signal,
});

/** Connects a provider to its own loopback server, which is closed after the tests of the file. */
export function benchFor(definition: ProviderDefinition, targetAt: TargetAt): () => Bench {
  let bench: Bench | undefined;
  let egress: Egress | undefined;
  beforeAll(async () => {
    const server = await startWireServer();
    egress = new Egress(new EgressPolicy({ mode: 'listed', allowedHosts: ['127.0.0.1'] }));
    bench = {
      server,
      provider: connectProvider(definition, egress),
      target: { ...targetAt(server.url), key: new CallerKey(KEY) },
    };
  });
  afterAll(async () => {
    await egress?.close();
    await bench?.server.close();
  });
  return () => {
    if (!bench) throw new Error('The bench is ready only inside a test.');
    return bench;
  };
}

/** All parts of an error that a caller sees, as text. */
export const shown = (error: unknown): string =>
  error instanceof LlmError
    ? JSON.stringify([error.toFailure(), error.param, error.stack, error.cause ?? null])
    : String(error);

export async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => new Error('The call did not fail.'),
    (error: unknown) => error,
  );
}
