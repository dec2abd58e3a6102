import type { Call } from '../http/call.js';
import type { Reply } from '../http/reply.js';
import type { SimulatedProvider } from '../wire.js';

/** The planned answer of the next calls. Give at most one of `scenario`, `answer` and `reply`; without them only the delay is changed. */
export interface ScriptedCall {
  /** Absent: calls of every provider. */
  readonly provider?: SimulatedProvider;
  /** Absent: every call. */
  readonly when?: (call: Call) => boolean;
  /** The number of calls that get this answer; 1 if absent. */
  readonly times?: number;
  /** The name of a failure or an accident, without `sim-`. */
  readonly scenario?: string;
  /** The text of the model. The provider's wire adds the rest of the answer. */
  readonly answer?: string | ((call: Call) => string);
  /** The whole HTTP reply. */
  readonly reply?: (call: Call) => Reply;
  readonly delayMs?: number;
}

/** The planned answers. For each call the first one that matches is used. */
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
