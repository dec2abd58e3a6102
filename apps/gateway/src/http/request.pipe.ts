import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import type { z } from 'zod';

import { faultsOf, refusalOf } from './faults.js';
import { refuseMisplacedKeys } from './misplaced-keys.js';
import { ownReaderOf } from './own-reader.js';
import { parseBody } from './sent-body.js';
import { textFaultsOf } from './texts.js';

/** What the wire sent → what a handler's schema makes of it. Every refusal names the place and quotes nothing. */
export class RequestPipe extends StandardSchemaValidationPipe {
  override async transform<Value>(
    value: Value,
    { schema, type }: ArgumentMetadata,
  ): Promise<Value> {
    if (!schema || type === 'custom') return value;
    const sent = type === 'body' ? parseBody(value) : value;
    // First, because later faults may be named by what holds the key.
    if (type === 'body') refuseMisplacedKeys(sent);
    const readItself = ownReaderOf(schema);
    if (readItself) return readItself(sent) as Value;
    const faults = textFaultsOf(sent);
    if (faults.length > 0) throw refusalOf(faults);
    const read = await this.validate<Value>(sent, schema);
    if (read.issues) throw refusalOf(faultsOf(read.issues as readonly z.core.$ZodIssue[]));
    return read.value;
  }
}
