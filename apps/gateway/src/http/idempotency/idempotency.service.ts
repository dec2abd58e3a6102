import { LLM_SECRET_FIELDS } from '@app/caller-keys';
import { AppError, CODES, type Failure } from '@app/errors';
import { failureOfException } from '@app/http-problems';
import { CONFLICT_RETRY_AFTER_MS, ENQUEUE_TIMEOUT_MS } from '@app/jobs/policy';
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
import { v7 as uuidv7 } from 'uuid';

import type { AuthenticatedCaller } from '../auth/authenticated-caller.js';
import type { Preference } from '../preference.js';
import type { Reservation } from './idempotency-key.js';

const REPLAYED = 'idempotency-replayed';

/** One request with an Idempotency-Key. */
export interface KeyedRequest {
  readonly caller: AuthenticatedCaller;
  readonly call: KeyedCall;
  readonly preference: Preference;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Runs the pipes and the handler. */
  readonly run: () => Promise<unknown>;
}

/** Finds and repeats the answers of the routes that take an Idempotency-Key. */
export abstract class FirstAnswers {
  /** The answer that a write with this id would get now. Undefined if there is no such write. */
  abstract find(accountId: string, writeId: string): Promise<FirstAnswer | undefined>;
  /** Sets status and headers of a repeated answer. @returns its body. @throws AppError if the answer was a failure. */
  abstract repeat(
    caller: AuthenticatedCaller,
    answer: FirstAnswer,
    preference: Preference,
    reply: FastifyReply,
  ): Promise<unknown>;
}

/** Runs the first of all equal calls under an Idempotency-Key, and repeats its answer to the others. */
@Injectable()
export class IdempotencyService {
  readonly #logger = new Logger('Idempotency');

  constructor(
    private readonly replays: ReplayStore,
    private readonly answers: FirstAnswers,
  ) {}

  async once(asked: KeyedRequest): Promise<unknown> {
    const writeId = uuidv7();
    const { waitMs } = asked.preference;
    const begun = await timed('db', this.replays.begin(asked.call, { writeId, waitMs }));
    return 'hold' in begun
      ? this.#run(asked, begun.hold, { writeId, resumed: false })
      : this.#handleRepeat(asked, begun.first);
  }

  /** @throws AppError `idempotency_in_flight`, `idempotency_key_reused` */
  async #handleRepeat(asked: KeyedRequest, first: FirstCall): Promise<unknown> {
    const { call, caller, preference } = asked;
    const isSame = first.fingerprint.equals(call.fingerprint);
    // A released key may be reused with any body.
    if (!isSame && first.state !== 'released') throw reused();
    if (first.answer) return this.#repeat(asked, first.answer);

    const { writeId } = first.reserved;
    const current = isSame ? await this.answers.find(caller.accountId, writeId) : undefined;
    const next = isSame
      ? chooseNextStep(first, current)
      : ({ step: 'run', writeId: undefined } as const);
    if (next.step === 'wait') throw inFlight();
    if (next.step === 'answer') {
      await this.#settle(this.replays.keep({ call, begunAt: first.begunAt }, next.answer));
      return this.#repeat(asked, next.answer);
    }
    const reserved = { writeId: next.writeId ?? uuidv7(), waitMs: preference.waitMs };
    const hold = await timed('db', this.replays.takeOver(call, first, reserved));
    if (!hold) throw inFlight();
    const resumed = next.writeId !== undefined;
    const body = await this.#run(asked, hold, { writeId: reserved.writeId, resumed });
    if (resumed && current) void asked.reply.header(REPLAYED, 'true');
    return body;
  }

  #repeat({ caller, preference, reply }: KeyedRequest, answer: FirstAnswer): Promise<unknown> {
    void reply.header(REPLAYED, 'true');
    return this.answers.repeat(caller, answer, preference, reply);
  }

  async #run(
    asked: KeyedRequest,
    hold: IdempotencyHold,
    reservation: Reservation,
  ): Promise<unknown> {
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
      throw isInsertedTwice(error) ? inFlight() : error;
    }
  }

  /** A failure here must not fail the call: a later call renders the answer from the row of the write. */
  async #settle(settling: Promise<void>): Promise<void> {
    await timed('db', settling).catch(() =>
      this.#logger.warn('A first answer could not be stored. The next call looks up its write.'),
    );
  }
}

/** Undefined if no row was stored from which the answer could be rendered again. */
function answerOf(reply: FastifyReply, { writeId, results }: Reservation): FirstAnswer | undefined {
  if (results) return { kind: 'batch', results };
  if (reply.statusCode === 202) return { kind: 'accepted', jobId: writeId };
  return reply.hasHeader('location') ? { kind: 'result', jobId: writeId } : undefined;
}

/** Whether another gateway has stored the same write: one of the two took the call over while the other still ran it. */
const isInsertedTwice = (error: unknown): boolean =>
  error instanceof StatementFailed && error.constraint === 'writes_pk';

const inFlight = (): AppError =>
  new AppError(
    'idempotency_in_flight',
    'The first request with this Idempotency-Key is still running. Ask again in a moment.',
    { retryAfterMs: CONFLICT_RETRY_AFTER_MS },
  );

const reused = (): AppError =>
  new AppError(
    'idempotency_key_reused',
    'This Idempotency-Key was used with another body within the last 24 hours. Take a new one.',
  );

/** `run`: run the call again, under the first call's id, or under a new id if its write has failed. */
export type NextStep =
  | { readonly step: 'answer'; readonly answer: FirstAnswer }
  | { readonly step: 'wait' }
  | { readonly step: 'run'; readonly writeId: string | undefined };

/**
 * Decides how to handle a repeated call whose first call has no stored answer: its gateway may still be running it, or may
 * have ended.
 * @param current the answer that its write would get now; undefined if there is no such write.
 */
export function chooseNextStep(
  { state, ageMs, reserved }: FirstCall,
  current: FirstAnswer | undefined,
): NextStep {
  const isOver = (withinMs: number): boolean => state === 'released' || ageMs > withinMs;
  const { writeId, waitMs } = reserved;
  if (current === undefined)
    return isOver(ENQUEUE_TIMEOUT_MS) ? { step: 'run', writeId } : { step: 'wait' };

  // A first call that did not wait was answered with the job, whatever state the job has now.
  const answer: FirstAnswer = waitMs > 0 ? current : { kind: 'accepted', jobId: writeId };
  if (current.kind === 'result' && waitMs > 0) return { step: 'answer', answer };
  if (!isOver(waitMs + ENQUEUE_TIMEOUT_MS)) return { step: 'wait' };
  // The gateway may have ended before it queued the job: running the call again queues it.
  if (current.kind === 'accepted') return { step: 'run', writeId };
  if (current.kind === 'failure' && !isKept(current.failure))
    return { step: 'run', writeId: undefined };
  return { step: 'answer', answer };
}

/** The fingerprint leaves the secrets of `llm` out, so an error about one must not be replayed for a corrected secret. */
const isSecretField = (path: string): boolean => {
  const [parent, field = ''] = path.split('/').slice(-2);
  return parent === 'llm' && LLM_SECRET_FIELDS.includes(field);
};
const REQUEST_ID = '/X-Request-Id';

/** Whether a failure is stored and replayed: only a refusal that depends on nothing but the compared body. */
export function isKept({ code, faults = [] }: Failure): boolean {
  const { status } = CODES[code];
  if (status !== 400 && status !== 422) return false;
  return !faults.some(({ path }) => isSecretField(path) || path === REQUEST_ID);
}
