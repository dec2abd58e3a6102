import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

import { AnyInput } from '../http/body/input.interceptor.js';
import { Public } from '../http/auth/route-access.js';
import { ERRORS_PAGE_POLICY, errorsPage } from './errors-page.js';

const PAGE = errorsPage();

/** A page for people, so the OpenAPI document excludes it. */
@ApiExcludeController()
@Public()
@AnyInput()
@Controller('docs/errors')
export class ErrorsController {
  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', ERRORS_PAGE_POLICY)
  @Header('cache-control', 'public, max-age=3600')
  page(): string {
    return PAGE;
  }
}
