import type { LlmTarget, ProviderName } from '@app/caller-keys';

/** What was found good: the key, and where the provider tells without generating, the model with it. */
export type Verified = 'key' | 'model';

/** How the answer's shape is asked for. The ladder goes down this list, driven by the provider's own refusals. */
export const OUTPUT_MODES = ['json_schema', 'json_object', 'tool', 'prompt'] as const;
export type OutputMode = (typeof OUTPUT_MODES)[number];

/**
 * Why generation ended. `refused`: by the model; `filtered`: by the provider's content filter; `failed`: the host broke it
 * off; `other`: for a reason that nobody knows, or for none.
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

/** One prompt, in the words that every provider has. */
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
  /** What each tool call is called with, as JSON text. */
  readonly toolCalls: readonly string[];
  /** What a host sends beside the answer as the thoughts of the model. */
  readonly thoughts: string;
  readonly stop: StopReason;
  readonly usage: Usage;
}

/** What a call may have to leave out or say otherwise for one host and model; learned from its own refusals. */
export interface Quirks {
  readonly outputMode: OutputMode;
  /** `strict` beside a schema. */
  readonly strictSchema: boolean;
  /** OpenAI's two names for one limit. */
  readonly tokenLimit: 'max_completion_tokens' | 'max_tokens';
  /** The shape stands in the prompt as well: for hosts that pass over a schema in silence. */
  readonly tellsShape: boolean;
  /** `stream_options`: a stream says what it cost only where it is asked to. */
  readonly streamUsage: boolean;
  /** False: `stream` is not named, and a text comes in one piece. */
  readonly streams: boolean;
  /** The host answers as a stream and not otherwise: what is asked for in one piece is collected from one. */
  readonly mustStream?: boolean | undefined;
  /** The role of the turn that holds the instructions; `user`: they stand at the head of the first user turn. */
  readonly instructionRole: 'system' | 'developer' | 'user';
  readonly toolChoice: 'forced' | 'auto' | 'unsaid';
  /** `parallel_tool_calls: false`. Anthropic's own parameter for it belongs to its `tool_choice`. */
  readonly parallelTools: 'off' | 'unsaid';
  /** Tokens beyond those that a call asks for: a model that thinks spends them before it writes. */
  readonly extraOutputTokens: number;
  /** The chat template of the host writes the opening of a block of thoughts, and only its end stands in the answer. */
  readonly opensInThought?: boolean | undefined;
  /** The most tokens that the host lets an answer have. */
  readonly mostOutputTokens?: number | undefined;
  /** The most tokens that prompt and answer may have together. */
  readonly contextTokens?: number | undefined;
}

/**
 * One vendor's API. An adapter calls once: it does not retry, log, read the environment or open a connection of its own.
 * @throws LlmError, always: whatever an SDK throws is classified and scrubbed of the target's key.
 */
export interface LlmProvider {
  readonly name: ProviderName;
  complete(request: CompletionRequest, target: LlmTarget, quirks: Quirks): Promise<Completion>;
  /** Yields text as it arrives; returns the whole. A stream that breaks off before its answer has ended is an error. */
  stream(
    request: CompletionRequest,
    target: LlmTarget,
    quirks: Quirks,
  ): AsyncGenerator<string, Completion>;
  /** Asks the provider whether key and model are good, without spending tokens where it allows that. */
  verify(target: LlmTarget, signal: AbortSignal): Promise<Verified>;
}
