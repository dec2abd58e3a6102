import { endOf, parseBounded } from '../boundary/bounded-json.js';
import { repairedJson } from '../boundary/repaired-json.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Whether an answer, or an event of a stream, states that the call failed. Some hosts send such a body with status 200. Of a
 * list the first value counts.
 */
export function statesFailure(answer: unknown): boolean {
  const held: unknown = Array.isArray(answer) ? answer[0] : answer;
  return isObject(held) && (hasError(held) || isFailureEnvelope(held));
}

/** Older vLLM sends `"object": "error"` with the fields of the error at the top level. */
const hasError = (answer: JsonObject): boolean =>
  saysAnything(answer['error']) || answer['object'] === 'error';

/** Some hosts send an empty error with every answer. */
const saysAnything = (error: unknown): boolean =>
  typeof error === 'object' && error !== null ? Object.values(error).some(Boolean) : Boolean(error);

/**
 * Whether an answer holds no completion, and states in a code, a flag or a list of errors that the call failed. MiniMax, Baidu,
 * DashScope and company proxies send such answers.
 */
function isFailureEnvelope(answer: JsonObject): boolean {
  if (isFilled(answer['choices']) || 'content' in answer) return false;
  const { base_resp: outcome, errors, fault, success, header, Response: response } = answer;
  if (isFilled(errors) || isFilled(fault) || success === false) return true;
  // Tencent's and iFlytek's own envelopes.
  if (isObject(response) && isFilled(response['Error'])) return true;
  if (isObject(header) && isFailureCode(header['code'])) return true;
  if (isObject(outcome) && isFailureCode(outcome['status_code'])) return true;
  return CODE_NAMES.some((name) => isFailureCode(answer[name])) && hasErrorText(answer);
}

const CODE_NAMES = [
  'code',
  'ret',
  'errcode',
  'error_code',
  'err_code',
  'status_code',
  'statusCode',
  'errorCode',
];
const TEXT_NAMES = [
  'message',
  'msg',
  'errmsg',
  'error_msg',
  'error_message',
  'err_msg',
  'errorMessage',
];
const SUCCESS = new Set(['', '0', '00000', '200', 'ok', 'success', 'succeeded']);

const isFailureCode = (code: unknown): boolean =>
  (typeof code === 'number' || typeof code === 'string') &&
  !SUCCESS.has(String(code).toLowerCase());

const hasErrorText = (answer: JsonObject): boolean =>
  TEXT_NAMES.some((name) => typeof answer[name] === 'string' && answer[name] !== '');

const isFilled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Characters of white space that may stand between two values. */
const MAX_SPACE = 8;

/**
 * Parses an answer that is JSON in a string: the SDKs return such a string if the server sends no content type. Any other
 * answer is returned unchanged.
 */
export function asJson(answer: unknown): unknown {
  if (typeof answer !== 'string') return answer;
  try {
    return JSON.parse(answer);
  } catch {
    return answer;
  }
}

/**
 * Reads the values of a body in one piece: one JSON value, or several that follow each other, if the host streams one value per
 * line. Comments of a stream before the first value, and text after the last one, are ignored. A body that is not JSON is
 * returned as its text.
 */
export async function readWholeBody(text: string): Promise<readonly unknown[]> {
  const body = withoutComments(text);
  const whole = await readJson(body);
  if (whole !== undefined) return [whole];
  const values = await leadingValuesOf(body);
  return values.length > 0 ? values : [body];
}

/** Parses JSON, including common mistakes of servers; undefined for a text that breaks off or is not JSON. */
export async function readJson(text: string): Promise<unknown> {
  try {
    return parseBounded(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return /^\s*[{[]/.test(text) ? await repairedJson(text) : undefined;
  }
}

/** Reads the consecutive objects at the beginning of a text. */
async function leadingValuesOf(text: string): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  let at = 0;
  while (text[at] === '{') {
    const end = endOf(text, at);
    const value = end === undefined ? undefined : await readJson(text.slice(at, end));
    if (end === undefined || value === undefined) break;
    values.push(value);
    at = end + (/^\s*/.exec(text.slice(end, end + MAX_SPACE))?.[0].length ?? 0);
  }
  return values;
}

/** Removes blank lines and lines with a colon at their start before the first value: they keep a connection open. */
function withoutComments(text: string): string {
  let rest = text.trimStart();
  while (rest.startsWith(':')) {
    const end = rest.indexOf('\n');
    rest = end === -1 ? '' : rest.slice(end + 1).trimStart();
  }
  return rest;
}

/** Envelopes of company proxies, Cloudflare and DashScope. */
const ENVELOPES = ['data', 'result', 'output', 'response', 'body'];

/**
 * Finds the completion in a body that wraps it: in an envelope, a list, or a text that is JSON. A list of several completions is a
 * collected stream, and all of them are returned. Any other body is returned as the only answer.
 */
export function answersIn(given: unknown, fields: readonly string[]): readonly unknown[] {
  const value =
    typeof given === 'string' && /^\s{0,16}[{[]/.test(given) ? boundedJson(given) : given;
  if (Array.isArray(value))
    return value.length > 0 && value.every((entry) => holdsAny(entry, fields)) ? value : [value];
  if (
    holdsAny(value, fields) ||
    statesFailure(value) ||
    typeof value !== 'object' ||
    value === null
  )
    return [value];
  const outer = value as JsonObject;
  const inner = ENVELOPES.map((name) => boundedJson(outer[name])).find((held) =>
    holdsAny(held, fields),
  );
  return [inner === undefined ? value : { usage: outer['usage'], ...inner }];
}

function boundedJson(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return parseBounded(given);
  } catch (error) {
    if (error instanceof SyntaxError) return given;
    throw error;
  }
}

const holdsAny = (value: unknown, fields: readonly string[]): value is object =>
  typeof value === 'object' && value !== null && fields.some((field) => field in value);

/** Fields with the text of an answer in the streams of other APIs. */
const FOREIGN_FIELDS = ['choices', 'candidates', 'message', 'response', 'output', 'delta', 'done'];

/** Whether an event belongs to another API, and is not sent only to keep the connection open. */
export const hasForeignField = (value: unknown): boolean => holdsAny(value, FOREIGN_FIELDS);

/**
 * Whether a whole answer belongs to another API: a page of HTML, or a JSON object without any field of a completion. Plain
 * text, null and an empty body do not count: the host may only be down.
 */
export function isForeignAnswer(answer: unknown, fields: readonly string[]): boolean {
  if (typeof answer === 'string') return /^\s{0,64}</.test(answer);
  if (typeof answer !== 'object' || answer === null) return false;
  return !fields.some((field) => field in answer);
}
