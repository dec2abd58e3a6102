import type { LlmTarget } from '@app/caller-keys';
import { AppError, CODES } from '@app/errors';

import { AnswerBoundsError } from '../boundary/bounds.js';
import type { CalledEndpoint } from '../boundary/called-endpoint.js';
import { scrubberFor } from '../boundary/scrub.js';
import { cutText, plainLine } from '../boundary/storable-text.js';
import type { StopReason } from '../llm-provider.js';
import { LlmError, type LlmErrorCode } from './llm.error.js';
import { type ProviderFailure, readFailure } from './provider-failure.js';
import { retryAfterMsOf } from './retry-after.js';
import { isTransportFailure, transportDetail } from './transport-failure.js';

const WITHHELD: Readonly<Partial<Record<StopReason, string>>> = {
  refused: 'The model refused to answer this prompt.',
  filtered: 'The provider’s content filter withheld the answer.',
};

/** @throws LlmError for an answer that was cut off, refused, filtered, or broken off by the host */
export function requireWhole(stop: StopReason, target: LlmTarget, maxOutputTokens: number): void {
  if (stop === 'length')
    throw unusableAnswerError(
      target,
      `The model’s answer was cut off at ${maxOutputTokens} tokens, too few for the whole of it.`,
    );
  if (stop === 'failed')
    throw new LlmError('llm_unavailable', 'The provider broke off its own answer.', {
      provider: answeringProviderOf(target),
    });
  const withheld = WITHHELD[stop];
  if (withheld)
    throw new LlmError('llm_content_filtered', withheld, { provider: answeringProviderOf(target) });
}

export function emptyAnswerError(target: LlmTarget): LlmError {
  return unusableAnswerError(target, 'The model gave an empty answer.');
}

export function unusableAnswerError(target: LlmTarget, detail: string): LlmError {
  return new LlmError('llm_invalid_output', detail, { provider: answeringProviderOf(target) });
}

const MAX_DETAIL_CHARACTERS = 1_000;
const MAX_WORD_CHARACTERS = 200;

/** Messages for failures without a text of the provider. */
const FIXED_DETAILS: Readonly<Partial<Record<LlmErrorCode, string>>> = {
  llm_auth_failed:
    'The provider refused the key. Check that it is valid and belongs to this provider.',
  llm_permission_denied: 'The provider denied this key the permission for this call.',
  llm_model_invalid: 'The provider does not know the model, or this key may not use it.',
  llm_context_length_exceeded: 'The text is too long for the model.',
  llm_content_filtered: 'The provider filtered the content.',
  llm_rejected_request: 'The provider rejected the request and did not say why.',
  llm_rate_limited: 'The provider limits the rate of this key. Try again later.',
  llm_quota_exhausted: 'The account at the provider has no quota left. Check its plan and billing.',
  llm_unavailable: 'The provider cannot serve the call at the moment. Try again later.',
};

/** An error of a vendor's SDK, sorted by its cause: the provider answered, it did not, or the SDK did not send the request. */
export type SdkFailure =
  | {
      readonly kind: 'answered';
      readonly status: number | null;
      readonly body: unknown;
      readonly headers: Headers;
    }
  | { readonly kind: 'unanswered' | 'unsent' };

/** How the failures of one provider are read. */
export interface FailureReader {
  /** Undefined for an error that is not the SDK's. */
  readonly readSdkError: (error: unknown) => SdkFailure | undefined;
  readonly classify: (failure: ProviderFailure) => LlmErrorCode;
  /** The names of the fields of `llm` that make up the address, for the error about a wrong address. */
  readonly addressFields: string;
}

type ErrorClass<Kind> = abstract new (...given: never[]) => Kind;

/**
 * Reads the errors of SDKs from one code generator. `APIError`: the provider answered if it has headers, and did not
 * otherwise. The SDK's base error: the request was not sent.
 */
export const readSdkErrorsOf =
  (
    ApiError: ErrorClass<{
      readonly status: number | undefined;
      readonly headers: Headers | undefined;
      readonly error: unknown;
    }>,
    SdkError: ErrorClass<Error>,
  ): FailureReader['readSdkError'] =>
  (error) => {
    if (error instanceof ApiError) {
      const { status, headers, error: body } = error;
      return headers === undefined
        ? { kind: 'unanswered' }
        : { kind: 'answered', status: status ?? null, body, headers };
    }
    return error instanceof SdkError ? { kind: 'unsent' } : undefined;
  };

export interface FailedCall {
  readonly target: LlmTarget;
  readonly signal: AbortSignal;
  readonly failures: FailureReader;
  readonly endpoint?: CalledEndpoint | undefined;
}

/**
 * Converts an error of a call into the error that an adapter throws: an LlmError, classified and scrubbed. An AppError, such
 * as a refusal by the egress, stays as it is. If the call was aborted for another reason than a timeout, the result is that
 * reason.
 */
export function toLlmError(error: unknown, call: FailedCall): unknown {
  if (error instanceof AppError) return error;
  if (call.signal.aborted)
    return isTimeout(call.signal.reason) ? timeoutError(call.target) : call.signal.reason;
  const refusal = causeOf(error, AppError);
  if (refusal) return refusal;
  const exceeded = causeOf(error, AnswerBoundsError);
  if (exceeded) return unusableAnswerError(call.target, exceeded.message);
  const failure = call.failures.readSdkError(error);
  if (failure?.kind === 'answered')
    return statedFailureError(readFailure(failure.body, failure.status, failure.headers), call);
  if (isTransportFailure(error) || failure?.kind === 'unanswered') {
    return new LlmError('llm_unavailable', transportDetail(error, call.endpoint), {
      provider: providerOf(call.target),
    });
  }
  // The SDKs refuse a model whose name would change the path of the URL.
  if (failure?.kind === 'unsent')
    return new LlmError(
      'llm_model_invalid',
      'The model’s name cannot stand in a path, so the provider was not asked for it.',
      { provider: providerOf(call.target) },
    );
  // The error occurred while the answer was read. A retry would cost again and fail again.
  return unusableAnswerError(call.target, 'The provider’s answer cannot be read.');
}

/** The error for a failure that the provider states. */
export function statedFailureError(
  failure: ProviderFailure,
  { target, failures, endpoint }: Pick<FailedCall, 'target' | 'failures' | 'endpoint'>,
): LlmError {
  const code = failures.classify(failure);
  const scrub = scrubberFor(target.key);
  const word = (text: string | null): string | null =>
    text === null ? null : cutText(scrub.error(plainLine(text)), MAX_WORD_CHARACTERS);
  const words = cutText(scrub.error(plainLine(failure.message)), MAX_DETAIL_CHARACTERS);
  const detail = words === '' ? (FIXED_DETAILS[code] ?? code) : words;
  return new LlmError(
    code,
    code === 'llm_endpoint_invalid' ? wrongEndpoint(words, failures, endpoint) : detail,
    {
      retryAfterMs: CODES[code].retryable
        ? retryAfterMsOf(failure.headers, failure.message, failure.wait)
        : undefined,
      param: word(failure.param),
      unscrubbedText: plainLine(`${failure.param ?? ''} ${failure.message} ${failure.words}`),
      provider: {
        name: target.provider,
        model: target.model,
        status: failure.status,
        type: word(failure.type),
        code: word(failure.code),
        requestId: word(requestIdOf(failure.headers)),
      },
    },
  );
}

/** The called address, the answer and the fields to check: `POST https://host/v1/chat/completions answered: 404 page not found.` */
function wrongEndpoint(words: string, failures: FailureReader, endpoint?: CalledEndpoint): string {
  const called = endpoint?.called;
  const at = called === undefined ? '' : `: ${called}`;
  const sentence =
    words === ''
      ? `The provider knows no such path${at}`
      : `${called ?? 'The provider'} answered: ${words}`;
  return `${asSentence(sentence)} ${hint(failures)}`;
}

const asSentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/**
 * The error for an answer of status 200 that belongs to another API, so the address is wrong. If the answer states an error in
 * words, those words decide and are shown.
 */
export function foreignAnswerError(failure: ProviderFailure, call: FailedCall): LlmError {
  const { target, endpoint, failures } = call;
  const code = failures.classify(failure);
  if (failure.message !== '' && !failure.isHtml) {
    const stated = code === 'llm_unavailable' ? 'llm_endpoint_invalid' : code;
    return statedFailureError(failure, {
      ...call,
      failures: { ...failures, classify: () => stated },
    });
  }
  const called = endpoint?.called ?? 'The provider';
  return new LlmError(
    'llm_endpoint_invalid',
    `${called} answered with something other than a completion. ${hint(failures)}`,
    { provider: answeringProviderOf(target) },
  );
}

/** The error for an answer of status 200 that is no completion. */
export function noCompletionError(target: LlmTarget): LlmError {
  return new LlmError(
    'llm_unavailable',
    'The provider answered with something other than a completion. Check base_url.',
    { provider: answeringProviderOf(target) },
  );
}

/** The error for a stream that ends without a stop reason: the connection broke. */
export function brokenStreamError(target: LlmTarget): LlmError {
  return new LlmError('llm_unavailable', 'The connection broke before the answer was complete.', {
    provider: providerOf(target),
  });
}

function timeoutError(target: LlmTarget): LlmError {
  return new LlmError('llm_unavailable', 'The provider did not answer in time.', {
    provider: providerOf(target),
  });
}

/** For an error without an answer of the provider. */
const providerOf = ({ provider, model }: LlmTarget): NonNullable<AppError['provider']> => ({
  name: provider,
  model,
  status: null,
  type: null,
  code: null,
  requestId: null,
});

/** For an error about an answer that the provider sent as a success. */
const answeringProviderOf = (target: LlmTarget): NonNullable<AppError['provider']> => ({
  ...providerOf(target),
  status: 200,
});

/** Names the fields of `llm` that make up the address, because the provider's own words cannot name them. */
const hint = ({ addressFields }: FailureReader): string => `Check ${addressFields}.`;

const requestIdOf = (headers: Headers): string | null =>
  headers.get('x-request-id') ?? headers.get('request-id') ?? headers.get('apim-request-id');

const isTimeout = (reason: unknown): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError';

/**
 * Finds an error of one class in the chain of causes. The SDKs wrap what their fetch throws: a refused address or a refused
 * answer.
 */
function causeOf<Kind extends Error>(
  error: unknown,
  kind: abstract new (...given: never[]) => Kind,
): Kind | undefined {
  let at = error;
  for (let depth = 0; at instanceof Error && depth < 8; depth += 1) {
    if (at instanceof kind) return at;
    at = at.cause;
  }
  return undefined;
}
