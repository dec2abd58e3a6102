import type { Call } from './http/call.js';
import { type Headers, jsonReply, type Reply, textReply } from './http/reply.js';

/** The names of the simulated providers, by which a script selects calls. */
export type SimulatedProvider = 'openai' | 'azure' | 'anthropic' | 'compat';

/** One row of a provider's failure table, with the text and the status that the real provider sends. */
export interface Failure {
  /** In kebab-case. A request for the model `sim-<name>` gets this failure. */
  readonly name: string;
  readonly status: number;
  readonly reason?: string;
  headers?(call: Call): Headers;
  /** An object is sent as JSON, a string is sent unchanged. */
  body(call: Call): object | string;
}

/** One turn of a prompt, with its text parts joined. */
export interface AskedTurn {
  readonly role: string;
  readonly text: string;
}

/** A prompt in a form that all providers have in common. */
export interface AskedPrompt {
  readonly model: string;
  readonly system: string;
  readonly turns: readonly AskedTurn[];
  /** JSON is requested, with a schema if the request states one. Absent: plain text. */
  readonly json?: { readonly schema?: unknown } | undefined;
  /** The answer is requested as a call of this tool. */
  readonly tool?: { readonly name: string; readonly forced: 'named' | 'any' | 'no' } | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly stops: readonly string[];
  readonly stream: boolean;
}

export type GeneratedStop = 'end' | 'length' | 'stop-sequence' | 'refused' | 'filtered';

/** An answer of the stand-in model, which each wire converts into its own form. */
export interface GeneratedAnswer {
  readonly text: string;
  readonly stop: GeneratedStop;
  readonly stopSequence?: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One provider's API as clients see it. */
export interface Wire {
  readonly provider: SimulatedProvider;
  readonly failures: readonly Failure[];
  /** The key of the call, from the header that this provider reads. */
  keyOf(call: Call): string | undefined;
  /** The requested model or deployment. */
  modelOf(call: Call): string;
  /** A refusal before the body is read: of the path, the version or the key. */
  refuseCaller(call: Call): Failure | undefined;
  /** A refusal of the body: of a parameter, a schema or a length. */
  refuseBody(call: Call): Failure | undefined;
  asked(call: Call): AskedPrompt;
  completion(call: Call, asked: AskedPrompt, generated: GeneratedAnswer): Reply;
  /** `GET …/models` and `GET …/models/:id`. */
  models(call: Call): Reply;
  /** `POST …/embeddings`; absent: the provider's path is unknown here. The product asks for none, a benchmark does. */
  embeddings?(call: Call): Reply;
  failed(call: Call, failure: Failure): Reply;
}

/** The purpose of a path of the simulator. */
export interface Route {
  readonly wire: Wire;
  readonly kind: 'completion' | 'models' | 'embeddings';
}

/** Converts a row of a failure table into a reply, with the headers that this provider sends with every answer. */
export function failureReply(call: Call, failure: Failure, common: Headers): Reply {
  const headers = { ...common, ...failure.headers?.(call) };
  const body = failure.body(call);
  const reply =
    typeof body === 'string'
      ? textReply(failure.status, body, { 'content-type': 'text/plain', ...headers })
      : jsonReply(failure.status, body, headers);
  return { ...reply, reason: failure.reason };
}
