import type { ErrorCode } from '@app/errors';

import type { LlmError } from '../errors/llm.error.js';
import { moreTokensFor, MIN_OUTPUT_TOKENS } from './output-limit.js';
import { learnedStep, type RefusedCall, type Rung, type Step } from './refused-call.js';
import {
  affordableTokens,
  statedContext,
  statedMaximum,
  statesNumber,
  withoutModel,
} from './stated-limit.js';

/** The limit on an answer, under all its names. */
const LIMIT =
  /max(?:imum)?[ _-]?(?:number of )?(?:completion|output|new|generated|response)?[ _-]?tokens|(?:num|n)_predict|(?:completion|output|generated|requested) tokens|tokens you requested|model token limit|(?:输出|回复)(?:长度|token)|最大输出/i;

/**
 * Words for a number that is too high. Such a refusal is about the size of the limit and not about the parameter's name,
 * unless it also matches NAME_IS_REFUSED.
 */
export const TOO_HIGH =
  /too (?:large|high|big|many|long)|at most|maximum|less than|lower than|smaller than|(?:greater|larger|higher|more) than|exceed|up to|\bover\b|above|\blimit|超过|超過|超出|大于|大於|过大|過大|zu (?:groß|hoch|viel)|größer|höchst|überschr|supérieur|dépass|excede|mayor que|最大|最多|上限|不能|以下|超え|초과|превы|не более|superar|massimo|maximal/i;
/** Words of a host that does not accept this name of the limit. */
export const NAME_IS_REFUSED =
  /unsupported (?:parameter|argument|field)|not supported\b|use ['"`]?max_|unrecogni[sz]ed|unknown (?:parameter|argument|field|name)|extra[_ ]|not permitted/i;

/** Words for a number that is too low. No lower limit is tried after a refusal with them. */
export const TOO_LOW = /at least|minimum|too (?:small|low)|(?:greater|more|higher) than or equal/i;
/** Smaller numbers in a refusal are not limits on an answer. */
const MIN_STATED_TOKENS = 32;

/** Words for a window that prompt and answer share. */
const WINDOW =
  /context[ _](?:length|window|size|limit)|max_model_len|(?:input|prompt|['"`]inputs['"`]) tokens|in (?:the|your) (?:messages|prompt)|messages (?:or|and) completion|\d ?\+ ?\d/i;
const PROMPT = /context|prompt|message|input|text|conversation|request too large/i;

/**
 * If the host states no number, the limit is halved. For the last permitted call it is lowered to at most this number, which
 * small models accept too.
 */
const LAST_GUESS = 1_024;

/** If the host's numbers leave about as many tokens as the refused call asked for, the limit is lowered by this many. */
const NEARLY_SAME = 16;

/** OpenAI's reasoning models refuse with these words instead of returning an answer that was cut off. */
const TOO_LITTLE = /with (?:a )?higher ['"`]?max_|output limit was reached/i;

const MAY_STATE_LIMIT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'llm_rejected_request',
  'llm_endpoint_invalid',
  'llm_context_length_exceeded',
  'llm_unavailable',
]);

/** Lowers the limit on the answer to what the refusal allows. */
export const lowerLimit: Rung = (refusal, call) => {
  const { code } = refusal;
  if (code === 'llm_quota_exhausted' || code === 'llm_rate_limited')
    return affordable(refusal, call);
  if (!MAY_STATE_LIMIT.has(code)) return undefined;
  const isAboutWindow =
    code === 'llm_context_length_exceeded'
      ? refusal.mentions(PROMPT)
      : refusal.mentions(WINDOW) && countsPrompt(refusal, call);
  return isAboutWindow ? withinWindow(refusal, call) : belowMaximum(refusal, call);
};

export const raiseLimit: Rung = (refusal, call) => {
  if (!refusal.mentions(TOO_LITTLE)) return undefined;
  const { maxOutputTokens, quirks } = call;
  const cut = { text: '', usage: { outputTokens: 0 }, maxOutputTokens };
  const asked = maxOutputTokens - quirks.extraOutputTokens;
  return learnedStep({ extraOutputTokens: moreTokensFor(cut, asked) });
};

/** Removes the learned extra tokens. This is the last rung, for a refusal in which no other rung found a lower limit. */
export const dropExtraTokens: Rung = (refusal, { quirks }) => {
  const isAboutLimit = refusal.code === 'llm_rejected_request' || refusal.mentions(LIMIT);
  return quirks.extraOutputTokens > 0 && isAboutLimit
    ? learnedStep({ extraOutputTokens: 0 })
    : undefined;
};

function belowMaximum(
  refusal: LlmError,
  { maxOutputTokens, isLast, target }: RefusedCall,
): Step | undefined {
  const isTooHigh = refusal.mentions(TOO_HIGH);
  const isAsked = refusal.findInText((words) => statesNumber(words, maxOutputTokens));
  if (!refusal.mentions(LIMIT) && !(isTooHigh && isAsked)) return undefined;
  if (refusal.mentions(NAME_IS_REFUSED) || refusal.mentions(TOO_LOW)) return undefined;
  const stated = refusal.findInText((words) =>
    statedMaximum(withoutModel(words, target.model), maxOutputTokens, MIN_STATED_TOKENS),
  );
  if (stated === undefined) return isTooHigh ? halved(maxOutputTokens, isLast) : undefined;
  return stated < MIN_OUTPUT_TOKENS ? undefined : learnedStep({ mostOutputTokens: stated });
}

function halved(maxOutputTokens: number, isLast: boolean): Step | undefined {
  const half = Math.floor(maxOutputTokens / 2);
  const mostOutputTokens = Math.max(MIN_OUTPUT_TOKENS, isLast ? Math.min(half, LAST_GUESS) : half);
  return mostOutputTokens < maxOutputTokens ? learnedStep({ mostOutputTokens }) : undefined;
}

function statedWindow(refusal: LlmError, { maxOutputTokens, target }: RefusedCall) {
  return refusal.findInText((words) =>
    statedContext(withoutModel(words, target.model), maxOutputTokens),
  );
}

const countsPrompt = (refusal: LlmError, call: RefusedCall): boolean =>
  statedWindow(refusal, call)?.promptTokens !== undefined;

/**
 * Lowers the limit to the tokens that the window leaves beside this prompt. The window is learned, but not the lowered limit,
 * because other prompts may be shorter. Undefined if the prompt alone is, or may be, too long.
 */
function withinWindow(refusal: LlmError, call: RefusedCall): Step | undefined {
  const { maxOutputTokens: asked, promptBytes } = call;
  const stated = statedWindow(refusal, call);
  if (stated === undefined) return undefined;
  const { contextTokens, promptTokens } = stated;
  const isAnswerTooLong = refusal.mentions(LIMIT) && asked >= contextTokens;
  if (promptTokens === undefined && !isAnswerTooLong) return undefined;
  const left = contextTokens - (promptTokens ?? Math.max(promptBytes / 3, contextTokens / 2));
  // Some hosts count a few tokens more than they state, or require less than the whole window.
  const isSame = promptTokens !== undefined && Math.abs(left - asked) < NEARLY_SAME;
  const mostOutputTokens = isSame ? asked - NEARLY_SAME : Math.floor(left);
  if (mostOutputTokens < MIN_OUTPUT_TOKENS || mostOutputTokens >= asked) return undefined;
  return { change: { contextTokens, mostOutputTokens }, learned: { contextTokens } };
}

/** Lowers the limit to what this key may spend in one request. Other keys may spend more, so nothing is learned. */
function affordable(
  refusal: LlmError,
  { maxOutputTokens: asked, quirks }: RefusedCall,
): Step | undefined {
  const isOneRequest =
    refusal.provider?.status === 413 || refusal.mentions(/fewer ['"`]?max_tokens/i);
  // A host that refuses a smaller request in the same words does not count the answer.
  if (!isOneRequest || quirks.mostOutputTokens !== undefined) return undefined;
  const most = refusal.findInText((words) => affordableTokens(words, asked));
  if (most === undefined || most < MIN_OUTPUT_TOKENS || most >= asked) return undefined;
  return { change: { mostOutputTokens: most }, learned: {} };
}
