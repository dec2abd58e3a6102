import { LlmError } from './llm.error.js';
import type { CompletionRequest, Quirks } from './llm-provider.js';

/** A host that lets an answer have less is of no use here: its refusal is told. */
export const MIN_OUTPUT_TOKENS = 256;
/** The most that a model which thinks is given. The bounds on an answer's bytes follow from it. */
export const MAX_OUTPUT_TOKENS = 32_768;

const MORE_FOR_TEXT = 2;
const MORE_FOR_THOUGHTS = 4;
const MIN_FOR_THOUGHTS = 8_192;
/** Text has about four bytes a token, and in most scripts three at least. */
const PROMPT_BYTES_PER_TOKEN = 3;

/** The limit that a call names: what was asked for, with room for thoughts, within what the host lets an answer have. */
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

/** An answer that was cut off, and the limit at which it was. */
export interface CutAnswer {
  readonly text: string;
  readonly toolCalls?: readonly string[] | undefined;
  readonly usage: { readonly outputTokens: number };
  readonly maxOutputTokens: number;
}

/** Tokens beyond those that were asked for, with which a cut answer is asked for again. */
export function moreTokensFor(cut: CutAnswer, askedTokens: number): number {
  const { maxOutputTokens: used } = cut;
  const more = wasSpentOnThoughts(cut)
    ? Math.max(used * MORE_FOR_THOUGHTS, used + MIN_FOR_THOUGHTS)
    : used * MORE_FOR_TEXT;
  return Math.min(more, Math.max(used, MAX_OUTPUT_TOKENS)) - askedTokens;
}

/** Whether a second call was refused for the limit that it raised: then the first answer is what there is. */
export const refusesMoreTokens = (error: unknown): boolean =>
  error instanceof LlmError &&
  (error.code === 'llm_rejected_request' || error.code === 'llm_context_length_exceeded');

/** A token is one byte of text at least: where there is less text, the model has spent its tokens on thoughts. */
export function wasSpentOnThoughts({
  text,
  toolCalls = [],
  usage,
}: Pick<CutAnswer, 'text' | 'toolCalls' | 'usage'>): boolean {
  const written = [text, ...toolCalls].join('').trim();
  if (written === '' || Buffer.byteLength(written, 'utf8') < usage.outputTokens) return true;
  return /^<think(?:ing)?>/i.test(written) && !/<\/think(?:ing)?>/i.test(written);
}
