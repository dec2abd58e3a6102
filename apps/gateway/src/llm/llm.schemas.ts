import { type LlmTarget, llmTargetSchema, PROVIDER_NAMES } from '@app/caller-keys';
import { z } from 'zod';

/** Strict: a field that the verification does not check is refused. */
export const verifySchema = z.strictObject({ llm: llmTargetSchema }).meta({ id: 'Verify' });

export interface Verify {
  readonly llm: LlmTarget;
}

export const verifiedSchema = z
  .object({
    ok: z.literal(true),
    provider: z.enum(PROVIDER_NAMES),
    model: z.string(),
    checked: z
      .enum(['key', 'model'])
      .describe(
        '`model`: this key may use this model. `key`: the key is good, and the provider does not say more without generating.',
      ),
  })
  .meta({ id: 'Verified' });

export type VerifiedView = z.output<typeof verifiedSchema>;
