import { type ModelAccount, scrubberFor } from '@app/llm-providers';
import { type Answer, type Hit, MemoryIndex, type Question } from '@app/memory';
import { countSpent } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { selectContext } from '../retrieval/select-context.js';
import { answerQueryPrompt } from './answer-query.prompt.js';
import { cite } from './cite.js';

/** Said without asking a model, where there is nothing that it could answer from. */
export const NOTHING_RETRIEVED = 'There are no memories that answer this question.';

const MAX_OUTPUT_TOKENS = 2_048;

interface Generated {
  readonly text: string;
  readonly llmCalls: number;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** Retrieves memories for a question and has a model answer from them. */
@Injectable()
export class AnsweringService {
  constructor(private readonly index: MemoryIndex) {}

  /** @throws LlmError */
  async answer(question: Question, account: ModelAccount, signal: AbortSignal): Promise<Answer> {
    const { hits, searched } = await this.index.retrieve(question);
    if (hits.length === 0) {
      const nothing = { llmCalls: 0, usage: { inputTokens: 0, outputTokens: 0 } };
      return answerOf({ text: NOTHING_RETRIEVED, ...nothing }, new Set(), hits, searched, account);
    }
    const context = selectContext(hits);
    const generated = await generate(question, context, account, signal);
    const { text, cited } = cite(generated.text, new Set(context.map(({ number }) => number)));
    return answerOf({ ...generated, text }, cited, hits, searched, account);
  }
}

async function generate(
  question: Question,
  context: ReturnType<typeof selectContext>,
  { client, target, owner }: ModelAccount,
  signal: AbortSignal,
): Promise<Generated> {
  const { text, llmCalls, usage } = await client.generateText(
    {
      ...answerQueryPrompt(question, question.referenceDate ?? new Date(), context),
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      signal,
    },
    target,
  );
  countSpent({ provider: target.provider, account: owner }, { llmCalls, usage });
  return { text: scrubberFor(target.key).text(text.toWellFormed()), llmCalls, usage };
}

function answerOf(
  { text, llmCalls, usage }: Generated,
  cited: ReadonlySet<number>,
  hits: readonly Hit[],
  searched: number,
  { target, owner }: ModelAccount,
): Answer {
  return {
    text,
    grounded: cited.size > 0,
    hits: hits.map(({ seen, similarity }, index) => ({
      memoryId: seen.memory.id,
      similarity,
      cited: cited.has(index + 1),
    })),
    searched,
    generation: {
      provider: target.provider,
      model: target.model,
      byoLlm: owner === 'caller',
      llmCalls,
      usage,
    },
  };
}
