import { UsageStore } from '@app/accounts';
import { timed } from '@app/observability';
import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { EvenBlocked } from '../http/auth/route-access.js';
import { planStatusSchema, type PlanStatusView } from './plan.schemas.js';
import { viewPlan } from './plan.view.js';

@ApiTags('plan')
@Controller('plan')
export class PlanController {
  constructor(private readonly usage: UsageStore) {}

  @Get('status')
  @EvenBlocked()
  @ApiOperation({ summary: 'What the plan allows, and what of it is used this month' })
  @Answers({ 200: planStatusSchema })
  async status(@FromCaller() caller: AuthenticatedCaller): Promise<PlanStatusView> {
    const used = await timed('db', this.usage.inThisPeriod(caller.accountId));
    return viewPlan(caller, used, new Date());
  }
}
