import type { LlmTarget, ProviderName } from '@app/caller-keys';

/** The confirmed part of a target. `key`: the key alone. `model`: the key and the model. */
export type VerifiedPart = 'key' | 'model';

/** How the answer's shape is requested. After the provider refuses one mode, `ladder/ladder.ts` tries a later one. */
export const OUTPUT_MODES = ['json_schema', 'json_object', 'tool', 'prompt'] as const;
export type OutputMode = (typeof OUTPUT_MODES)[number];

/**
 * Why generation ended. `refused`: by the model; `filtered`: by the provider's content filter; `failed`: the host aborted
 * it; `other`: an unknown reason, or none.
 */
export type StopReason = 'end' | 'length' | 'refused' | 'filtered' | 'failed' | 'other';

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface PromptTurn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface JsonShape {
  /** A name the provider shows its model: letters, digits and underscores. */
  readonly name: string;
  /** JSON Schema in the strict subset: every object closed, every key required. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One prompt, in terms that every provider supports. */
export interface CompletionRequest {
  readonly system: string;
  readonly turns: readonly PromptTurn[];
  /** Absent: plain text. */
  readonly shape?: JsonShape | undefined;
  readonly maxOutputTokens: number;
  readonly signal: AbortSignal;
}

/** One generated answer. */
export interface Completion {
  readonly text: string;
  /** The arguments of each tool call, as JSON text. */
  readonly toolCalls: readonly string[];
  /** The thoughts of the model that a host sends beside the text. */
  readonly thoughts: string;
  readonly stop: StopReason;
  readonly usage: Usage;
}

/** How calls to one host and model are made: defaults of the provider, and changes learned from the host's own answers. */
export interface Quirks {
  readonly outputMode: OutputMode;
  /** Whether `strict` is sent with a schema. */
  readonly strictSchema: boolean;
  /** OpenAI's two names for one limit. */
  readonly tokenLimit: 'max_completion_tokens' | 'max_tokens';
  /** The shape is also described in the prompt, for hosts that silently ignore a schema. */
  readonly tellsShape: boolean;
  /** Whether `stream_options` is sent: OpenAI's streams report their usage only on request. */
  readonly streamUsage: boolean;
  /** False: `stream` is not sent, and a text comes in one piece. */
  readonly streams: boolean;
  /** The host answers only as a stream: the client calls `stream` in place of `complete`, and collects the answer. */
  readonly mustStream?: boolean | undefined;
  /** The role of the turn that holds the instructions; `user`: they begin the first user turn. */
  readonly instructionRole: 'system' | 'developer' | 'user';
  readonly toolChoice: 'forced' | 'auto' | 'unset';
  /** `off`: `parallel_tool_calls: false` is sent. Not for Anthropic, whose own setting is part of `tool_choice`. */
  readonly parallelTools: 'off' | 'unset';
  /** Tokens in addition to the requested ones: a reasoning model spends them before it writes. */
  readonly extraOutputTokens: number;
  /** The host's chat template writes the opening tag of the thoughts, so the answer holds only their closing tag. */
  readonly opensInThought?: boolean | undefined;
  /** The most tokens that the host allows for an answer. */
  readonly mostOutputTokens?: number | undefined;
  /** The most tokens that prompt and answer may have together. */
  readonly contextTokens?: number | undefined;
}

/** The plainest request, which every server accepts. */
export const PLAIN_QUIRKS: Quirks = {
  outputMode: 'prompt',
  strictSchema: false,
  tokenLimit: 'max_tokens',
  tellsShape: false,
  streamUsage: false,
  streams: true,
  instructionRole: 'system',
  toolChoice: 'unset',
  parallelTools: 'unset',
  extraOutputTokens: 0,
};

/**
 * One vendor's API. `complete` and `stream` make one HTTP call. An adapter does not retry, log, read the environment or open a
 * connection of its own.
 * @throws LlmError for every failure of the call, classified and scrubbed of the target's key; AppError if egress refuses
 * the address; the signal's own reason if the caller aborts.
 */
export interface LlmProvider {
  readonly name: ProviderName;
  complete(request: CompletionRequest, target: LlmTarget, quirks: Quirks): Promise<Completion>;
  /** Yields text as it arrives; returns the completion. A stream that ends before its answer is complete is an error. */
  stream(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): AsyncGenerator<string, Completion>;
  /** Asks the provider whether key and model are valid, without spending tokens if it allows that. */
  verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart>;
}
