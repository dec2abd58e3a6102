import type { LlmTarget } from '@app/caller-keys';

import { CollectedAnswer } from './answers/collected-answer.js';
import { ThoughtFilter, withoutThoughts } from './answers/thoughts.js';
import { Bill } from './bill.js';
import type { Prompt, Spent } from './llm-client.js';
import type { LlmProvider, Quirks, StopReason } from './llm-provider.js';
import { overLadder } from './over-ladder.js';
import type { QuirkStore } from './quirk-store.js';
import { scrubberFor } from './boundary/scrub.js';
import { emptyAnswer, requireWhole } from './unusable-answer.js';

const MORE_TOKENS = 2;

export interface StreamedCall {
  readonly provider: LlmProvider;
  readonly target: LlmTarget;
  readonly known: QuirkStore;
  /** For each call to the provider, its whole stream included. */
  readonly timeoutMs: number;
}

/**
 * A text as it is written, scrubbed of the target's key. A refusal is taken down the ladder as long as nothing was
 * written; what was given out cannot be taken back, so from then on every failure is final.
 */
export async function* streamText(
  call: StreamedCall,
  prompt: Prompt,
): AsyncGenerator<string, Spent & { readonly text: string }> {
  const { target } = call;
  const bill = new Bill(prompt.onSpent);
  const mostTokens = prompt.maxOutputTokens * MORE_TOKENS;
  for (const maxOutputTokens of [prompt.maxOutputTokens, mostTokens]) {
    const thoughts = new ThoughtFilter();
    // The last thing that is done to a text: what was taken out may have stood between two parts of a key.
    const scrub = scrubberFor(target.key).stream();
    let text = '';
    const pieces = piecesOf(call, { ...prompt, maxOutputTokens }, bill);
    let next = await pieces.next();
    try {
      for (; !next.done; next = await pieces.next()) {
        const clean = scrub.push(thoughts.push(next.value));
        text += clean;
        if (clean !== '') yield clean;
      }
    } finally {
      await pieces.return('other');
    }
    // A model that thinks may use up its room before it has written a word.
    if (next.value === 'length' && text === '' && maxOutputTokens < mostTokens) continue;
    requireWhole(next.value, target, maxOutputTokens);
    const rest = scrub.push(thoughts.end()) + scrub.end();
    text += rest;
    // Where only the end of a block of thoughts is written, its pieces are out already.
    const answer = withoutThoughts(text);
    if (answer.trim() === '') throw emptyAnswer(target);
    if (rest !== '') yield rest;
    return { text: answer, ...bill.spent };
  }
  throw emptyAnswer(target);
}

/** What one call writes; returns why it ended. */
async function* piecesOf(
  { provider, target, known, timeoutMs }: StreamedCall,
  prompt: Prompt,
  bill: Bill,
): AsyncGenerator<string, StopReason> {
  prompt.signal.throwIfAborted();
  try {
    const { stream, first } = await overLadder(
      { target, known, bill, shaped: false },
      async (quirks: Quirks) => {
        const signal = AbortSignal.any([prompt.signal, AbortSignal.timeout(timeoutMs)]);
        const opened = provider.stream({ ...prompt, signal }, target, quirks);
        return { stream: opened, first: await opened.next() };
      },
    );
    try {
      for (let next = first; ; next = await stream.next()) {
        if (next.done) {
          bill.add(next.value.usage);
          return next.value.stop;
        }
        yield next.value;
      }
    } finally {
      await stream.return(new CollectedAnswer().completion);
    }
  } catch (error) {
    // A caller's abort stays what it was.
    prompt.signal.throwIfAborted();
    throw error;
  }
}
