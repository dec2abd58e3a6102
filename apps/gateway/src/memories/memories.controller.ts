import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Deadlines } from '../deadlines.js';
import { type Accepted, acceptedSchema, deliver } from '../http/deliver.js';
import { Answers } from '../http/answers.decorator.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { ClientGone } from '../http/client-gone.decorator.js';
import {
  IDEMPOTENCY_KEY_HEADER,
  type Reservation,
  Reserved,
} from '../http/idempotency/idempotency-key.js';
import { Prefer, PREFER_HEADER, readPreference } from '../http/preference.js';
import { Writes } from '../http/auth/route-access.js';
import { TakesIdempotencyKey } from '../http/request.interceptor.js';
import {
  type ListMemories,
  listSchema,
  memoryListSchema,
  type MemoryListView,
  memorySchema,
  type MemoryView,
} from './memories.schemas.js';
import { MemoriesService } from './memories.service.js';
import { type Remember, rememberSchema } from './remember.schemas.js';
import { RememberService } from './remember.service.js';
import { rememberedSchema, type RememberedView } from './remembered.schemas.js';

@ApiTags('memories')
@Controller()
export class MemoriesController {
  constructor(
    private readonly memories: MemoriesService,
    private readonly remembering: RememberService,
    private readonly deadlines: Deadlines,
  ) {}

  @Post('agent/memories')
  @HttpCode(200)
  @Writes()
  @TakesIdempotencyKey()
  @ApiOperation({ summary: 'Write one fact, or the facts found in a conversation' })
  @ApiHeader(PREFER_HEADER)
  @ApiHeader(IDEMPOTENCY_KEY_HEADER)
  @Answers({ 200: rememberedSchema, 202: acceptedSchema })
  async remember(
    @FromCaller() caller: AuthenticatedCaller,
    @Body({ schema: rememberSchema }) request: Remember,
    @Prefer() prefer: string | undefined,
    @ClientGone() gone: AbortSignal,
    @Reserved() reservation: Reservation,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RememberedView | Accepted> {
    const preference = readPreference(prefer, this.deadlines.syncWaitMs);
    return deliver(
      reply,
      preference,
      await this.remembering.remember(caller, request, preference, gone, reservation),
    );
  }

  @Get('agent/memories')
  @ApiOperation({ summary: 'List memories, newest first, with filters and at any moment in time' })
  @Answers({ 200: memoryListSchema })
  list(
    @FromCaller() caller: AuthenticatedCaller,
    @Query({ schema: listSchema }) asked: ListMemories,
    @ClientGone() gone: AbortSignal,
  ): Promise<MemoryListView> {
    return this.memories.list(caller, asked, gone);
  }

  @Get(['agent/memories/:id', 'memories/:id'])
  @ApiOperation({ summary: 'One memory, as it is believed now' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: memorySchema })
  get(@FromCaller() caller: AuthenticatedCaller, @Param('id') id: string): Promise<MemoryView> {
    return this.memories.get(caller, id);
  }
}
