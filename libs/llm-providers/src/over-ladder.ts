import type { LlmTarget } from '@app/caller-keys';

import type { Bill } from './bill.js';
import { isSilentBreakdown, stepDown } from './ladder.js';
import { LlmError } from './llm.error.js';
import type { CompletionRequest, Quirks } from './llm-provider.js';
import { outputTokensFor, promptBytesOf } from './output-limit.js';
import type { QuirkStore } from './quirk-store.js';

/** What the ladder may cost a caller in one generation, repair included, beyond the calls that were asked for. */
const MAX_EXTRA_CALLS = 2;

export interface LadderCall {
  readonly target: LlmTarget;
  readonly known: QuirkStore;
  readonly bill: Bill;
  readonly request: CompletionRequest;
  /** The answer is asked for as a stream. */
  readonly streamed: boolean;
  /** An answer of so many tokens was cut off before: one of no more would be cut again. */
  readonly moreThanTokens?: number | undefined;
}

/** @param request as it was asked for, with the limit that the host takes. */
type ProviderCall<Result> = (quirks: Quirks, request: CompletionRequest) => Promise<Result>;

/** Calls with what is known of the host and model; after a refusal without what was refused, and remembers that. */
export async function overLadder<Result>(
  ladder: LadderCall,
  call: ProviderCall<Result>,
): Promise<Result> {
  const { target, known, bill } = ladder;
  for (;;) {
    const quirks = bill.climbedDownTo ?? known.get(target);
    try {
      return await callOnce(ladder, quirks, call);
    } catch (error) {
      if (!(error instanceof LlmError) || bill.extraCalls >= MAX_EXTRA_CALLS) throw error;
      const next = stepAfter(error, ladder, quirks);
      if (next) bill.climbDown(next);
      else return probe(error, ladder, quirks, call);
    }
  }
}

async function callOnce<Result>(
  ladder: LadderCall,
  quirks: Quirks,
  call: ProviderCall<Result>,
): Promise<Result> {
  const { request, target, known, bill } = ladder;
  bill.call(quirks);
  const result = await call(quirks, {
    ...request,
    maxOutputTokens: outputTokensFor(request, quirks),
  });
  const kind = kindOf(ladder, quirks);
  if (kind !== undefined) known.noteAnswered(target, kind);
  return result;
}

function stepAfter(
  refusal: LlmError,
  { request, target, known, bill, streamed, moreThanTokens = 0 }: LadderCall,
  quirks: Quirks,
): Quirks | undefined {
  const refused = {
    target,
    quirks,
    shaped: request.shape !== undefined,
    streamed,
    maxOutputTokens: outputTokensFor(request, quirks),
    promptBytes: promptBytesOf(request),
    isLast: bill.extraCalls + 1 === MAX_EXTRA_CALLS,
  };
  const step = stepDown(refusal, refused, (tried) => bill.hasTried(tried));
  if (!step) return undefined;
  known.learn(target, step.learned);
  const next = { ...quirks, ...step.change };
  return outputTokensFor(request, next) > moreThanTokens ? next : undefined;
}

/** What of a request a host may break down over; undefined where it is plain. */
function kindOf({ request, streamed }: LadderCall, quirks: Quirks): string | undefined {
  const shape = request.shape && quirks.outputMode !== 'prompt' ? request.shape.name : undefined;
  if (shape !== undefined) return `${quirks.outputMode} ${shape}`;
  return streamed && quirks.streams ? 'stream' : undefined;
}

const PLAINER: Partial<Quirks> = { outputMode: 'prompt' };
const UNSTREAMED: Partial<Quirks> = { streams: false, streamUsage: false };

/**
 * One plain call after a failure without words. Its success tells that the host cannot do what was left out; after its
 * failure the first one stands, and the host is not probed again for a while.
 */
async function probe<Result>(
  failure: LlmError,
  ladder: LadderCall,
  quirks: Quirks,
  call: ProviderCall<Result>,
): Promise<Result> {
  const { target, known, bill } = ladder;
  const kind = kindOf(ladder, quirks);
  if (kind === undefined || !isSilentBreakdown(failure) || !known.mayProbe(target, kind))
    throw failure;
  const change = ladder.streamed ? UNSTREAMED : PLAINER;
  bill.climbDown({ ...quirks, ...change });
  try {
    const result = await callOnce(ladder, { ...quirks, ...change }, call);
    known.learn(target, change);
    return result;
  } catch (error) {
    bill.continueWith(quirks);
    if (!(error instanceof LlmError)) throw error;
    known.noteFailedProbe(target, kind);
    throw failure;
  }
}
