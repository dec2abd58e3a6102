import { TextAllowance } from '../boundary/bounds.js';
import { peekBody, replayStream } from '../boundary/peek-body.js';
import { serverEvents } from '../boundary/server-events.js';
import { WholeAnswer } from '../boundary/whole-answer.js';
import { readFailure } from '../errors/provider-failure.js';
import {
  brokenStreamError,
  type FailedCall,
  statedFailureError,
  foreignAnswerError,
  toLlmError,
  noCompletionError,
} from '../errors/to-llm-error.js';
import type { Completion, CompletionRequest } from '../llm-provider.js';
import { type AnswerPiece, CollectedAnswer } from './collected-answer.js';
import {
  answersIn,
  isForeignAnswer,
  hasForeignField,
  readJson,
  readWholeBody,
  statesFailure,
} from './loose-answer.js';

/** How one vendor's answers are read. */
export interface AnswerReader {
  /** A value with any of these fields is an answer of this API. */
  readonly fields: readonly string[];
  /** The same for one event of a stream. */
  readonly eventFields: readonly string[];
  /** Undefined: no completion. */
  readonly whole: (value: unknown) => AnswerPiece | undefined;
  readonly event: (value: unknown) => AnswerPiece;
}

/** How long usage may arrive after the end of the answer. */
const MAX_MS_BEHIND_END = 2_000;
/** `[DONE]` in the spelling of any host. */
const DONE = /^\s*"?\[?done\]?"?\s*$/i;
/** Some proxies send a whole line of the host's stream as the data of an event. */
const REPEATED_FIELD = /^data: ?/;

/**
 * Reads an answer while it arrives, and yields its text. The answer may arrive as events or in one piece, and need not have the
 * form that was requested. A failure after the end of the answer is ignored.
 * @returns the completion
 * @throws LlmError, and the signal's own reason.
 */
export async function* receiveCompletion(
  send: (signal: AbortSignal) => Promise<Response>,
  reader: AnswerReader,
  call: FailedCall,
  { maxOutputTokens }: Pick<CompletionRequest, 'maxOutputTokens'>,
): AsyncGenerator<string, Completion> {
  const answer = new CollectedAnswer();
  const allowance = new TextAllowance(maxOutputTokens);
  let hasEvents = false;
  const leave = new AbortController();
  let leaving: NodeJS.Timeout | undefined;
  try {
    const received = await send(AbortSignal.any([call.signal, leave.signal]));
    const { headers } = received;
    const pieces = piecesOf(received, reader, call, maxOutputTokens);
    for await (const piece of pieces) {
      hasEvents = true;
      if (piece === 'done') answer.end();
      else {
        const failed = { error: piece.failure };
        if (statesFailure(failed) && !answer.hasEnded)
          throw statedFailureError(readFailure(failed, 200, headers), call);
        allowance.take(piece.text);
        for (const { input } of piece.calls) allowance.take(input);
        const text = answer.add(piece);
        if (text !== '') yield text;
      }
      if (answer.isLast) break;
      // Wait a little for the usage, but not for the end of the connection, which some hosts leave open.
      if (answer.hasEnded) leaving ??= setTimeout(() => leave.abort(), MAX_MS_BEHIND_END);
    }
    call.signal.throwIfAborted();
  } catch (error) {
    const failure = toLlmError(error, call);
    if (!answer.hasEnded || failure === call.signal.reason) throw failure;
  } finally {
    clearTimeout(leaving);
  }
  // A stream that ends without a stop reason was cut and must not count as complete.
  if (!answer.hasEnded && !answer.isOneMessage)
    throw hasEvents ? brokenStreamError(call.target) : noCompletionError(call.target);
  return answer.completion;
}

async function* piecesOf(
  received: Response | WholeAnswer,
  reader: AnswerReader,
  call: FailedCall,
  maxOutputTokens: number,
): AsyncGenerator<AnswerPiece | 'done'> {
  const { headers } = received;
  const read = (value: unknown): AnswerPiece => readEvent(value, headers, reader, call);
  const opened = await openAnswer(received, maxOutputTokens);
  if (typeof opened === 'string') {
    const given = await readWholeBody(opened);
    const values = given.flatMap((value) => answersIn(value, reader.fields));
    if (values.length === 1) yield readWhole(values[0], headers, reader, call);
    else yield* piecesOfValues(values, reader, call, headers, read);
    return;
  }
  yield* piecesOfValues(eventsIn(opened, headers, call), reader, call, headers, read);
}

/** The text of an answer in one piece, or the stream of one in events. */
async function openAnswer(
  received: Response | WholeAnswer,
  maxOutputTokens: number,
): Promise<string | ReadableStream<Uint8Array>> {
  if (received instanceof WholeAnswer) return received.whole;
  if (!received.body) return '';
  const body = received.body.getReader();
  const peeked = await peekBody(body, maxOutputTokens);
  const whole = replayStream(peeked, body);
  return peeked.isEvents ? whole : new Response(whole).text();
}

/** Yields the values of a stream, and `done` when the host states its end. */
async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  headers: Headers,
  call: FailedCall,
): AsyncGenerator {
  for await (const { event, data: given, isCut } of serverEvents(body)) {
    const data = given.replace(REPEATED_FIELD, '');
    const isError = event === 'error' && data.trim() !== '';
    if (DONE.test(data === '' ? event : data)) yield 'done';
    else if (/^\s*[{[]/.test(data)) {
      const value = await readJson(data);
      if (value === undefined && isCut) return;
      if (value === undefined) throw new SyntaxError('An event is no JSON.');
      if (isError) throw statedFailureError(readFailure(value, null, headers), call);
      // Some hosts state the type of an event only in its `event` field.
      yield event === 'message' ? value : { type: event, ...(value as object) };
    } else if (isError) throw statedFailureError(readFailure(data, null, headers), call);
    // Any other text only keeps the connection open.
  }
}

/** Yields the pieces in the values of a stream. @throws LlmError if all of them belong to another API. */
async function* piecesOfValues(
  values: Iterable<unknown> | AsyncIterable<unknown>,
  { fields, eventFields }: AnswerReader,
  call: FailedCall,
  headers: Headers,
  read: (value: unknown) => AnswerPiece,
): AsyncGenerator<AnswerPiece | 'done'> {
  let isKnown = false;
  let foreign: unknown;
  for await (const value of values) {
    if (value === 'done') yield value;
    else {
      const [answer = value] = answersIn(value, fields);
      isKnown ||= !isForeignAnswer(answer, eventFields);
      if (!isKnown && hasForeignField(answer)) foreign ??= answer;
      yield read(answer);
    }
  }
  if (!isKnown && foreign !== undefined)
    throw foreignAnswerError(readFailure(foreign, 200, headers), call);
}

function readEvent(
  value: unknown,
  headers: Headers,
  { event }: AnswerReader,
  call: FailedCall,
): AnswerPiece {
  if (statesFailure(value)) throw statedFailureError(readFailure(value, null, headers), call);
  return event(value);
}

function readWhole(
  value: unknown,
  headers: Headers,
  { fields, whole }: AnswerReader,
  call: FailedCall,
): AnswerPiece {
  if (statesFailure(value)) throw statedFailureError(readFailure(value, 200, headers), call);
  if (isForeignAnswer(value, fields))
    throw foreignAnswerError(readFailure(value, 200, headers), call);
  const piece = whole(value);
  if (!piece) throw noCompletionError(call.target);
  return piece;
}

/** Reads a streamed answer to its end, and returns its completion. */
export async function collectCompletion(
  pieces: AsyncGenerator<string, Completion>,
): Promise<Completion> {
  for (;;) {
    const next = await pieces.next();
    if (next.done) return next.value;
  }
}
