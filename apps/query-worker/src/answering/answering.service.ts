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
import { cite, type Shown } from './cite.js';

/** Said without asking a model, where there is nothing that it could answer from. */
export const NOTHING_RETRIEVED = 'There are no memories that answer this question.';

const MAX_OUTPUT_TOKENS = 2_048;

interface Generated {
  readonly text: string;
  readonly llmCalls: number;
  readonly usage: TokenUsage;
}

/** Who hears of an answer before it is whole. */
export interface AnswerListener {
  retrieved(found: Pick<Answer, 'hits' | 'searched' | 'leftOut'>): void;
  /** Scrubbed, its markers as the model writes them. */
  piece(text: string): void;
}

/** Retrieves memories for a question and has a model answer from them. */
@Injectable()
export class AnsweringService {
  constructor(private readonly index: MemoryIndex) {}

  /**
   * @param listener absent: nobody reads along, and an answer that the model cuts off can be asked for again.
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
    const { text, cited } = cite(storableText(generated.text), shownIn(question, context));
    // The last thing that is done to the text: a marker that was taken out may have stood between two parts of a key.
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
    ? await readAlong(client.streamText(prompt, target), listener)
    : await client.generateText(prompt, target);
  countSpent({ provider: target.provider, account: owner }, { llmCalls, usage });
  return { text, llmCalls, usage };
}

function shownIn({ question }: Question, context: readonly ContextMemory[]): Shown {
  return {
    numbers: new Set(context.map(({ number }) => number)),
    texts: [question, ...context.flatMap(({ hit, said }) => [hit.seen.memory.text, said])],
  };
}

async function readAlong<Whole>(
  writing: AsyncGenerator<string, Whole>,
  listener: AnswerListener,
): Promise<Whole> {
  for (;;) {
    const next = await writing.next();
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
