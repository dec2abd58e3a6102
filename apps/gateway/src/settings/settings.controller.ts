import type { Caller } from '@app/accounts';
import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Answers } from '../http/answers.decorator.js';
import { FromCaller } from '../http/auth/authenticated-caller.js';
import { Writes } from '../http/auth/route-access.js';
import {
  type SettingsChanges,
  settingsChangesSchema,
  settingsSchema,
  type SettingsView,
} from './settings.schemas.js';
import { SettingsService } from './settings.service.js';

@ApiTags('settings')
@Controller('agent/settings')
export class SettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Get()
  @ApiOperation({ summary: 'The settings of this API key' })
  @Answers({ 200: settingsSchema })
  get(@FromCaller() caller: Caller): SettingsView {
    return this.settings.get(caller);
  }

  @Patch()
  @Writes()
  @ApiOperation({ summary: 'Change the given settings; answers with all of them' })
  @Answers({ 200: settingsSchema })
  change(
    @FromCaller() caller: Caller,
    @Body({ schema: settingsChangesSchema }) changes: SettingsChanges,
  ): Promise<SettingsView> {
    return this.settings.change(caller, changes);
  }
}
