import { HealthChecks, type Readiness } from '@app/observability';
import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Answers } from '../http/answers.decorator.js';
import { AnyInput } from '../http/body/input.interceptor.js';
import { Public } from '../http/auth/route-access.js';
import { liveSchema, readySchema } from './health.schemas.js';

@ApiTags('health')
@Public()
@AnyInput()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthChecks) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process runs', security: [] })
  @Answers({ 200: liveSchema })
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Whether the process can serve requests; names the dependencies that are down',
    security: [],
  })
  @Answers({ 200: readySchema, 503: readySchema })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    if (readiness.status !== 'ok') void reply.status(503);
    return readiness;
  }
}
