import type { LlmError } from '../errors/llm.error.js';
import type { OutputMode, Quirks } from '../llm-provider.js';
import type { ApiFeatures } from '../provider-definition.js';
import { learnedStep, REFUSED, type RefusedCall, type Rung, type Step } from './refused-call.js';
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

/** For each output mode: the words that show that a refusal is about that mode. */
const ABOUT: Readonly<Record<Exclude<OutputMode, 'prompt'>, RegExp>> = {
  json_schema:
    /response[_ ]?format|json[_ ]?schema|output_config|output_format|structured|schema|grammar|guided|constrained|outlines|additionalProperties|json mode|requested parameters|for format/i,
  json_object: /response[_ ]?format|json|grammar|guided|requested parameters|for format/i,
  tool: /tool|function|requested parameters/i,
};

const UNKNOWN_NAME =
  /unrecogni[sz]ed|unknown|unexpected|extra[_ ]|not permitted|not allowed|unsupported (parameter|field)|does not support response_format|response_format['"`]? is (?:not |un)supported/i;

/** Codes of a single failed generation. They say nothing about the host, so nothing is learned from them. */
const FLUKES = new Set(['json_validate_failed', 'tool_use_failed']);

const isFluke = (refusal: LlmError): boolean => FLUKES.has(refusal.provider?.code ?? '');

/**
 * Goes down to the next output mode. `json_object` is skipped for a host that does not know `response_format`, and for an API
 * without such a mode.
 */
const lowerMode: Rung = (refusal, { quirks: { outputMode: mode }, shaped, features }) => {
  if (!shaped || mode === 'prompt') return undefined;
  if (!isFluke(refusal) && !refusal.mentions(ABOUT[mode])) return undefined;
  return learnedStep({ outputMode: below(mode, features, refusal) });
};

function below(
  mode: Exclude<OutputMode, 'prompt'>,
  { jsonObject }: ApiFeatures,
  refusal: LlmError,
): OutputMode {
  if (mode === 'tool') return 'prompt';
  if (mode === 'json_object' || !jsonObject) return 'tool';
  const unknown =
    refusal.mentions(UNKNOWN_NAME) && !refusal.mentions(/json_object|json_schema|value/i);
  return unknown && refusal.mentions(/response_format/) ? 'tool' : 'json_object';
}

/** Order matters: narrower patterns come first, because a refusal of `tool_choice` also matches the pattern for tools. */
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

/** Words of a host that is overloaded or down: it refuses no parameter. */
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
 * The change of the next call after a refusal; undefined if no rung applies.
 * @param hasTried whether a call of this generation was made with these quirks
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

/** The last permitted call uses only features that every server accepts, so that no further refusal can use it up. */
const plainest = ({ quirks, features }: RefusedCall): Partial<Quirks> => ({
  streamUsage: false,
  instructionRole: quirks.instructionRole === 'system' ? 'user' : quirks.instructionRole,
  ...(features.strictSchema && { strictSchema: false }),
});

const plainMode = ({ shaped }: RefusedCall): Partial<Quirks> =>
  shaped ? { outputMode: 'prompt' } : {};

/** Words that state no reason. */
const EMPTY_WORDS = new Set(
  `a an api above cause enginecore encountered error exception failed failure has implemented internal internal_error internal_server_error
  internalservererror issue message none not null occurred of request root see server server_error servererror something stack status
  for the unexpected unhandled trace unknown went while with wrong code type api_error internalerror notimplemented
  not_implemented http our on side in processing your an apierror 500 501`.split(/\s+/),
);

/**
 * Whether a failure without a reason may be a refusal: some servers answer 500 when they fail to compile a schema.
 * 502, 503 and HTML pages come from a proxy whose server is not there, so nothing was refused.
 */
export function isSilentBreakdown(failure: LlmError): boolean {
  if (failure.code !== 'llm_unavailable') return false;
  const status = failure.provider?.status;
  if (status !== 500 && status !== 501) return false;
  return failure.findInText((words) =>
    words
      .toLowerCase()
      .split(/\W+/)
      .every((word) => word === '' || EMPTY_WORDS.has(word)),
  );
}
