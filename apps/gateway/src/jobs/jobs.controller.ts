import type { Caller } from '@app/accounts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Deadlines } from '../deadlines.js';
import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { ClientGone } from '../http/client-gone.decorator.js';
import { type Accepted, acceptedSchema, deliver } from '../http/deliver.js';
import { Prefer, PREFER_HEADER, readPreference } from '../http/preference.js';
import { Writes } from '../http/auth/route-access.js';
import {
  jobListSchema,
  type JobListView,
  type JobPage,
  jobPageSchema,
  jobSchema,
  type JobView,
  type Retry,
  retrySchema,
  runnableResultSchema,
  type RunnableResultView,
} from './jobs.schemas.js';
import { JobsService } from './jobs.service.js';
import { RetryService } from './retry.service.js';

@ApiTags('jobs')
@Controller('agent/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly retrying: RetryService,
    private readonly deadlines: Deadlines,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List jobs, newest first' })
  @Answers({ 200: jobListSchema })
  list(
    @FromCaller() caller: Caller,
    @Query({ schema: jobPageSchema }) page: JobPage,
    @ClientGone() gone: AbortSignal,
  ): Promise<JobListView> {
    return this.jobs.list(caller, page, gone);
  }

  @Get(':id')
  @ApiOperation({ summary: 'The state of a job, and its result' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: jobSchema })
  get(@FromCaller() caller: Caller, @Param('id') id: string): Promise<JobView> {
    return this.jobs.get(caller, id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Writes()
  @ApiOperation({ summary: 'Run a failed job again, with a new `llm` if its key was wiped' })
  @ApiParam({ name: 'id', type: String })
  @ApiHeader(PREFER_HEADER)
  @Answers({ 200: runnableResultSchema, 202: acceptedSchema })
  async retry(
    @FromCaller() caller: AuthenticatedCaller,
    @Param('id') id: string,
    @Body({ schema: retrySchema }) { llm }: Retry,
    @Prefer() prefer: string | undefined,
    @ClientGone() gone: AbortSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunnableResultView | Accepted> {
    const preference = readPreference(prefer, this.deadlines.syncWaitMs);
    const retried = await this.retrying.retry(caller, id, llm ?? undefined, preference, gone);
    return deliver(reply, preference, retried);
  }

  @Delete(':id')
  @Writes()
  @ApiOperation({
    summary:
      'Cancel a job: a queued job never runs, a running job is aborted, and its key is wiped',
  })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: jobSchema })
  cancel(@FromCaller() caller: Caller, @Param('id') id: string): Promise<JobView> {
    return this.jobs.cancel(caller, id);
  }
}
