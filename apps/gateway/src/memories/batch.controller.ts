import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Deadlines } from '../deadlines.js';
import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import {
  IDEMPOTENCY_KEY_HEADER,
  type Reservation,
  Reserved,
} from '../http/idempotency/idempotency-key.js';
import { Prefer, readPreference } from '../http/preference.js';
import { Writes } from '../http/auth/route-access.js';
import { TakesIdempotencyKey } from '../http/request.interceptor.js';
import { BATCH_BOUNDS } from '../http/body/request-body.js';
import { BodyReader } from '../http/body/request.pipe.js';
import { batchResultsSchema, type BatchResultsView, batchSchema } from './batch.schemas.js';
import { BatchService } from './batch.service.js';
import { deliverBatch } from './batch.view.js';
import { type BatchItem, readBatch } from './read-batch.js';

const batchReader = new BodyReader(readBatch, BATCH_BOUNDS);

@ApiTags('memories')
@Controller('agent/memories/batch')
export class BatchController {
  constructor(
    private readonly batches: BatchService,
    private readonly deadlines: Deadlines,
  ) {}

  @Post()
  @HttpCode(202)
  @Writes()
  @TakesIdempotencyKey()
  @ApiOperation({
    summary: 'Make many writes in one call; each becomes a job, and the call does not wait',
  })
  @ApiHeader(IDEMPOTENCY_KEY_HEADER)
  @Answers({ 202: batchResultsSchema })
  async accept(
    @FromCaller() caller: AuthenticatedCaller,
    @Body({ schema: batchSchema, pipes: [batchReader] }) items: readonly BatchItem[],
    @Prefer() prefer: string | undefined,
    @Reserved() reservation: Reservation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BatchResultsView> {
    const results = await this.batches.accept(caller, items, reservation);
    reservation.results = results;
    return deliverBatch(reply, readPreference(prefer, this.deadlines.syncWaitMs), results);
  }
}
