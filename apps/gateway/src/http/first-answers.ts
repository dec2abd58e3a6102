import type { FirstAnswer } from '@app/memory';
import type { FastifyReply } from 'fastify';

import type { CallerHere } from './caller.decorator.js';
import type { Preference } from './preference.js';

/** What the routes that take an Idempotency-Key know of their own answers. */
export abstract class FirstAnswers {
  /** What a write with this id would be answered with now. Undefined: there is none. */
  abstract find(accountId: string, writeId: string): Promise<FirstAnswer | undefined>;
  /** Status and headers of an answer that is given again; @returns the body. @throws AppError the failure that it was. */
  abstract repeat(
    caller: CallerHere,
    answer: FirstAnswer,
    preference: Preference,
    reply: FastifyReply,
  ): Promise<unknown>;
}
