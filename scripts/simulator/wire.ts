import type { Call } from './http/call.js';
import { type Headers, jsonReply, type Reply, textReply } from './http/reply.js';

/** The names by which a script addresses one provider's calls. */
export type SimulatedProvider = 'openai' | 'azure' | 'anthropic' | 'compat';

/** One row of a provider's failure table. Texts and statuses are the provider's own. */
export interface Failure {
  /** In kebab-case; `sim-<name>` as the model asks for it. */
  readonly name: string;
  readonly status: number;
  readonly reason?: string;
  headers?(call: Call): Headers;
  /** An object is sent as JSON, a text as it is. */
  body(call: Call): object | string;
}

/** One turn, its text parts joined. */
export interface AskedTurn {
  readonly role: string;
  readonly text: string;
}

/** A prompt in words that all providers have in common. */
export interface Asked {
  readonly model: string;
  readonly system: string;
  readonly turns: readonly AskedTurn[];
  /** JSON is due, by this schema where one is known; absent: plain text. */
  readonly json?: { readonly schema?: unknown } | undefined;
  /** The answer is due as a call of this tool. */
  readonly tool?: { readonly name: string; readonly forced: 'named' | 'any' | 'no' } | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly stops: readonly string[];
  readonly stream: boolean;
}

export type GeneratedStop = 'end' | 'length' | 'stop-sequence' | 'refused' | 'filtered';

/** What the stand-in answered, ready to be put into a provider's words. */
export interface Generated {
  readonly text: string;
  readonly stop: GeneratedStop;
  readonly stopSequence?: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One provider's API, as its clients meet it. */
export interface Wire {
  readonly provider: SimulatedProvider;
  readonly failures: readonly Failure[];
  /** The key as the call carries it, whichever header this provider reads. */
  keyOf(call: Call): string | undefined;
  /** The model or deployment that is asked for. */
  modelOf(call: Call): string;
  /** What the provider refuses before it looks at the prompt: the door, the key. */
  refuseCaller(call: Call): Failure | undefined;
  /** What the provider refuses in the body: parameters, schemas, lengths. */
  refuseBody(call: Call): Failure | undefined;
  asked(call: Call): Asked;
  completion(call: Call, asked: Asked, generated: Generated): Reply;
  /** `GET …/models` and `GET …/models/:id`. */
  models(call: Call): Reply;
  failed(call: Call, failure: Failure): Reply;
}

/** What a path of the simulator is for. */
export interface Route {
  readonly wire: Wire;
  readonly kind: 'completion' | 'models';
}

/** A table's row as it goes over the wire, under the headers that this provider puts on everything. */
export function failureReply(call: Call, failure: Failure, common: Headers): Reply {
  const headers = { ...common, ...failure.headers?.(call) };
  const body = failure.body(call);
  const reply =
    typeof body === 'string'
      ? textReply(failure.status, body, { 'content-type': 'text/plain', ...headers })
      : jsonReply(failure.status, body, headers);
  return { ...reply, reason: failure.reason };
}
