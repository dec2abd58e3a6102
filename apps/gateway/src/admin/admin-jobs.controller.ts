import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

import { type Accepted, acceptedSchema } from '../http/deliver.js';
import { Answers } from '../http/answers.decorator.js';
import { ForOperator } from '../http/auth/route-access.js';
import { RetryService } from '../jobs/retry.service.js';

const operatorsRetrySchema = z
  .object({
    llm: z
      .unknown()
      .refine((llm) => llm === undefined || llm === null, 'is for the caller of the job to give')
      .optional(),
  })
  .meta({ id: 'OperatorsRetry' });

/** Jobs of any account. Every route needs the operator's token. */
@ApiTags('administration')
@ApiBearerAuth('admin')
@ForOperator()
@Controller('admin/jobs')
export class AdminJobsController {
  constructor(private readonly retrying: RetryService) {}

  @Post(':id/retry')
  @HttpCode(202)
  @ApiOperation({ summary: 'Run any account’s failed job again, on the bundled model account' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 202: acceptedSchema })
  async retry(
    @Param('id') id: string,
    @Body({ schema: operatorsRetrySchema }) _body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Accepted> {
    const jobId = await this.retrying.retryForOperator(id);
    void reply.header('location', `/agent/jobs/${jobId}`);
    return { status: 'accepted', job_id: jobId };
  }
}
