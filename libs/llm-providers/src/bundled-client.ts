import type { LlmTarget } from '@app/caller-keys';
import { AppError, type ErrorCode } from '@app/errors';
import type { z } from 'zod';

import { LlmClient, type Prompt, type GenerationSpending } from './llm-client.js';
import type { VerifiedPart } from './llm-provider.js';

/** Errors of the bundled account that only the operator can fix: its key, rights, credit, model and address. */
const OPERATOR_ERRORS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'llm_auth_failed',
  'llm_permission_denied',
  'llm_quota_exhausted',
  'llm_model_invalid',
  'llm_endpoint_invalid',
]);

/**
 * Calls through the bundled account. Errors that only the operator can fix become `bundled_llm_unavailable`: callers sent no
 * key, so they cannot fix such an error and must not read it.
 */
export class BundledLlmClient extends LlmClient {
  constructor(private readonly client: LlmClient) {
    super();
  }

  override generateObject<Schema extends z.ZodType>(
    prompt: Prompt & { readonly shapeName: string; readonly schema: Schema },
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly value: z.output<Schema> }> {
    return this.client.generateObject(prompt, target).catch(hideOperatorError);
  }

  override generateText(
    prompt: Prompt,
    target: LlmTarget,
  ): Promise<GenerationSpending & { readonly text: string }> {
    return this.client.generateText(prompt, target).catch(hideOperatorError);
  }

  override async *streamText(
    prompt: Prompt,
    target: LlmTarget,
  ): AsyncGenerator<string, GenerationSpending & { readonly text: string }> {
    try {
      return yield* this.client.streamText(prompt, target);
    } catch (error) {
      return hideOperatorError(error);
    }
  }

  override verify(target: LlmTarget, signal: AbortSignal): Promise<VerifiedPart> {
    return this.client.verify(target, signal).catch(hideOperatorError);
  }
}

function hideOperatorError(error: unknown): never {
  if (!(error instanceof AppError) || !OPERATOR_ERRORS.has(error.code)) throw error;
  throw new AppError(
    'bundled_llm_unavailable',
    'The model account of this installation does not work right now; its operator has to mend it. Pass `llm` with your own provider and key.',
    { cause: error },
  );
}
