import { sealedSchema } from '@app/caller-keys';
import { z } from 'zod';

import { defineJob, PAYLOAD_VERSIONS, type PayloadOf, SEALED_JOB_OPTIONS } from './job-contract.js';

export const verifyLlm = defineJob({
  // A queue of its own, so that checking a key does not wait behind questions.
  queue: 'verification',
  name: 'verify-llm',
  version: 2,
  // There is no row: the target is in the envelope, the result is in the reply, and nothing is stored.
  payload: z.object({
    v: PAYLOAD_VERSIONS,
    verificationId: z.uuid(),
    run: z.int(),
    accountId: z.uuid(),
    sealed: sealedSchema,
    refusalsUnder: z.string(),
    replyTo: z.string(),
    requestId: z.string(),
    traceparent: z.string().optional(),
  }),
  /** `model`: the key may use the model. `key`: the key is valid; only a paid completion would show whether the model exists. */
  reply: z.object({ checked: z.enum(['key', 'model']) }),
  // The caller waits for the reply and can send the request again.
  options: { ...SEALED_JOB_OPTIONS, attempts: 1 },
});

export type VerifyLlm = PayloadOf<typeof verifyLlm>;
