import type { LlmError } from '../errors/llm.error.js';
import type { Quirks } from '../llm-provider.js';
import { learnedStep, REFUSED, type Rung } from './refused-call.js';
import { NAME_IS_REFUSED, TOO_HIGH, TOO_LOW } from './refused-limit.js';

/** "'messages[0].role' does not support 'system'", "System role not supported", "Developer instruction is not enabled". */
const ROLE_NAMED: readonly RegExp[] = [
  /\b(?:system|developer)['"`]?[ _-]{0,2}(?:role|message|prompt|instruction|turn|content)/i,
  /\broles?\b.{0,80}\b(?:system|developer)\b/i,
  /\b(?:system|developer)\b.{0,80}\broles?\b/i,
  /(?:supplied: ?|argument:? |parameter:? |field:? |body\.|['"`])system\b|(?:^|\s)system(?:$|: )/i,
  /(?:system|developer) ?(?:角色|消息|提示|指令)/i,
  /\brole['"`]?\b.{0,60}(?:should be|must be|either|one of|allowed|valid|supported|known)/i,
  /(?:unknown|unexpected|unsupported|unrecogni[sz]ed|invalid) .{0,20}\brole/i,
];
/** Errors of chat templates that require user and assistant to alternate, without a system turn before them. */
const TEMPLATE: readonly RegExp[] = [
  /roles? must alternate|alternat\w+ (?:between )?['"`]?user|only (?:supports? |allows? )?['"`]?user['"`]?(?: and|,|\/| or)|(?:first|(?:start|begin)s? with)[^.]{0,60}\buser\b/i,
  /template ?error|jinja|chat[ _]template/i,
];
const WANTS_DEVELOPER =
  /(?:use|try|expects?|with|to)[^.]{0,20}['"`]developer|developer['"`]?[^.]{0,30}instead/i;

export const moveInstructions: Rung = (refusal, { quirks, features }) => {
  if (quirks.instructionRole === 'user') return undefined;
  const isNamed = ROLE_NAMED.some((words) => refusal.mentions(words)) && refusal.mentions(REFUSED);
  if (!isNamed && !TEMPLATE.some((words) => refusal.mentions(words))) return undefined;
  const isAskedFor =
    quirks.instructionRole === 'system' &&
    features.developerRole &&
    refusal.mentions(WANTS_DEVELOPER);
  return learnedStep({ instructionRole: isAskedFor ? 'developer' : 'user' });
};

export const renameLimit: Rung = (refusal, { quirks, features }) => {
  if (!features.tokenLimitNames || !refusal.mentions(/max_(completion_)?tokens/)) return undefined;
  // A refusal of the limit's size names the same parameter, but does not reject its name.
  const isAboutSize = refusal.mentions(TOO_HIGH) || refusal.mentions(TOO_LOW);
  if (isAboutSize && !refusal.mentions(NAME_IS_REFUSED)) return undefined;
  return learnedStep({
    tokenLimit: quirks.tokenLimit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens',
  });
};

export const dropStreamUsage: Rung = (refusal, { quirks, streamed }) =>
  (streamed || quirks.mustStream === true) &&
  quirks.streamUsage &&
  refusal.mentions(/stream[_ ]?options|include[_ ]?usage/i)
    ? learnedStep({ streamUsage: false })
    : undefined;

const STREAM = /\bstream(?:ing|ed|s)?\b|\bSSE\b|event-stream/i;
/** Words of hosts that only stream: DashScope's reasoning models, ModelScope, Fireworks, Anthropic for long answers. */
const WANTS_STREAM =
  /only supports? (?:the )?stream|stream(?:ing)? (?:mode )?(?:only|is required)|(?:requires?|enable|use|must (?:have|be|set|use)|need(?:s|ed)?)[^.]{0,20} ['"`]?stream|non-?stream|stream['"`]? ?= ?(?:false|true)|(?:只|仅)支持流式|非流式/i;

export const startStreaming: Rung = (refusal, { quirks, streamed }) =>
  !streamed && quirks.mustStream !== true && refusal.mentions(WANTS_STREAM)
    ? learnedStep({ mustStream: true })
    : undefined;

export const stopStreaming: Rung = (refusal, { quirks, streamed }) =>
  streamed && quirks.streams && refusal.mentions(STREAM) && refusal.mentions(REFUSED)
    ? learnedStep({ streams: false, streamUsage: false })
    : undefined;

export const dropParallelTools: Rung = (refusal, { quirks, shaped }) =>
  usesTool(quirks, shaped) &&
  quirks.parallelTools === 'off' &&
  refusal.mentions(/parallel[_ ]tool/i)
    ? learnedStep({ parallelTools: 'unset' })
    : undefined;

/** vLLM without a parser for tools: no other `tool_choice` helps. */
const NO_TOOLS = /--enable-auto-tool-choice|tool-call-parser/;

export const relaxToolChoice: Rung = (refusal, { quirks, shaped, features }) => {
  if (!usesTool(quirks, shaped) || quirks.toolChoice === 'unset') return undefined;
  if (!refusal.mentions(/tool[_ ]choice|forces tool|forced tool/i) || refusal.mentions(NO_TOOLS))
    return undefined;
  const isForced = quirks.toolChoice === 'forced' && features.autoToolChoice;
  return learnedStep({ toolChoice: isForced && isAboutForce(refusal) ? 'auto' : 'unset' });
};

/** A host that does not know `tool_choice` at all does not accept `auto` either. */
const isAboutForce = (refusal: LlmError): boolean =>
  !refusal.mentions(/extra[_ ]|not permitted|unrecogni[sz]ed|unknown/i);

const usesTool = (quirks: Quirks, shaped: boolean): boolean =>
  shaped && quirks.outputMode === 'tool';

const STRICT =
  /[._]strict\b|['"`]strict['"`]|\bstrict['"`]?(?::| is| parameter| field| property)|(?:parameter|field|argument|property|key|supplied):? ['"`]?strict\b|^strict /i;

export const dropStrict: Rung = (refusal, { quirks, shaped, features }) =>
  shaped &&
  quirks.outputMode === 'json_schema' &&
  quirks.strictSchema &&
  features.strictSchema &&
  refusal.mentions(STRICT) &&
  refusal.mentions(REFUSED)
    ? learnedStep({ strictSchema: false })
    : undefined;
