import type { Due } from './provider-answers.js';

/** The answer that a write must get after an accident of a provider, and that of a query if it differs. */
export interface WireDue {
  readonly write: Due;
  readonly query?: Due;
}

const both = (write: Due): WireDue => ({ write });
const good: WireDue = both({ code: 200 });
const down = (says: string, rest: Omit<Due, 'code'> = {}): WireDue =>
  both({ code: 'llm_unavailable', says, ...rest });
/** The model's answers to a write and to its repair turn are both unusable. A query accepts any text. */
const unusable: WireDue = {
  write: {
    code: 'llm_invalid_output',
    says: 'did not match the requested schema',
    status: 200,
    calls: 2,
  },
  query: { code: 200 },
};
/** The answer is usable after one repair. */
const repaired: WireDue = { write: { code: 200, calls: 2 }, query: { code: 200 } };

const NOT_IN_TIME = 'did not answer in time';
const BROKEN = 'The connection broke before the answer was complete.';
const NOT_JSON = 'something other than';
const LATE = down(NOT_IN_TIME, { status: null });
const REDIRECTED = down('a redirect, which is not followed', { status: null });
/** Both accidents get one code, because Anthropic has one stop reason for a refusal and a filtered answer. */
const FILTERED = both({ code: 'llm_content_filtered', status: 200 });
const REFUSED_KEY = both({
  code: 'llm_auth_failed',
  status: 401,
  says: 'Incorrect API key provided',
});
const CUT_OFF = both({ code: 'llm_invalid_output', says: 'was cut off', status: 200, calls: 2 });

const forms = ['whole', 'masked', 'base64', 'base64-shifted', 'urlencoded'];
const eachForm = (name: string, due: WireDue): Readonly<Record<string, WireDue>> =>
  Object.fromEntries(forms.map((form) => [`${name}-${form}`, due]));

/** Answers that no provider documents: half answers, other formats, endless waits. docs/errors.md#llm_unavailable, docs/errors.md#llm_invalid_output. */
export const WIRE_ANSWERS: Readonly<Record<string, WireDue>> = {
  html: down('', { status: 502 }),
  'html-200': both({
    code: 'llm_endpoint_invalid',
    status: 200,
    says: 'something other than a completion',
  }),
  'html-401': both({ code: 'llm_auth_failed', status: 401 }),
  'html-503-with-wait': down('', { status: 503, wait: 30 }),
  'gateway-timeout': down('upstream request timeout', { status: 504 }),
  'empty-body': down(NOT_JSON),
  'empty-error': down('', { status: 500 }),
  'no-content': down(NOT_JSON),
  'wrong-content-type': good,
  'error-wrong-content-type': both({ code: 'llm_model_invalid' }),
  'error-in-ok': down(''),
  'json-cut-off': down(NOT_JSON),
  'json-null': down(NOT_JSON),
  'reset-before-body': down(BROKEN, { status: null }),
  'reset-mid-body': down(BROKEN, { status: null }),
  'stream-ends-early': down(NOT_JSON),
  'stream-error-event': down(''),
  'stream-overloaded-first': down(''),
  'slow-drip': LATE,
  hang: LATE,
  'hang-mid-body': LATE,
  'very-long-error': down('xxxxxxxx', { status: 500 }),
  'redirect-301': REDIRECTED,
  'redirect-302': REDIRECTED,
  'redirect-307': REDIRECTED,
  'redirect-308': REDIRECTED,
  ...eachForm('echo-key-error', REFUSED_KEY),
  ...eachForm('echo-key-html', down('', { status: 500 })),
  'echo-key-header': good,
  'echo-key-request-id': down(''),

  'invalid-json': unusable,
  'invalid-json-once': repaired,
  prose: unusable,
  'prose-around-json': good,
  'fenced-json': good,
  'thinking-json': good,
  'wrong-shape': unusable,
  'wrong-shape-once': repaired,
  'wrong-messages': good,
  'wrong-importance': good,
  'wrong-dates': good,
  'nul-in-facts': good,
  'same-fact-twice': good,
  'schema-echo': unusable,
  'empty-answer': {
    write: { ...unusable.write },
    query: { code: 'llm_invalid_output', says: 'empty answer', status: 200 },
  },
  'no-facts': good,
  'wrong-markers': good,
  'no-markers': good,
  truncated: CUT_OFF,
  // The answer is complete at a limit of more than 8,192 tokens. The second call of a write has it, no call of a query does.
  'truncated-once': { write: { code: 200, calls: 2 }, query: CUT_OFF.write },
  refusal: FILTERED,
  'content-filter': FILTERED,
  ...eachForm('echo-key-answer', good),
  ...eachForm('echo-key-fact', good),
};
