import { AppError, CODES, type Failure } from '@app/errors';
import { failureOfException } from '@app/http-problems';
import {
  type FirstAnswer,
  type FirstCall,
  type IdempotencyHold,
  type KeyedCall,
  ReplayStore,
} from '@app/memory';
import { timed } from '@app/observability';
import { StatementFailed } from '@app/persistence';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';

import type { AuthenticatedCaller } from '../auth/authenticated-caller.js';
import type { Preference } from '../preference.js';
import type { Reservation } from './idempotency-key.js';

const REPLAYED = 'idempotency-replayed';
const RETRY_AFTER_MS = 1_000;

/** One request under an Idempotency-Key. */
export interface Asked {
  readonly caller: AuthenticatedCaller;
  readonly call: KeyedCall;
  readonly preference: Preference;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Pipes and handler: makes the call. */
  readonly run: () => Promise<unknown>;
}

/** What the routes that take an Idempotency-Key know of their own answers. */
export abstract class FirstAnswers {
  /** What a write with this id would be answered with now. Undefined: there is none. */
  abstract find(accountId: string, writeId: string): Promise<FirstAnswer | undefined>;
  /** Status and headers of an answer that is given again; @returns the body. @throws AppError the failure that it was. */
  abstract repeat(
    caller: AuthenticatedCaller,
    answer: FirstAnswer,
    preference: Preference,
    reply: FastifyReply,
  ): Promise<unknown>;
}

/** The same call, made any number of times, is made once: later ones are answered what the first was. */
@Injectable()
export class IdempotencyService {
  readonly #logger = new Logger('Idempotency');

  constructor(
    private readonly replays: ReplayStore,
    private readonly answers: FirstAnswers,
  ) {}

  async once(asked: Asked): Promise<unknown> {
    const writeId = randomUUID();
    const { waitMs } = asked.preference;
    const begun = await timed('db', this.replays.begin(asked.call, { writeId, waitMs }));
    return 'hold' in begun
      ? this.#make(asked, begun.hold, { writeId, resumed: false })
      : this.#again(asked, begun.first);
  }

  /** @throws AppError `idempotency_in_flight`, `idempotency_key_reused` */
  async #again(asked: Asked, first: FirstCall): Promise<unknown> {
    const { call, caller, preference } = asked;
    const isSame = first.fingerprint.equals(call.fingerprint);
    // What was released may be used for anything.
    if (!isSame && first.state !== 'released') throw reused();
    if (first.answer) return this.#repeat(asked, first.answer);

    const { writeId } = first.reserved;
    const standing = isSame ? await this.answers.find(caller.accountId, writeId) : undefined;
    const next = isSame
      ? whatIsNext(first, standing)
      : ({ step: 'run', writeId: undefined } as const);
    if (next.step === 'wait') throw inFlight();
    if (next.step === 'answer') {
      await this.#settle(this.replays.keep({ call, begunAt: first.begunAt }, next.answer));
      return this.#repeat(asked, next.answer);
    }
    const reserved = { writeId: next.writeId ?? randomUUID(), waitMs: preference.waitMs };
    const hold = await timed('db', this.replays.takeOver(call, first, reserved));
    if (!hold) throw inFlight();
    const resumed = next.writeId !== undefined;
    const body = await this.#make(asked, hold, { writeId: reserved.writeId, resumed });
    if (resumed && standing) void asked.reply.header(REPLAYED, 'true');
    return body;
  }

  #repeat({ caller, preference, reply }: Asked, answer: FirstAnswer): Promise<unknown> {
    void reply.header(REPLAYED, 'true');
    return this.answers.repeat(caller, answer, preference, reply);
  }

  async #make(asked: Asked, hold: IdempotencyHold, reservation: Reservation): Promise<unknown> {
    asked.request.reservation = reservation;
    try {
      const body = await asked.run();
      const answer = answerOf(asked.reply, reservation);
      await this.#settle(answer ? this.replays.keep(hold, answer) : this.replays.release(hold));
      return body;
    } catch (error) {
      const failure = failureOfException(error);
      await this.#settle(
        isKept(failure)
          ? this.replays.keep(hold, { kind: 'failure', failure })
          : this.replays.release(hold),
      );
      throw isMadeByAnother(error) ? inFlight() : error;
    }
  }

  /** The answer is good whatever becomes of its record: a later call finds out from the write itself. */
  async #settle(settling: Promise<void>): Promise<void> {
    await timed('db', settling).catch(() =>
      this.#logger.warn('A first answer could not be kept. The next call looks for its write.'),
    );
  }
}

/** Undefined: nothing was left behind that it could be rendered from. */
function answerOf(reply: FastifyReply, { writeId, results }: Reservation): FirstAnswer | undefined {
  if (results) return { kind: 'batch', results };
  if (reply.statusCode === 202) return { kind: 'accepted', jobId: writeId };
  return reply.hasHeader('location') ? { kind: 'result', jobId: writeId } : undefined;
}

/** Two gateways made the same write: one was thought to be gone. */
const isMadeByAnother = (error: unknown): boolean =>
  error instanceof StatementFailed && error.constraint === 'writes_pk';

const inFlight = (): AppError =>
  new AppError(
    'idempotency_in_flight',
    'The first request with this Idempotency-Key is still running. Ask again in a moment.',
    { retryAfterMs: RETRY_AFTER_MS },
  );

const reused = (): AppError =>
  new AppError(
    'idempotency_key_reused',
    'This Idempotency-Key was used with another body within the last 24 hours. Take a new one.',
  );

/** By then a call has made its write durable and queued it, or never will. */
export const ACCEPTED_WITHIN_MS = 15_000;

/** `run`: the first call has not come to an end; under its id, or a new one where its write has failed. */
export type Next =
  | { readonly step: 'answer'; readonly answer: FirstAnswer }
  | { readonly step: 'wait' }
  | { readonly step: 'run'; readonly writeId: string | undefined };

/**
 * What to do about a first call that nobody answered, or with nothing that is kept: its gateway may be about to, or may
 * be gone.
 * @param standing what its write would be answered with now; undefined: there is no such write.
 */
export function whatIsNext(
  { state, ageMs, reserved }: FirstCall,
  standing: FirstAnswer | undefined,
): Next {
  const isOver = (withinMs: number): boolean => state === 'released' || ageMs > withinMs;
  const { writeId, waitMs } = reserved;
  if (standing === undefined)
    return isOver(ACCEPTED_WITHIN_MS) ? { step: 'run', writeId } : { step: 'wait' };

  // Who did not wait was to be answered with the job, whatever has become of that since.
  const answer: FirstAnswer = waitMs > 0 ? standing : { kind: 'accepted', jobId: writeId };
  if (standing.kind === 'result' && waitMs > 0) return { step: 'answer', answer };
  if (!isOver(waitMs + ACCEPTED_WITHIN_MS)) return { step: 'wait' };
  // Its job may have gone with its gateway: made again, it is queued again.
  if (standing.kind === 'accepted') return { step: 'run', writeId };
  if (standing.kind === 'failure' && !isKept(standing.failure))
    return { step: 'run', writeId: undefined };
  return { step: 'answer', answer };
}

/** Where the caller's key is; it takes no part in the comparison, so an answer about it would be given to a corrected one. */
const CALLER_KEY = /(^|\/)llm\/(key|api_key)$/;
const REQUEST_ID = '/X-Request-Id';

/** Whether a refusal is about what is compared, and so would be the same again. */
export function isKept({ code, faults = [] }: Failure): boolean {
  const { status } = CODES[code];
  if (status !== 400 && status !== 422) return false;
  return !faults.some(({ path }) => CALLER_KEY.test(path) || path === REQUEST_ID);
}
