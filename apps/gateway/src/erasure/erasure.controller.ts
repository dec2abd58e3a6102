import type { Caller } from '@app/accounts';
import { Controller, Delete, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Accepted, acceptedSchema, deliver } from '../http/deliver.js';
import { Answers } from '../http/answers.decorator.js';
import { FromCaller } from '../http/auth/authenticated-caller.js';
import { Writes } from '../http/auth/route-access.js';
import {
  type EraseRequest,
  erasedSchema,
  type ErasedView,
  eraseSchema,
} from './erasure.schemas.js';
import { ErasureService } from './erasure.service.js';

@ApiTags('memories')
@Controller()
export class ErasureController {
  constructor(private readonly erasing: ErasureService) {}

  @Delete(['agent/memories/:id', 'memories/:id'])
  @Writes()
  @ApiOperation({ summary: 'Erase one memory: its text, its history and its source' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: erasedSchema })
  eraseOne(@FromCaller() caller: Caller, @Param('id') id: string): Promise<ErasedView> {
    return this.erasing.eraseMemory(caller, id);
  }

  @Delete('agent/memories')
  @Writes()
  @ApiOperation({ summary: 'Erase the memories of one tenant, or of all tenants' })
  @Answers({ 200: erasedSchema, 202: acceptedSchema })
  async eraseMany(
    @FromCaller() caller: Caller,
    @Query({ schema: eraseSchema }) asked: EraseRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ErasedView | Accepted> {
    return deliver(reply, {}, await this.erasing.eraseMemories(caller, asked));
  }
}
