import { type ModelAccount, scrubberFor, storableText } from '@app/llm-providers';
import {
  type Answer,
  type Hit,
  MemoryIndex,
  type Question,
  type Retrieved,
  type TokenUsage,
} from '@app/memory';
import { countSpent } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { type ContextMemory, selectContext } from '../retrieval/select-context.js';
import { answerQueryPrompt } from './answer-query.prompt.js';
import { cite, type ShownMaterial } from './cite.js';

/** The answer when no memory was found. No model is called. */
export const NOTHING_RETRIEVED = 'There are no memories that answer this question.';

const MAX_OUTPUT_TOKENS = 2_048;

interface Generated {
  readonly text: string;
  readonly llmCalls: number;
  readonly usage: TokenUsage;
}

/** Receives the parts of an answer before it is complete. */
export interface AnswerListener {
  retrieved(found: Pick<Answer, 'hits' | 'searched' | 'leftOut'>): void;
  /** @param text scrubbed; its markers are not checked yet. */
  piece(text: string): void;
}

/** Retrieves memories for a question and lets a model answer from them. */
@Injectable()
export class AnsweringService {
  constructor(private readonly index: MemoryIndex) {}

  /**
   * @param listener absent: the answer is not streamed, so a broken-off generation can be repeated.
   * @throws LlmError
   */
  async answer(
    question: Question,
    account: ModelAccount,
    signal: AbortSignal,
    listener?: AnswerListener,
  ): Promise<Answer> {
    const { hits, ...found } = await this.index.retrieve(question, signal);
    listener?.retrieved({ hits: referencesTo(hits, new Set()), ...found });
    if (hits.length === 0) {
      const nothing = { llmCalls: 0, usage: { inputTokens: 0, outputTokens: 0 } };
      return answerOf({ text: NOTHING_RETRIEVED, ...nothing }, new Set(), hits, found, account);
    }
    const context = selectContext(hits);
    const generated = await generate(question, context, account, signal, listener);
    const { text, cited } = cite(storableText(generated.text), materialOf(question, context));
    // The scrubber runs last, because removing a marker can join two parts of a key.
    const clean = scrubberFor(account.target.key).text(text);
    return answerOf({ ...generated, text: clean }, cited, hits, found, account);
  }
}

async function generate(
  question: Question,
  context: readonly ContextMemory[],
  { client, target, owner }: ModelAccount,
  signal: AbortSignal,
  listener: AnswerListener | undefined,
): Promise<Generated> {
  const prompt = {
    ...answerQueryPrompt(question, question.referenceDate ?? new Date(), context),
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    signal,
  };
  const { text, llmCalls, usage } = listener
    ? await forwardDeltas(client.streamText(prompt, target), listener)
    : await client.generateText(prompt, target);
  countSpent({ provider: target.provider, account: owner }, { llmCalls, usage });
  return { text, llmCalls, usage };
}

function materialOf({ question }: Question, context: readonly ContextMemory[]): ShownMaterial {
  return {
    numbers: new Set(context.map(({ number }) => number)),
    texts: [question, ...context.flatMap(({ hit, said }) => [hit.seen.memory.text, said])],
  };
}

async function forwardDeltas<Whole>(
  deltas: AsyncGenerator<string, Whole>,
  listener: AnswerListener,
): Promise<Whole> {
  for (;;) {
    const next = await deltas.next();
    if (next.done) return next.value;
    listener.piece(next.value);
  }
}

function referencesTo(hits: readonly Hit[], cited: ReadonlySet<number>): Answer['hits'] {
  return hits.map(({ seen, similarity }, index) => ({
    memoryId: seen.memory.id,
    similarity,
    cited: cited.has(index + 1),
  }));
}

function answerOf(
  { text, llmCalls, usage }: Generated,
  cited: ReadonlySet<number>,
  hits: readonly Hit[],
  { searched, leftOut }: Omit<Retrieved, 'hits'>,
  { target, owner }: ModelAccount,
): Answer {
  return {
    text,
    grounded: cited.size > 0,
    hits: referencesTo(hits, cited),
    searched,
    leftOut,
    generation: {
      provider: target.provider,
      model: target.model,
      byoLlm: owner === 'caller',
      llmCalls,
      usage,
    },
  };
}
