import { isAtVendor } from '@app/caller-keys';
import { z } from 'zod';

import { asJson } from '../answers/loose-answer.js';
import { LlmError } from '../errors/llm.error.js';
import { PLAIN_QUIRKS, type VerifiedPart } from '../llm-provider.js';
import { toLlmError } from '../errors/to-llm-error.js';
import { type ChatCall, completeChat } from './chat-calls.js';

const modelSchema = z.looseObject({ id: z.string() });

/** The list of models. It may have tens of thousands of entries, so they are not validated. Together sends a bare list. */
function listIn(answer: unknown): readonly unknown[] {
  const list =
    typeof answer === 'object' && answer !== null && 'data' in answer ? answer.data : answer;
  return Array.isArray(list) ? list : [];
}

const idOf = (entry: unknown): string =>
  typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
    ? entry.id
    : '';

/** Words of a host that knows the model but refuses so low a limit. */
const TOO_SHORT = /max_(completion_|output_)?tokens/i;
const NO_ROUTE: ReadonlySet<number> = new Set([404, 405, 501]);
/** As a model's name these would change the path of the URL. */
const DOTS = /^\.{1,2}$/;

/**
 * Requests the model, then the list of models: some hosts have only a list, or no route for a name with slashes. If neither
 * names the model, requests a completion: at OpenAI without messages, which is refused and costs nothing; elsewhere of one token.
 * @throws LlmError
 */
export async function verifyModel(call: ChatCall, signal: AbortSignal): Promise<VerifiedPart> {
  const isOpenAi = isAtVendor(call.target);
  if (await isKnownToHost(call, isOpenAi, signal)) return 'model';
  return isOpenAi ? verifyKeyWithEmptyChat(call, signal) : verifyModelWithOneToken(call, signal);
}

/** False: the host does not name the model. @throws LlmError for a failure that a completion would meet too. */
async function isKnownToHost(
  call: ChatCall,
  isOpenAi: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { client, target, failures, endpoint } = call;
  const ask = async (request: Promise<unknown>): Promise<unknown> => {
    try {
      return asJson(await request);
    } catch (error) {
      const failure = toLlmError(error, { target, signal, failures, endpoint });
      if (failure instanceof LlmError && isAboutTheRoute(failure, isOpenAi)) return undefined;
      throw failure;
    }
  };
  if (!DOTS.test(target.model)) {
    const model = await ask(client.models.retrieve(target.model, { signal }));
    if (modelSchema.safeParse(model).success) return true;
  }
  // If OpenAI refused the first request, the reason is the key's permissions, so it would refuse the list too.
  if (isOpenAi) return false;
  const names = new Set([target.model, `${target.model}:latest`]);
  return listIn(await ask(client.get<unknown>('/models', { signal }))).some((entry) =>
    names.has(idOf(entry)),
  );
}

/**
 * Whether a failed request for models says nothing about completions: a key may be restricted to completions, and a
 * compatible host may have no such route or list only some of its models.
 */
function isAboutTheRoute(failure: LlmError, isOpenAi: boolean): boolean {
  if (failure.code === 'llm_permission_denied' || failure.mentions(/missing scopes/i)) return true;
  return !isOpenAi && NO_ROUTE.has(failure.provider?.status ?? 0);
}

/** A completion without messages is refused only after the key was accepted. It does not show whether the model exists. */
async function verifyKeyWithEmptyChat(call: ChatCall, signal: AbortSignal): Promise<VerifiedPart> {
  await requireEmptyChatRefusal(call, signal);
  return 'key';
}

/** @throws LlmError for every failure but a refusal of the missing messages or of the low limit */
export async function requireEmptyChatRefusal(call: ChatCall, signal: AbortSignal): Promise<void> {
  const nothing = { system: '', turns: [], maxOutputTokens: 1, signal };
  try {
    await completeChat(call, nothing, { ...PLAIN_QUIRKS, tokenLimit: 'max_completion_tokens' });
  } catch (error) {
    const refused = error instanceof LlmError && error.code === 'llm_rejected_request';
    if (!(refused && (error.mentions(/messages/i) || error.mentions(TOO_SHORT)))) throw error;
  }
}

/** @throws LlmError unless the model answers, or refuses only so low a limit. */
async function verifyModelWithOneToken(call: ChatCall, signal: AbortSignal): Promise<VerifiedPart> {
  try {
    await completeChat(
      call,
      { system: '', turns: [{ role: 'user', content: 'Hi' }], maxOutputTokens: 1, signal },
      PLAIN_QUIRKS,
    );
  } catch (error) {
    const tooShort = error instanceof LlmError && error.code === 'llm_rejected_request';
    if (!(tooShort && error.mentions(TOO_SHORT))) throw error;
  }
  return 'model';
}
