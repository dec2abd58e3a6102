import type { LlmTarget } from '@app/caller-keys';

import { addTokens } from '../boundary/token-count.js';
import { LlmError } from '../errors/llm.error.js';
import type { GenerationCost } from '../llm-client.js';
import type { CompletionRequest, Quirks, Usage } from '../llm-provider.js';
import { definitionOf } from '../providers.js';
import { isSilentBreakdown, stepDown } from './ladder.js';
import { outputTokensFor, promptBytesOf } from './output-limit.js';
import type { QuirkStore } from './quirk-store.js';

/** The calls and tokens of one generation so far, and the quirks for its next call. */
export class Bill {
  #calls = 0;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #extraCalls = 0;
  #quirks: Quirks | undefined;
  readonly #tried = new Set<string>();

  /** @param onSpent is called with the usage of each answer as soon as it arrives, because a later step may still fail. */
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

  /** Counts the next call as an extra one, made with these quirks. */
  climbDown(quirks: Quirks): void {
    this.#extraCalls += 1;
    this.#quirks = quirks;
  }

  /** The following calls of this generation begin with these quirks. */
  continueWith(quirks: Quirks): void {
    this.#quirks = quirks;
  }

  /** Whether a call of this generation was made with the same quirks. */
  hasTried(quirks: Quirks): boolean {
    return this.#tried.has(JSON.stringify(quirks));
  }

  get extraCalls(): number {
    return this.#extraCalls;
  }

  /** The quirks that the next call of this generation begins with, learned or not; undefined if they are not set yet. */
  get climbedDownTo(): Quirks | undefined {
    return this.#quirks;
  }

  get spent(): GenerationCost {
    return { llmCalls: this.#calls, usage: this.#usage };
  }
}

/** Calls that the ladder may add to one generation: to its first call and its repair call together. */
const MAX_EXTRA_CALLS = 2;

export interface LadderCall {
  readonly target: LlmTarget;
  readonly known: QuirkStore;
  readonly bill: Bill;
  readonly request: CompletionRequest;
  /** Whether the answer is requested as a stream. */
  readonly streamed: boolean;
  /** The limit at which an earlier answer was cut off. A step that leaves the limit at or below it is not taken. */
  readonly moreThanTokens?: number | undefined;
}

/** @param request with the limit lowered or raised as the quirks demand */
type ProviderCall<Result> = (quirks: Quirks, request: CompletionRequest) => Promise<Result>;

/**
 * Makes the call with the quirks known for this host and model. After a refusal it repeats the call without the refused
 * feature, and learns from it if the refusal is about the host and not about this one call.
 */
export async function callWithLadder<Result>(
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
  const feature = featureAtRisk(ladder, quirks);
  if (feature !== undefined) known.noteAnswered(target, feature);
  return result;
}

function stepAfter(
  refusal: LlmError,
  { request, target, known, bill, streamed, moreThanTokens = 0 }: LadderCall,
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
    isLast: bill.extraCalls + 1 === MAX_EXTRA_CALLS,
  };
  const step = stepDown(refusal, refused, (tried) => bill.hasTried(tried));
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
  const { target, known, bill } = ladder;
  const feature = featureAtRisk(ladder, quirks);
  if (feature === undefined || !isSilentBreakdown(failure) || !known.mayProbe(target, feature))
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
    known.noteFailedProbe(target, feature);
    throw failure;
  }
}
