import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import {
  erasedAccountSchema,
  type ErasedAccountView,
  erasingAccountSchema,
} from '../erasure/erasure.schemas.js';
import { ErasureService } from '../erasure/erasure.service.js';
import { Answers } from '../http/answers.decorator.js';
import { ForOperator } from '../http/auth/route-access.js';
import {
  type AccountChanges,
  accountChangesSchema,
  accountListSchema,
  type AccountListView,
  type AccountPage,
  accountPageSchema,
  accountSchema,
  type AccountView,
  apiKeyListSchema,
  type ApiKeyListView,
  madeAccountSchema,
  type MadeAccountView,
  madeApiKeySchema,
  type MadeApiKeyView,
  type NewAccount,
  newAccountSchema,
  type NewApiKey,
  newKeySchema,
  revokedSchema,
  type RevokedView,
} from './accounts.schemas.js';
import { AccountsService } from './accounts.service.js';

/** Accounts and their API keys. Every route needs the operator's token. */
@ApiTags('administration')
@ApiBearerAuth('admin')
@ForOperator()
@Controller('admin')
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly erasing: ErasureService,
  ) {}

  @Post('accounts')
  @ApiOperation({ summary: 'Make an account and its first API key, which is shown once' })
  @Answers({ 201: madeAccountSchema })
  add(@Body({ schema: newAccountSchema }) account: NewAccount): Promise<MadeAccountView> {
    return this.accounts.add(account);
  }

  @Get('accounts')
  @ApiOperation({ summary: 'List accounts, newest first' })
  @Answers({ 200: accountListSchema })
  list(@Query({ schema: accountPageSchema }) page: AccountPage): Promise<AccountListView> {
    return this.accounts.list(page);
  }

  @Get('accounts/:id')
  @ApiOperation({ summary: 'One account' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: accountSchema })
  get(@Param('id') id: string): Promise<AccountView> {
    return this.accounts.get(id);
  }

  @Patch('accounts/:id')
  @ApiOperation({
    summary: 'Rename an account, change its tier, suspend it or reactivate it',
  })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: accountSchema })
  change(
    @Param('id') id: string,
    @Body({ schema: accountChangesSchema }) changes: AccountChanges,
  ): Promise<AccountView> {
    return this.accounts.change(id, changes);
  }

  @Delete('accounts/:id')
  @ApiOperation({
    summary: 'Erase an account with all its data; answers 202 until the erasure is complete',
  })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: erasedAccountSchema, 202: erasingAccountSchema })
  async erase(
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ErasedAccountView> {
    const erased = await this.erasing.eraseAccount(id);
    if (erased.status === 'accepted') void reply.status(202);
    return erased;
  }

  @Post('accounts/:id/keys')
  @ApiOperation({ summary: 'Make an API key, which is shown once' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 201: madeApiKeySchema })
  addKey(
    @Param('id') id: string,
    @Body({ schema: newKeySchema }) key: NewApiKey,
  ): Promise<MadeApiKeyView> {
    return this.accounts.addKey(id, key);
  }

  @Get('accounts/:id/keys')
  @ApiOperation({ summary: 'List the API keys of an account, without the keys themselves' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: apiKeyListSchema })
  listKeys(@Param('id') id: string): Promise<ApiKeyListView> {
    return this.accounts.listKeys(id);
  }

  @Delete('keys/:id')
  @ApiOperation({ summary: 'Revoke an API key at once' })
  @ApiParam({ name: 'id', type: String })
  @Answers({ 200: revokedSchema })
  revokeKey(@Param('id') id: string): Promise<RevokedView> {
    return this.accounts.revokeKey(id);
  }
}
