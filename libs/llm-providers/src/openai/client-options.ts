import type { ApiEgress } from '@app/egress';
import { APIError, type ClientOptions } from 'openai';

import { boundedFetch, type ExpectedAnswer } from '../boundary/bounded-fetch.js';
import { withoutSlash } from '../provider-definition.js';

/** A backstop: every call has a deadline of its own, and the SDK's covers only the time to the headers. */
const SDK_TIMEOUT_MS = 600_000;

/**
 * Every option is given: the SDK reads missing ones from the environment. No option disables OPENAI_CUSTOM_HEADERS, so
 * each header that the egress lets out is set here.
 */
export function clientOptions(
  egress: ApiEgress,
  apiKey: string,
  headers: Readonly<Record<string, string | null>>,
  expected: ExpectedAnswer,
) {
  return {
    apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    logLevel: 'off',
    fetch: boundedFetch(egress, expected),
    defaultHeaders: {
      accept: 'application/json',
      'user-agent': 'aurra',
      authorization: null,
      ...headers,
    },
  } satisfies ClientOptions;
}

/** The SDK appends `/chat/completions`; a bare host gets the `/v1` that compatible hosts serve the API under. */
export function openAiBaseUrl(given: string): string {
  const url = withoutSlash(given).replace(/\/chat\/completions$/, '');
  return new URL(url).pathname === '/' ? `${url}/v1` : url;
}

/** The SDK keeps only `error` of a failed answer's body. Some servers use other fields, so the whole body is kept. */
export function wholeBodyError(
  status: number,
  body: object | undefined,
  text: string | undefined,
  headers: Headers,
): APIError {
  const error = new APIError(status, body, text, headers);
  return Object.assign(error, { error: body ?? text });
}
