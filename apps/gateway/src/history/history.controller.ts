import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { ClientGone } from '../http/client-gone.decorator.js';
import { Writes } from '../http/auth/route-access.js';
import {
  auditSchema,
  type AuditView,
  type Page,
  pageSchema,
  restoredSchema,
  type RestoredView,
  type Supersede,
  supersededSchema,
  type SupersededView,
  supersedeSchema,
  timelineSchema,
  type TimelineView,
} from './history.schemas.js';
import { HistoryService } from './history.service.js';

/** Every route is available under both paths of a memory. */
@ApiTags('history')
@Controller()
export class HistoryController {
  constructor(private readonly history: HistoryService) {}

  @Post(['memories/:id/supersede', 'agent/memories/:id/supersede'])
  @HttpCode(200)
  @Writes()
  @ApiOperation({ summary: 'Replace a memory by another one, or end it' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: supersededSchema })
  supersede(
    @FromCaller() caller: AuthenticatedCaller,
    @Param('id') id: string,
    @Body({ schema: supersedeSchema }) asked: Supersede,
  ): Promise<SupersededView> {
    return this.history.supersede(caller, id, asked);
  }

  @Post(['memories/:id/restore', 'agent/memories/:id/restore'])
  @HttpCode(200)
  @Writes()
  @ApiOperation({
    summary: 'Undo a supersession or an end: the memory is current again, and its history is kept',
  })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: restoredSchema })
  restore(
    @FromCaller() caller: AuthenticatedCaller,
    @Param('id') id: string,
  ): Promise<RestoredView> {
    return this.history.restore(caller, id);
  }

  @Get(['memories/:id/timeline', 'agent/memories/:id/timeline'])
  @ApiOperation({ summary: 'The timeline of a memory: every memory in its chain' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: timelineSchema })
  timeline(
    @FromCaller() caller: AuthenticatedCaller,
    @Param('id') id: string,
    @Query({ schema: pageSchema }) page: Page,
    @ClientGone() gone: AbortSignal,
  ): Promise<TimelineView> {
    return this.history.timeline(caller, id, page, gone);
  }

  @Get(['memories/:id/audit', 'agent/memories/:id/audit'])
  @ApiOperation({ summary: 'Where a memory came from, and what happened to it' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: auditSchema })
  audit(
    @FromCaller() caller: AuthenticatedCaller,
    @Param('id') id: string,
    @Query({ schema: pageSchema }) page: Page,
    @ClientGone() gone: AbortSignal,
  ): Promise<AuditView> {
    return this.history.audit(caller, id, page, gone);
  }
}
