import type { LlmTarget } from '@app/caller-keys';

import type { Bill } from './bill.js';
import { stepDown } from './ladder.js';
import { LlmError } from './llm.error.js';
import type { Quirks } from './llm-provider.js';
import type { QuirkStore } from './quirk-store.js';

/** What the ladder may cost a caller in one generation, repair included, beyond the calls that were asked for. */
const MAX_EXTRA_CALLS = 2;

export interface LadderCall {
  readonly target: LlmTarget;
  readonly known: QuirkStore;
  readonly bill: Bill;
  /** Whether an answer of a shape is asked for. Where none is, there is none to leave out: the same call again only costs. */
  readonly shaped: boolean;
}

/** Calls with what is known of the host and model; after a refusal without what was refused, and remembers that. */
export async function overLadder<Result>(
  { target, known, bill, shaped }: LadderCall,
  call: (quirks: Quirks) => Promise<Result>,
): Promise<Result> {
  let quirks = bill.climbedDownTo ?? known.get(target);
  for (;;) {
    try {
      bill.call();
      return await call(quirks);
    } catch (error) {
      if (!(error instanceof LlmError) || bill.extraCalls >= MAX_EXTRA_CALLS) throw error;
      const last = bill.extraCalls + 1 === MAX_EXTRA_CALLS;
      const step = stepDown(error, quirks, target.provider, last);
      if (!step || (!shaped && step.quirks.outputMode !== quirks.outputMode)) throw error;
      ({ quirks } = step);
      bill.climbDown(quirks);
      if (step.lasting) known.learn(target, quirks);
    }
  }
}
