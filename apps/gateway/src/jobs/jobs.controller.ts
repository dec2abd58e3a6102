import type { Caller } from '@app/accounts';
import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { Answers } from '../http/answers.decorator.js';
import { FromCaller } from '../http/caller.decorator.js';
import { jobSchema, type JobView } from './jobs.schemas.js';
import { JobsService } from './jobs.service.js';

@ApiTags('jobs')
@Controller('agent/jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get(':id')
  @ApiOperation({ summary: 'The state of an asynchronous write or query, and what came of it' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: jobSchema })
  get(@FromCaller() caller: Caller, @Param('id') id: string): Promise<JobView> {
    return this.jobs.get(caller, id);
  }
}
