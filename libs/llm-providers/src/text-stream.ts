import type { LlmTarget } from '@app/caller-keys';

import { withoutFrame } from './answers/answer-frame.js';
import { CollectedAnswer } from './answers/collected-answer.js';
import { opensInThought, ThoughtFilter, withoutThoughts } from './answers/thoughts.js';
import { scrubberFor } from './boundary/scrub.js';
import { emptyAnswerError, requireWhole } from './errors/to-llm-error.js';
import { callWithLadder } from './ladder/call-with-ladder.js';
import { GenerationState } from './ladder/generation-state.js';
import {
  moreTokensFor,
  outputTokensFor,
  refusesMoreTokens,
  wasSpentOnThoughts,
} from './ladder/output-limit.js';
import type { QuirkStore } from './ladder/quirk-store.js';
import type { Prompt, GenerationSpending } from './llm-client.js';
import type { Completion, LlmProvider } from './llm-provider.js';

export interface StreamedCall {
  readonly provider: LlmProvider;
  readonly target: LlmTarget;
  readonly known: QuirkStore;
  /** Timeout of each call to the provider, its whole stream included. */
  readonly timeoutMs: number;
}

/**
 * Yields a text as it is written, scrubbed of the target's key. Refusals go down the ladder only until the first piece
 * arrives: yielded text cannot be taken back, so after it every failure is final.
 */
export async function* streamText(
  call: StreamedCall,
  prompt: Prompt,
): AsyncGenerator<string, GenerationSpending & { readonly text: string }> {
  const { target } = call;
  const generation = new GenerationState(prompt.onSpent);
  let cutAt: number | undefined;
  for (;;) {
    const thoughts = new ThoughtFilter(call.known.get(target).opensInThought);
    // Scrub last: removing thoughts may join two parts of a key.
    const scrub = scrubberFor(target.key).stream();
    let text = '';
    const pieces = piecesOf(call, prompt, generation, cutAt);
    let next = await pieces.next().catch(throwCutOffError(cutAt, target));
    try {
      for (; !next.done; next = await pieces.next()) {
        const clean = scrub.push(thoughts.push(next.value));
        text += clean;
        if (clean !== '') yield clean;
      }
    } finally {
      await pieces.return(NO_END);
    }
    const end = { ...next.value, text };
    // A reasoning model may use up its limit before it writes any text.
    if (end.stop === 'length' && makeRoom(call, prompt, generation, end) && text === '' && !cutAt) {
      cutAt = end.maxOutputTokens;
      continue;
    }
    requireWhole(end.stop, target, end.maxOutputTokens);
    const rest = scrub.push(thoughts.end()) + scrub.end();
    text += rest;
    // If only the closing tag of the thoughts was written, they were already yielded. Later calls hold them back.
    const answer = withoutFrame(withoutThoughts(text));
    if (opensInThought(text)) call.known.learn(target, { opensInThought: true });
    if (answer.trim() === '') throw emptyAnswerError(target);
    if (rest !== '') yield rest;
    return { text: answer, ...generation.spent };
  }
}

/** If the host refuses the raised limit, throw the cut-off error of the first call instead of that refusal. */
function throwCutOffError(cutAt: number | undefined, target: LlmTarget): (error: unknown) => never {
  return (error) => {
    if (cutAt !== undefined && refusesMoreTokens(error)) requireWhole('length', target, cutAt);
    throw error;
  };
}

/** The completion of a call, and the limit that the call sent. */
interface StreamEnd extends Completion {
  readonly maxOutputTokens: number;
}
const NO_END: StreamEnd = { ...new CollectedAnswer().completion, maxOutputTokens: 0 };

/**
 * Raises the limit for the next call, and for later ones, if this call spent its tokens on thoughts.
 * @returns whether the limit was raised
 */
function makeRoom(
  { target, known }: StreamedCall,
  prompt: Prompt,
  generation: GenerationState,
  cut: StreamEnd & { readonly text: string },
): boolean {
  if (!wasSpentOnThoughts(cut)) return false;
  const extraOutputTokens = moreTokensFor(cut, prompt.maxOutputTokens);
  const raised = { ...(generation.nextQuirks ?? known.get(target)), extraOutputTokens };
  if (outputTokensFor(prompt, raised) <= cut.maxOutputTokens) return false;
  generation.continueWith(raised);
  known.learn(target, { extraOutputTokens });
  return true;
}

/** Yields the text of one call as it arrives; returns its completion. */
async function* piecesOf(
  { provider, target, known, timeoutMs }: StreamedCall,
  prompt: Prompt,
  generation: GenerationState,
  moreThanTokens: number | undefined,
): AsyncGenerator<string, StreamEnd> {
  prompt.signal.throwIfAborted();
  try {
    const ladder = { target, known, generation, request: prompt, streamed: true, moreThanTokens };
    const { stream, first, maxOutputTokens } = await callWithLadder(
      ladder,
      async (quirks, { maxOutputTokens: limit }) => {
        const signal = AbortSignal.any([prompt.signal, AbortSignal.timeout(timeoutMs)]);
        const request = { ...prompt, maxOutputTokens: limit, signal };
        const opened = quirks.streams
          ? provider.stream(request, target, quirks)
          : inOnePiece(provider.complete(request, target, quirks));
        return { stream: opened, first: await opened.next(), maxOutputTokens: limit };
      },
    );
    try {
      for (let next = first; ; next = await stream.next()) {
        if (next.done) {
          generation.addUsage(next.value.usage);
          return { ...next.value, maxOutputTokens };
        }
        yield next.value;
      }
    } finally {
      await stream.return(new CollectedAnswer().completion);
    }
  } catch (error) {
    // After an abort by the caller, throw the caller's reason.
    prompt.signal.throwIfAborted();
    throw error;
  }
}

/** Yields a whole answer as one piece, for a host that does not stream. */
async function* inOnePiece(answer: Promise<Completion>): AsyncGenerator<string, Completion> {
  const completion = await answer;
  if (completion.text !== '') yield completion.text;
  return completion;
}
