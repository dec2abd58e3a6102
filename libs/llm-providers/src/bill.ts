import { addTokens } from './boundary/token-count.js';
import type { Spent } from './llm-client.js';
import type { Quirks, Usage } from './llm-provider.js';

/** What every call of one generation has cost so far, and how far down the ladder it has come. */
export class Bill {
  #calls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #extraCalls = 0;
  #quirks: Quirks | undefined;
  readonly #tried = new Set<string>();

  /** @param onSpent hears of each answer's usage at once: what comes after may still fail. */
  constructor(private readonly onSpent?: (usage: Usage) => void) {}

  call(quirks: Quirks): void {
    this.#calls += 1;
    this.#tried.add(JSON.stringify(quirks));
  }

  add(usage: Usage): void {
    this.onSpent?.(usage);
    const { inputTokens, outputTokens } = usage;
    this.#usage = {
      inputTokens: addTokens(this.#usage.inputTokens, inputTokens),
      outputTokens: addTokens(this.#usage.outputTokens, outputTokens),
    };
  }

  /** The next call is one that was not asked for. */
  climbDown(quirks: Quirks): void {
    this.#extraCalls += 1;
    this.#quirks = quirks;
  }

  /** The following calls of this generation begin with these. */
  continueWith(quirks: Quirks): void {
    this.#quirks = quirks;
  }

  /** Whether a call of this generation was made in the same way. */
  hasTried(quirks: Quirks): boolean {
    return this.#tried.has(JSON.stringify(quirks));
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
