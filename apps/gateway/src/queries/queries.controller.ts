import type { Caller } from '@app/accounts';
import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Deadlines } from '../deadlines.js';
import { type Accepted, acceptedSchema } from '../http/accepted.schemas.js';
import { Answers } from '../http/answers.decorator.js';
import { FromCaller } from '../http/caller.decorator.js';
import { ClientGone } from '../http/client-gone.decorator.js';
import { deliver } from '../http/deliver.js';
import { PREFER_HEADER, Prefer } from '../http/prefer.decorator.js';
import { readPreference } from '../http/preference.js';
import {
  answeredSchema,
  type AnsweredView,
  foundSchema,
  type FoundView,
  type Query,
  querySchema,
  type Search,
  searchSchema,
} from './queries.schemas.js';
import { QueryService } from './query.service.js';
import { SearchService } from './search.service.js';

@ApiTags('queries')
@Controller('agent')
export class QueriesController {
  constructor(
    private readonly queries: QueryService,
    private readonly searching: SearchService,
    private readonly deadlines: Deadlines,
  ) {}

  @Post('query')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask: an answer whose every claim carries its source' })
  @ApiHeader(PREFER_HEADER)
  @Answers({ 200: answeredSchema, 202: acceptedSchema })
  async ask(
    @FromCaller() caller: Caller,
    @Body({ schema: querySchema }) query: Query,
    @Prefer() prefer: string | undefined,
    @ClientGone() gone: AbortSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AnsweredView | Accepted> {
    const preference = readPreference(prefer, this.deadlines.syncWaitMs);
    return deliver(reply, preference, await this.queries.ask(caller, query, preference, gone));
  }

  @Post('search')
  @HttpCode(200)
  @ApiOperation({ summary: 'The same retrieval, and no model' })
  @Answers({ 200: foundSchema })
  search(
    @FromCaller() caller: Caller,
    @Body({ schema: searchSchema }) search: Search,
  ): Promise<FoundView> {
    return this.searching.search(caller, search);
  }
}
