import { addTokens } from './boundary/token-count.js';
import type { Spent } from './llm-client.js';
import type { Quirks, Usage } from './llm-provider.js';

/** What every call of one generation has cost so far, and how far down the ladder it has come. */
export class Bill {
  #calls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #extraCalls = 0;
  #quirks: Quirks | undefined;

  /** @param onSpent hears of each answer's usage at once: what comes after may still fail. */
  constructor(private readonly onSpent?: (usage: Usage) => void) {}

  call(): void {
    this.#calls += 1;
  }

  add(usage: Usage): void {
    this.onSpent?.(usage);
    const { inputTokens, outputTokens } = usage;
    this.#usage = {
      inputTokens: addTokens(this.#usage.inputTokens, inputTokens),
      outputTokens: addTokens(this.#usage.outputTokens, outputTokens),
    };
  }

  climbDown(quirks: Quirks): void {
    this.#extraCalls += 1;
    this.#quirks = quirks;
  }

  get extraCalls(): number {
    return this.#extraCalls;
  }

  /** Undefined: not yet. What the next call of this generation begins with, whether or not it is worth remembering. */
  get climbedDownTo(): Quirks | undefined {
    return this.#quirks;
  }

  get spent(): Spent {
    return { llmCalls: this.#calls, usage: this.#usage };
  }
}
