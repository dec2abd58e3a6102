import type { LlmTarget } from '@app/caller-keys';

import { LlmError } from './llm.error.js';
import type { StopReason } from './llm-provider.js';

const WITHHELD: Readonly<Partial<Record<StopReason, string>>> = {
  refused: 'The model refused to answer this prompt.',
  filtered: 'The provider’s content filter withheld the answer.',
};

/** @throws LlmError for an answer that ended otherwise than by itself. */
export function requireWhole(stop: StopReason, target: LlmTarget, maxOutputTokens: number): void {
  if (stop === 'length')
    throw unusable(
      target,
      `The model’s answer was cut off at ${maxOutputTokens} tokens, too few for the whole of it.`,
    );
  if (stop === 'failed')
    throw new LlmError('llm_unavailable', 'The provider broke off its own answer.', {
      provider: said(target),
    });
  const withheld = WITHHELD[stop];
  if (withheld) throw new LlmError('llm_content_filtered', withheld, { provider: said(target) });
}

export function emptyAnswer(target: LlmTarget): LlmError {
  return unusable(target, 'The model gave an empty answer.');
}

export function unusable(target: LlmTarget, detail: string): LlmError {
  return new LlmError('llm_invalid_output', detail, { provider: said(target) });
}

const said = ({ provider, model }: LlmTarget): NonNullable<LlmError['provider']> => ({
  name: provider,
  model,
  status: 200,
  type: null,
  code: null,
  requestId: null,
});
