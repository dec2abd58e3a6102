import type { KeySealer, LlmTarget, Sealed } from '@app/caller-keys';
import { AppError } from '@app/errors';
import {
  type AnswerQuery,
  answerQuery,
  type ExtractMemories,
  extractMemories,
  jobIdOf,
  type VerifyLlm,
  verifyLlm,
} from '@app/jobs';
import type { JobKind, LlmAccount, Question } from '@app/memory';
import { requestContext } from '@app/observability';
import { randomUUID } from 'node:crypto';

import type { Deadlines } from '../deadlines.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { JobOwner } from './job-results.js';

/** The owner of a job, and the counter of the caller's rejected provider keys. The operator's retry has no counter. */
export type JobSender = JobOwner & Partial<Pick<AuthenticatedCaller, 'refusalBucket'>>;

/** One run of a job that has a row. */
export interface StoredRun<Kind extends JobKind = JobKind> {
  readonly kind: Kind;
  readonly id: string;
  readonly run: number;
  readonly llmAccount: LlmAccount;
  readonly requestId: string;
}

/** A question without a row, and the model account and target that answer it. */
export interface UnstoredQuestion {
  readonly question: Question;
  readonly llmAccount: LlmAccount;
  readonly target: LlmTarget | undefined;
}

const FIRST_RUN = 1;

export const firstRunOf = <Kind extends JobKind>(
  kind: Kind,
  { id, llmAccount, requestId }: Pick<StoredRun, 'id' | 'llmAccount' | 'requestId'>,
): StoredRun<Kind> => ({ kind, id, run: FIRST_RUN, llmAccount, requestId });

/** Builds the payload of each job contract, with the caller's target sealed to the workers. */
export class JobPayloads {
  constructor(
    private readonly sealer: KeySealer,
    private readonly deadlines: Deadlines,
  ) {}

  writes(
    sender: JobSender,
    jobs: readonly { readonly run: StoredRun; readonly target: LlmTarget | undefined }[],
  ): readonly ExtractMemories[] {
    return jobs.map(({ run, target }) => this.write(sender, run, target, undefined));
  }

  write(
    sender: JobSender,
    run: StoredRun,
    target: LlmTarget | undefined,
    replyTo: string | undefined,
  ): ExtractMemories {
    return {
      ...fieldsOf(sender, run, target && sender.refusalBucket, replyTo),
      ...this.#sealStored(sender, extractMemories.queue, run, target),
      writeId: run.id,
      llmAccount: run.llmAccount,
    };
  }

  storedQuery(
    sender: JobSender,
    run: StoredRun,
    target: LlmTarget | undefined,
    replyTo: string | undefined,
  ): AnswerQuery {
    return {
      ...fieldsOf(sender, run, target && sender.refusalBucket, replyTo),
      ...this.#sealStored(sender, answerQuery.queue, run, target),
      queryId: run.id,
      llmAccount: run.llmAccount,
      stored: true,
    };
  }

  /** The question has no row, so it travels in the envelope. */
  unstoredQuery(
    sender: JobSender,
    { question, llmAccount, target }: UnstoredQuestion,
    replyTo: string,
    streamed: boolean,
  ): AnswerQuery {
    const run = newRun();
    const enclosed = { target: target ?? null, question };
    return {
      ...fieldsOf(sender, run, target && sender.refusalBucket, replyTo),
      queryId: run.id,
      llmAccount,
      stored: false,
      sealed: this.#sealUnstored(sender, answerQuery.queue, run.id, enclosed),
      streamed,
    };
  }

  verification(caller: AuthenticatedCaller, target: LlmTarget, replyTo: string): VerifyLlm {
    const run = newRun();
    return {
      ...fieldsOf(caller, run, undefined, undefined),
      verificationId: run.id,
      sealed: this.#sealUnstored(caller, verifyLlm.queue, run.id, { target }),
      refusalsUnder: caller.refusalBucket,
      replyTo,
    };
  }

  #sealStored(
    { accountId }: JobSender,
    queue: string,
    { id, run }: StoredRun,
    target: LlmTarget | undefined,
  ): { readonly sealed?: Sealed } {
    if (!target) return {};
    const expiresAt = this.deadlines.storedKeyExpiry(new Date());
    const binding = { queue, jobId: jobIdOf(id, run), accountId };
    return { sealed: this.sealer.seal({ target, expiresAt }, binding) };
  }

  #sealUnstored(
    { accountId }: JobSender,
    queue: string,
    id: string,
    enclosed: { readonly target: LlmTarget | null; readonly question?: Question },
  ): Sealed {
    const expiresAt = this.deadlines.unstoredKeyExpiry(new Date());
    const binding = { queue, jobId: jobIdOf(id, FIRST_RUN), accountId };
    return this.sealer.seal({ ...enclosed, expiresAt }, binding);
  }
}

/** The id that a request has in logs. @throws AppError `internal` outside of a request. */
export function currentRequestId(): string {
  const known = requestContext.get()?.requestId;
  if (known === undefined) throw new AppError('internal', 'A request without an id.');
  return known;
}

const newRun = () => ({ id: randomUUID(), run: FIRST_RUN, requestId: currentRequestId() });

/** The fields that all contracts have in common. */
function fieldsOf(
  { accountId }: JobSender,
  { run, requestId }: Pick<StoredRun, 'run' | 'requestId'>,
  refusalBucket: string | undefined,
  replyTo: string | undefined,
) {
  const traceparent = requestContext.get()?.traceparent;
  return {
    // A worker of an earlier version does not read the envelopes of this one.
    v: 2 as const,
    run,
    accountId,
    requestId,
    ...(refusalBucket !== undefined && { refusalsUnder: refusalBucket }),
    ...(replyTo !== undefined && { replyTo }),
    ...(traceparent !== undefined && { traceparent }),
  };
}
