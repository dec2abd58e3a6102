import { addTokens } from '../boundary/token-count.js';
import type { GenerationSpending } from '../llm-client.js';
import type { Quirks, Usage } from '../llm-provider.js';

/** One generation so far: its calls and tokens, the quirks that its calls were made with, and those for its next call. */
export class GenerationState {
  #calls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #extraCalls = 0;
  #nextQuirks: Quirks | undefined;
  readonly #tried = new Set<string>();

  /** @param onSpent is called with the usage of each answer as soon as it arrives, because a later step may still fail. */
  constructor(private readonly onSpent?: (usage: Usage) => void) {}

  /** Counts a call that is about to be made with these quirks. */
  noteCall(quirks: Quirks): void {
    this.#calls += 1;
    this.#tried.add(JSON.stringify(quirks));
  }

  addUsage(usage: Usage): void {
    this.onSpent?.(usage);
    const { inputTokens, outputTokens } = usage;
    this.#usage = {
      inputTokens: addTokens(this.#usage.inputTokens, inputTokens),
      outputTokens: addTokens(this.#usage.outputTokens, outputTokens),
    };
  }

  /** Counts the next call as an extra one, made with these quirks. */
  addExtraCall(quirks: Quirks): void {
    this.#extraCalls += 1;
    this.#nextQuirks = quirks;
  }

  /** The following calls of this generation begin with these quirks. */
  continueWith(quirks: Quirks): void {
    this.#nextQuirks = quirks;
  }

  /** Whether a call of this generation was made with the same quirks. */
  hasTried(quirks: Quirks): boolean {
    return this.#tried.has(JSON.stringify(quirks));
  }

  get extraCalls(): number {
    return this.#extraCalls;
  }

  /** The quirks that the next call of this generation begins with, learned or not; undefined if they are not set yet. */
  get nextQuirks(): Quirks | undefined {
    return this.#nextQuirks;
  }

  get spent(): GenerationSpending {
    return { llmCalls: this.#calls, usage: this.#usage };
  }
}
