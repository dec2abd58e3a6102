import type { ProviderName } from '@app/caller-keys';

import type { LlmError } from './llm.error.js';
import type { OutputMode, Quirks } from './llm-provider.js';
import { lasting, REFUSED, type RefusedCall, type Rung, type Step } from './refused-call.js';
import { dropExtraTokens, lowerLimit, raiseLimit } from './refused-limit.js';
import {
  dropParallelTools,
  dropStreamUsage,
  dropStrict,
  moveInstructions,
  relaxToolChoice,
  renameLimit,
  startStreaming,
  stopStreaming,
} from './refused-parameter.js';

/** How much of an answer's shape a refusal is about, for the words that providers use of it. */
const ABOUT: Readonly<Record<Exclude<OutputMode, 'prompt'>, RegExp>> = {
  json_schema:
    /response[_ ]?format|json[_ ]?schema|output_config|output_format|structured|schema|grammar|guided|constrained|outlines|additionalProperties|json mode|requested parameters|for format/i,
  json_object: /response[_ ]?format|json|grammar|guided|requested parameters|for format/i,
  tool: /tool|function|requested parameters/i,
};

const UNKNOWN_NAME =
  /unrecogni[sz]ed|unknown|unexpected|extra[_ ]|not permitted|not allowed|unsupported (parameter|field)|does not support response_format|response_format['"`]? is (?:not |un)supported/i;

/** A model that failed to write what was asked, once: no property of its host. */
const FLUKES = new Set(['json_validate_failed', 'tool_use_failed']);

const isFluke = (refusal: LlmError): boolean => FLUKES.has(refusal.provider?.code ?? '');

/** A host that does not know `response_format` at all is not asked for another kind of it; Anthropic has one kind only. */
const lowerMode: Rung = (refusal, { quirks: { outputMode: mode }, shaped, target }) => {
  if (!shaped || mode === 'prompt') return undefined;
  if (!isFluke(refusal) && !refusal.mentions(ABOUT[mode])) return undefined;
  return lasting({ outputMode: below(mode, target.provider, refusal) });
};

function below(
  mode: Exclude<OutputMode, 'prompt'>,
  provider: ProviderName,
  refusal: LlmError,
): OutputMode {
  if (mode === 'tool') return 'prompt';
  if (mode === 'json_object' || provider === 'anthropic') return 'tool';
  const unknown =
    refusal.mentions(UNKNOWN_NAME) && !refusal.mentions(/json_object|json_schema|value/i);
  return unknown && refusal.mentions(/response_format/) ? 'tool' : 'json_object';
}

/** What is more exactly named comes first: every refusal of a parameter of tools names tools as well. */
const RUNGS: readonly Rung[] = [
  raiseLimit,
  dropStreamUsage,
  startStreaming,
  moveInstructions,
  renameLimit,
  dropParallelTools,
  relaxToolChoice,
  dropStrict,
  lowerMode,
  stopStreaming,
  dropExtraTokens,
];

/** A host that is down, and does not refuse what it was asked. */
const BUSY = /overload|busy|capacity|try again|temporar|time[d -]?out|rate limit|out of memory/i;
const MODEL_IS_MISSING =
  /(?:not|n['’]t) (?:exist|found|available|a valid model)|unknown model|no such model/i;
const BREAKDOWNS: ReadonlySet<number> = new Set([200, 500, 501]);

function mayRefuseParameter(refusal: LlmError): boolean {
  const { code } = refusal;
  if (code === 'llm_rejected_request' || code === 'llm_endpoint_invalid') return true;
  if (code === 'llm_model_invalid')
    return refusal.mentions(REFUSED) && !refusal.mentions(MODEL_IS_MISSING);
  if (code !== 'llm_unavailable' || refusal.mentions(BUSY)) return false;
  return BREAKDOWNS.has(refusal.provider?.status ?? 0) || refusal.mentions(REFUSED);
}

const limitRungsFor = ({ code }: LlmError): readonly Rung[] =>
  code === 'llm_context_length_exceeded' ? [lowerLimit, dropExtraTokens] : [lowerLimit];

/**
 * What to leave out or to say otherwise after a refusal; undefined where the refusal is about something else.
 * @param hasTried whether a call of this generation was made in that way
 */
export function stepDown(
  refusal: LlmError,
  call: RefusedCall,
  hasTried: (quirks: Quirks) => boolean = () => false,
): Step | undefined {
  const rungs = mayRefuseParameter(refusal) ? [lowerLimit, ...RUNGS] : limitRungsFor(refusal);
  for (const rung of rungs) {
    const step = rung(refusal, call);
    if (!step || hasTried({ ...call.quirks, ...step.change })) continue;
    const { change, learned } = step;
    return {
      change: call.isLast ? { ...plainest(call), ...change, ...plainMode(call) } : change,
      learned: isFluke(refusal) ? {} : learned,
    };
  }
  return undefined;
}

/** Every server reads this, so the last call that is left is not spent on finding out what else a host refuses. */
const plainest = ({ quirks, target }: RefusedCall): Partial<Quirks> => ({
  streamUsage: false,
  instructionRole: quirks.instructionRole === 'system' ? 'user' : quirks.instructionRole,
  ...(target.provider !== 'anthropic' && { strictSchema: false }),
});

const plainMode = ({ shaped }: RefusedCall): Partial<Quirks> =>
  shaped ? { outputMode: 'prompt' } : {};

/** Words that say only that something failed. */
const EMPTY_WORDS = new Set(
  `a an api above cause enginecore encountered error exception failed failure has implemented internal internal_error internal_server_error
  internalservererror issue message none not null occurred of request root see server server_error servererror something stack status
  for the unexpected unhandled trace unknown went while with wrong code type api_error internalerror notimplemented
  not_implemented http our on side in processing your an apierror 500 501`.split(/\s+/),
);

/**
 * Whether a failure may be a refusal by a host that does not say so: a server that breaks down over a grammar answers 500.
 * 502, 503 and pages are a proxy's, and say that nothing is there to refuse.
 */
export function isSilentBreakdown(failure: LlmError): boolean {
  if (failure.code !== 'llm_unavailable') return false;
  const status = failure.provider?.status;
  if (status !== 500 && status !== 501) return false;
  return failure.findInWords((words) =>
    words
      .toLowerCase()
      .split(/\W+/)
      .every((word) => word === '' || EMPTY_WORDS.has(word)),
  );
}
