import { LlmError } from '../errors/llm.error.js';
import type { CompletionRequest, Quirks } from '../llm-provider.js';

/** If a host allows fewer tokens than this, no smaller call is tried and its refusal is thrown. */
export const MIN_OUTPUT_TOKENS = 256;
/** Upper bound when a limit is raised, for thoughts or after a cut answer. A caller that asked for more keeps its own limit. */
const MAX_OUTPUT_TOKENS = 32_768;

const MORE_FOR_TEXT = 2;
const MORE_FOR_THOUGHTS = 4;
const MIN_FOR_THOUGHTS = 8_192;
/** A token has about four bytes of text, and in most scripts at least three. */
const PROMPT_BYTES_PER_TOKEN = 3;

/** The limit that a call sends: the requested tokens and the extra ones for thoughts, within the limits of the host. */
export function outputTokensFor(
  request: Pick<CompletionRequest, 'system' | 'turns' | 'shape' | 'maxOutputTokens'>,
  { extraOutputTokens, mostOutputTokens, contextTokens }: Quirks,
): number {
  const { maxOutputTokens: asked } = request;
  const wanted = Math.min(asked + extraOutputTokens, Math.max(asked, MAX_OUTPUT_TOKENS));
  const allowed = Math.min(wanted, mostOutputTokens ?? wanted);
  if (contextTokens === undefined) return allowed;
  const room = contextTokens - Math.ceil(promptBytesOf(request) / PROMPT_BYTES_PER_TOKEN);
  return Math.min(allowed, Math.max(room, MIN_OUTPUT_TOKENS));
}

export function promptBytesOf({
  system,
  turns,
  shape,
}: Pick<CompletionRequest, 'system' | 'turns' | 'shape'>): number {
  const texts = [system, ...turns.map(({ content }) => content), JSON.stringify(shape ?? '')];
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text, 'utf8'), 0);
}

/** An answer that was cut off, and the limit that cut it. */
interface CutAnswer {
  readonly text: string;
  readonly toolCalls?: readonly string[] | undefined;
  readonly usage: { readonly outputTokens: number };
  readonly maxOutputTokens: number;
}

/** Tokens to add to the requested ones when a cut answer is requested again. */
export function moreTokensFor(cut: CutAnswer, askedTokens: number): number {
  const { maxOutputTokens: used } = cut;
  const more = wasSpentOnThoughts(cut)
    ? Math.max(used * MORE_FOR_THOUGHTS, used + MIN_FOR_THOUGHTS)
    : used * MORE_FOR_TEXT;
  return Math.min(more, Math.max(used, MAX_OUTPUT_TOKENS)) - askedTokens;
}

/** Whether a second call was refused because of its raised limit. The caller then falls back to the first, cut answer. */
export const refusesMoreTokens = (error: unknown): boolean =>
  error instanceof LlmError &&
  (error.code === 'llm_rejected_request' || error.code === 'llm_context_length_exceeded');

/**
 * Whether a model spent its tokens on thoughts: it wrote nothing, fewer bytes than tokens (a token is at least one byte of text),
 * or only the beginning of a thought.
 */
export function wasSpentOnThoughts({
  text,
  toolCalls = [],
  usage,
}: Pick<CutAnswer, 'text' | 'toolCalls' | 'usage'>): boolean {
  const written = [text, ...toolCalls].join('').trim();
  if (written === '' || Buffer.byteLength(written, 'utf8') < usage.outputTokens) return true;
  return /^<think(?:ing)?>/i.test(written) && !/<\/think(?:ing)?>/i.test(written);
}
