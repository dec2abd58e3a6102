import { z } from 'zod';

import { asJson } from '../answers/loose-answer.js';
import { isAt, OPENAI_BASE_URL } from '../base-url.js';
import { LlmError } from '../llm.error.js';
import type { Verified } from '../llm-provider.js';
import { PLAIN_QUIRKS } from '../quirk-store.js';
import { toLlmError } from '../to-llm-error.js';
import { type ChatCall, completeChat } from './chat-calls.js';

const modelSchema = z.looseObject({ id: z.string() });

/** A list may hold tens of thousands of entries: it is searched, not checked. Together answers with a bare one. */
function listIn(answer: unknown): readonly unknown[] {
  const list =
    typeof answer === 'object' && answer !== null && 'data' in answer ? answer.data : answer;
  return Array.isArray(list) ? list : [];
}

const idOf = (entry: unknown): string =>
  typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
    ? entry.id
    : '';

/** The words of a host that knows the model and will not have its answer cut so short. */
const TOO_SHORT = /max_(completion_|output_)?tokens/i;
const NO_ROUTE: ReadonlySet<number> = new Set([404, 405, 501]);
/** Such a model's name would lead elsewhere in a path. */
const DOTS = /^\.{1,2}$/;

/**
 * Asks for the model, then for the list of them (names with slashes, servers that have only a list). Who is not told
 * by either asks for a completion: at OpenAI of nothing, which is refused and costs nothing; elsewhere of one token.
 * @throws LlmError
 */
export async function verifyModel(call: ChatCall, signal: AbortSignal): Promise<Verified> {
  const isOpenAi = isAt(call.target.baseUrl, OPENAI_BASE_URL);
  if (await isListed(call, isOpenAi, signal)) return 'model';
  return isOpenAi ? refusedEmpty(call, signal) : answersShortly(call, signal);
}

/** False: not told. @throws LlmError what a call would meet as well. */
async function isListed(call: ChatCall, isOpenAi: boolean, signal: AbortSignal): Promise<boolean> {
  const { client, target, classify, endpoint } = call;
  const ask = async (request: Promise<unknown>): Promise<unknown> => {
    try {
      return asJson(await request);
    } catch (error) {
      const failure = toLlmError(error, { target, signal, classify, endpoint });
      if (failure instanceof LlmError && isAboutTheRoute(failure, isOpenAi)) return undefined;
      throw failure;
    }
  };
  if (!DOTS.test(target.model)) {
    const model = await ask(client.models.retrieve(target.model, { signal }));
    if (modelSchema.safeParse(model).success) return true;
  }
  // OpenAI's own answer to the first question was about this key: a list would say no more.
  if (isOpenAi) return false;
  const names = new Set([target.model, `${target.model}:latest`]);
  return listIn(await ask(client.get<unknown>('/models', { signal }))).some((entry) =>
    names.has(idOf(entry)),
  );
}

/**
 * Failures of asking for models that do not tell how a completion would fare: a key may be restricted to completions,
 * and a compatible host may have no such route or list only some of what it serves.
 */
function isAboutTheRoute(failure: LlmError, isOpenAi: boolean): boolean {
  if (failure.code === 'llm_permission_denied' || failure.mentions(/missing scopes/i)) return true;
  return !isOpenAi && NO_ROUTE.has(failure.provider?.status ?? 0);
}

/** A completion of no messages is refused once the key was found good. Whether the model was looked at is not said. */
async function refusedEmpty(call: ChatCall, signal: AbortSignal): Promise<Verified> {
  await rejectsEmptyChat(call, signal);
  return 'key';
}

/** @throws LlmError unless the provider refuses the lack of messages itself, and nothing before it. */
export async function rejectsEmptyChat(call: ChatCall, signal: AbortSignal): Promise<void> {
  const nothing = { system: '', turns: [], maxOutputTokens: 1, signal };
  try {
    await completeChat(call, nothing, { ...PLAIN_QUIRKS, tokenLimit: 'max_completion_tokens' });
  } catch (error) {
    const refused = error instanceof LlmError && error.code === 'llm_rejected_request';
    if (!(refused && (error.mentions(/messages/i) || error.mentions(TOO_SHORT)))) throw error;
  }
}

async function answersShortly(call: ChatCall, signal: AbortSignal): Promise<Verified> {
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
