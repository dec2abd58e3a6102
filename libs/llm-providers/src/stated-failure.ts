/**
 * Whether an answer of status 200 states in a code or a flag that the call failed, and holds no completion. MiniMax, Baidu,
 * DashScope and company proxies send such answers.
 */
export function statesFailure(answer: unknown): boolean {
  if (!isObject(answer) || isFilled(answer['choices']) || 'content' in answer) return false;
  const { base_resp: outcome, errors, fault, success, header, Response: response } = answer;
  if (isFilled(errors) || isFilled(fault) || success === false) return true;
  // Tencent's and iFlytek's own envelopes.
  if (isObject(response) && isFilled(response['Error'])) return true;
  if (isObject(header) && saysFailure(header['code'])) return true;
  if (isObject(outcome) && saysFailure(outcome['status_code'])) return true;
  return CODE_NAMES.some((name) => saysFailure(answer[name])) && hasText(answer);
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

const saysFailure = (code: unknown): boolean =>
  (typeof code === 'number' || typeof code === 'string') &&
  !SUCCESS.has(String(code).toLowerCase());

const hasText = (answer: Readonly<Record<string, unknown>>): boolean =>
  TEXT_NAMES.some((name) => typeof answer[name] === 'string' && answer[name] !== '');

const isFilled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
