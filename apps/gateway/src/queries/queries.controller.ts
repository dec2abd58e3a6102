import { Body, Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiExtension, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Readable } from 'node:stream';

import { Deadlines } from '../deadlines.js';
import { type Accepted, acceptedSchema, deliver } from '../http/deliver.js';
import { Answers } from '../http/answers.decorator.js';
import { Authentication } from '../http/auth/authentication.js';
import { type AuthenticatedCaller, FromCaller } from '../http/auth/authenticated-caller.js';
import { ClientGone } from '../http/client-gone.decorator.js';
import { sendEvents, wantsEvents } from '../http/event-stream.js';
import { Prefer, PREFER_HEADER, readPreference } from '../http/preference.js';
import { EVENT_STREAM } from '../openapi/openapi.js';
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

const EVENTS =
  '`event: retrieval` (as `Found`), `event: delta` (`{text}`, as often as there is text), then `event: answer` (as `Answered`) or `event: error` (as `Problem`).';

@ApiTags('queries')
@Controller('agent')
export class QueriesController {
  constructor(
    private readonly queries: QueryService,
    private readonly searching: SearchService,
    private readonly deadlines: Deadlines,
    private readonly authentication: Authentication,
  ) {}

  @Post('query')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask a question; the answer cites a memory for each claim' })
  @ApiHeader(PREFER_HEADER)
  @ApiExtension(EVENT_STREAM, EVENTS)
  @Answers({ 200: answeredSchema, 202: acceptedSchema })
  async ask(
    @FromCaller() caller: AuthenticatedCaller,
    @Body({ schema: querySchema }) query: Query,
    @Prefer() prefer: string | undefined,
    @Headers('accept') accept: string | undefined,
    @ClientGone() gone: AbortSignal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AnsweredView | Accepted | Readable> {
    // A stream always waits for its answer: RFC 7240 allows the server to ignore a preference not to wait.
    if (wantsEvents(accept)) {
      const refused = this.authentication.watch(reply.request, reply);
      const over = AbortSignal.any([gone, refused]);
      return sendEvents(reply, this.queries.stream(caller, query, over), refused);
    }
    const preference = readPreference(prefer, this.deadlines.syncWaitMs);
    return deliver(reply, preference, await this.queries.ask(caller, query, preference, gone));
  }

  @Post('search')
  @HttpCode(200)
  @ApiOperation({ summary: 'Retrieve memories as a query does, without calling a model' })
  @Answers({ 200: foundSchema })
  search(
    @FromCaller() caller: AuthenticatedCaller,
    @Body({ schema: searchSchema }) search: Search,
    @ClientGone() gone: AbortSignal,
  ): Promise<FoundView> {
    return this.searching.search(caller, search, gone);
  }
}
