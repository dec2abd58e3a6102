import { z } from 'zod';

import { isAt, OPENAI_BASE_URL } from '../base-url.js';
import { LlmError } from '../llm.error.js';
import { asJson } from '../loose-answer.js';
import { toLlmError } from '../to-llm-error.js';
import { type ChatCall, completeChat } from './chat-calls.js';

const modelSchema = z.looseObject({ id: z.string() });
/** Together answers with a bare list. */
const listSchema = z.union([
  z.looseObject({ data: z.array(modelSchema) }).transform(({ data }) => data),
  z.array(modelSchema),
]);

/**
 * Asks for the model (OpenAI) or for the list of them (compatible servers, whose model names often hold slashes).
 * A server that has no list is asked for a few tokens: there is no other way.
 */
export async function verifyModel(call: ChatCall, signal: AbortSignal): Promise<'key' | 'model'> {
  const { client, target, classify } = call;
  try {
    if (isAt(target.baseUrl, OPENAI_BASE_URL)) {
      await client.models.retrieve(target.model, { signal });
      return 'model';
    }
    const answer = asJson(await client.get<unknown>('/models', { signal }));
    const models = listSchema.safeParse(answer).data ?? [];
    if (models.some(({ id }) => id === target.model || id === `${target.model}:latest`))
      return 'model';
  } catch (error) {
    const failure = toLlmError(error, { target, signal, classify });
    if (!(failure instanceof LlmError && failure.code === 'llm_endpoint_invalid')) throw failure;
  }
  await completeChat(
    call,
    { system: '', turns: [{ role: 'user', content: 'Hi' }], maxOutputTokens: 1, signal },
    { outputMode: 'prompt', tokenLimit: 'max_tokens', sampling: false },
  );
  return 'model';
}
