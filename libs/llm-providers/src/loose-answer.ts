import { statesFailure } from './stated-failure.js';

/** A server that forgets its content type has its JSON handed on as text by the SDKs. */
export function asJson(answer: unknown): unknown {
  if (typeof answer !== 'string') return answer;
  try {
    return JSON.parse(answer);
  } catch {
    return answer;
  }
}

/** Some answer 200 and put an error inside; older vLLM says `"object": "error"` and has it lie flat. */
export function holdsError(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  if (statesFailure(Array.isArray(answer) ? answer[0] : answer)) return true;
  return (
    ('error' in answer && Boolean(answer.error)) ||
    ('object' in answer && answer.object === 'error')
  );
}

/** Whether an answer is of another API: a page, a text, or JSON without any field of a completion. Nothing at all may be a breakdown. */
export function isOfAnotherKind(answer: unknown, fields: readonly string[]): boolean {
  if (typeof answer === 'string') return /^\s{0,64}</.test(answer);
  if (typeof answer !== 'object' || answer === null) return false;
  return !fields.some((field) => field in answer);
}

/** What a server that does not stream sent instead of events; undefined where it sent events. */
export async function wholeAnswerIn(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? '';
  return /\bjson\b|\bhtml\b/i.test(type) ? asJson(await response.text()) : undefined;
}
