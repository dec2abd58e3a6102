import type { Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { SimulatedProvider } from '../wire.js';

/** What a test wants of coming calls. Give one of `scenario`, `answer` and `reply`; with none, only the delay is changed. */
export interface ScriptedCall {
  /** Calls of one provider only. */
  readonly provider?: SimulatedProvider;
  /** Calls that this accepts only. */
  readonly when?: (call: Call) => boolean;
  /** How many calls it holds for; 1 where nothing is said. */
  readonly times?: number;
  /** A row of a failure table or an accident, by its name without `sim-`. */
  readonly scenario?: string;
  /** The model's words, in the provider's usual envelope. */
  readonly answer?: string | ((call: Call) => string);
  /** The whole answer. */
  readonly reply?: (call: Call) => Reply;
  readonly delayMs?: number;
}

/** Scripted calls are used up in the order in which they were given. */
export class Script {
  private readonly waiting: { readonly scripted: ScriptedCall; left: number }[] = [];

  add(calls: readonly ScriptedCall[]): void {
    for (const scripted of calls) this.waiting.push({ scripted, left: scripted.times ?? 1 });
  }

  take(call: Call, provider: SimulatedProvider): ScriptedCall | undefined {
    const entry = this.waiting.find(
      ({ scripted, left }) =>
        left > 0 && (scripted.provider ?? provider) === provider && (scripted.when?.(call) ?? true),
    );
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.scripted;
  }

  clear(): void {
    this.waiting.length = 0;
  }
}
