import type { LlmTarget } from '@app/caller-keys';

import { LlmError } from '../errors/llm.error.js';
import type { CompletionRequest, Quirks } from '../llm-provider.js';
import { definitionOf } from '../providers.js';
import type { GenerationState } from './generation-state.js';
import { isSilentBreakdown, stepDown } from './ladder.js';
import { outputTokensFor, promptBytesOf } from './output-limit.js';
import type { QuirkStore } from './quirk-store.js';

/** Calls that the ladder may add to one generation: to its first call and its repair call together. */
const MAX_EXTRA_CALLS = 2;

export interface LadderCall {
  readonly target: LlmTarget;
  readonly known: QuirkStore;
  readonly generation: GenerationState;
  readonly request: CompletionRequest;
  /** Whether the answer is requested as a stream. */
  readonly streamed: boolean;
  /** The limit at which an earlier answer was cut off. A step that leaves the limit at or below it is not taken. */
  readonly moreThanTokens?: number | undefined;
}

/** @param request its limit is lowered or raised as the quirks require */
type ProviderCall<Result> = (quirks: Quirks, request: CompletionRequest) => Promise<Result>;

/**
 * Makes the call with the quirks known for this host and model. After a refusal it repeats the call without the refused
 * feature, and learns from it if the refusal is about the host and not about this one call.
 */
export async function callWithLadder<Result>(
  ladder: LadderCall,
  call: ProviderCall<Result>,
): Promise<Result> {
  const { target, known, generation } = ladder;
  for (;;) {
    const quirks = generation.nextQuirks ?? known.get(target);
    try {
      return await callOnce(ladder, quirks, call);
    } catch (error) {
      if (!(error instanceof LlmError) || generation.extraCalls >= MAX_EXTRA_CALLS) throw error;
      const next = stepAfter(error, ladder, quirks);
      if (next) generation.addExtraCall(next);
      else return probe(error, ladder, quirks, call);
    }
  }
}

async function callOnce<Result>(
  ladder: LadderCall,
  quirks: Quirks,
  call: ProviderCall<Result>,
): Promise<Result> {
  const { request, target, known, generation } = ladder;
  generation.noteCall(quirks);
  const result = await call(quirks, {
    ...request,
    maxOutputTokens: outputTokensFor(request, quirks),
  });
  const feature = featureAtRisk(ladder, quirks);
  if (feature !== undefined) known.noteAnswered(target, feature);
  return result;
}

function stepAfter(
  refusal: LlmError,
  { request, target, known, generation, streamed, moreThanTokens = 0 }: LadderCall,
  quirks: Quirks,
): Quirks | undefined {
  const refused = {
    target,
    features: definitionOf(target.provider).features,
    quirks,
    shaped: request.shape !== undefined,
    streamed,
    maxOutputTokens: outputTokensFor(request, quirks),
    promptBytes: promptBytesOf(request),
    isLast: generation.extraCalls + 1 === MAX_EXTRA_CALLS,
  };
  const step = stepDown(refusal, refused, (tried) => generation.hasTried(tried));
  if (!step) return undefined;
  known.learn(target, step.learned);
  const next = { ...quirks, ...step.change };
  return outputTokensFor(request, next) > moreThanTokens ? next : undefined;
}

/**
 * The feature of a request that may make a host fail with 500: the schema in its output mode, or streaming.
 * Undefined if the request uses neither.
 */
function featureAtRisk({ request, streamed }: LadderCall, quirks: Quirks): string | undefined {
  const shape = request.shape && quirks.outputMode !== 'prompt' ? request.shape.name : undefined;
  if (shape !== undefined) return `${quirks.outputMode} ${shape}`;
  return streamed && quirks.streams ? 'stream' : undefined;
}

const PLAINER: Partial<Quirks> = { outputMode: 'prompt' };
const UNSTREAMED: Partial<Quirks> = { streams: false, streamUsage: false };

/**
 * Repeats the call once without the schema or without streaming, after a 500 or 501 that gives no reason. If it succeeds,
 * the host lacks that feature, and this is learned. If it fails, the first failure is thrown, and no further probe is
 * made for ten minutes.
 */
async function probe<Result>(
  failure: LlmError,
  ladder: LadderCall,
  quirks: Quirks,
  call: ProviderCall<Result>,
): Promise<Result> {
  const { target, known, generation } = ladder;
  const feature = featureAtRisk(ladder, quirks);
  if (feature === undefined || !isSilentBreakdown(failure) || !known.mayProbe(target, feature))
    throw failure;
  const change = ladder.streamed ? UNSTREAMED : PLAINER;
  generation.addExtraCall({ ...quirks, ...change });
  try {
    const result = await callOnce(ladder, { ...quirks, ...change }, call);
    known.learn(target, change);
    return result;
  } catch (error) {
    generation.continueWith(quirks);
    if (!(error instanceof LlmError)) throw error;
    known.noteFailedProbe(target, feature);
    throw failure;
  }
}
