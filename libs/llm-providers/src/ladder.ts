import type { ProviderName } from '@app/caller-keys';

import type { LlmError } from './llm.error.js';
import type { OutputMode, Quirks } from './llm-provider.js';

/** How much of an answer's shape a refusal is about, for the words that providers use of it. */
const ABOUT: Readonly<Record<Exclude<OutputMode, 'prompt'>, RegExp>> = {
  json_schema:
    /response_format|json[_ ]?schema|output_config|output_format|structured|schema|grammar|additionalProperties|json mode/i,
  json_object: /response_format|json/i,
  tool: /tool|function/i,
};

const UNKNOWN_NAME =
  /unrecogni[sz]ed|unknown|unexpected|extra[_ ]|not permitted|not allowed|unsupported (parameter|field)|does not support response_format/i;

/** A model that failed to write what was asked, once: no property of its host. */
const FLUKES = new Set(['json_validate_failed', 'tool_use_failed']);

export interface Step {
  readonly quirks: Quirks;
  /** Worth remembering for the next call to this host and model. */
  readonly lasting: boolean;
}

/**
 * What to leave out after a refusal; undefined where the refusal is about something else.
 * @param last no further call may follow: then the mode that nobody can refuse is taken.
 */
export function stepDown(
  refusal: LlmError,
  quirks: Quirks,
  provider: ProviderName,
  last: boolean,
): Step | undefined {
  if (refusal.code !== 'llm_rejected_request' && refusal.code !== 'llm_endpoint_invalid')
    return undefined;
  const lasting = !FLUKES.has(refusal.provider?.code ?? '');
  // A limit that is only too high names the same parameter: that is no question of its name.
  if (
    refusal.mentions(/max_(completion_)?tokens/) &&
    !refusal.mentions(/too (large|high|big)|at most|maximum|less than|exceed/i)
  ) {
    const other = quirks.tokenLimit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
    return { quirks: { ...quirks, tokenLimit: other }, lasting };
  }
  if (quirks.streamUsage && refusal.mentions(/stream_options|include_usage/))
    return { quirks: { ...quirks, streamUsage: false }, lasting };
  const mode = quirks.outputMode;
  if (
    mode === 'prompt' ||
    !(FLUKES.has(refusal.provider?.code ?? '') || refusal.mentions(ABOUT[mode]))
  )
    return undefined;
  return {
    quirks: {
      ...quirks,
      outputMode: last && mode !== 'json_schema' ? 'prompt' : below(mode, provider, refusal),
    },
    lasting,
  };
}

/** A host that does not know `response_format` at all is not asked for another kind of it; Anthropic has one kind only. */
function below(
  mode: Exclude<OutputMode, 'prompt'>,
  provider: ProviderName,
  refusal: LlmError,
): OutputMode {
  if (mode === 'tool') return 'prompt';
  if (mode === 'json_object' || provider === 'anthropic') return 'tool';
  const unknown = refusal.mentions(UNKNOWN_NAME) && !refusal.mentions(/json_object|value/i);
  return unknown && refusal.mentions(/response_format/) ? 'tool' : 'json_object';
}
