import { type LlmTarget, llmTargetSchema } from '@app/caller-keys';
import {
  ALL_TENANTS,
  CATEGORIES,
  type ContentWrite,
  type MessagesWrite,
  type WriteScope,
} from '@app/memory';
import { z } from 'zod';

import { messageSchema } from '../conversation/message.schemas.js';
import { warnWithoutEffect } from '../http/body/schema-shapes.js';
import {
  atMostBytes,
  clockTime,
  label,
  metadata,
  tenant,
  timestamp,
} from '../http/fields.schemas.js';

const MAX_CONTENT_BYTES = 32 * 1024;
const MAX_MESSAGES = 1_000;
const DEFAULT_IMPORTANCE = 5;
/** The older field `importance`. */
const IMPORTANCE_WORDS = { low: 2, medium: 5, high: 8 } as const;

const bodySchema = z.object({
  content: z
    .string()
    .refine((text) => text.trim() !== '', 'must not be empty')
    .refine(...atMostBytes(MAX_CONTENT_BYTES))
    .nullish()
    .describe('One fact, stored as it is. Exactly one of `content` and `messages`.'),
  messages: z
    .array(messageSchema)
    .min(1, 'must hold at least one message')
    .max(MAX_MESSAGES, `must hold at most ${MAX_MESSAGES} messages`)
    .nullish()
    .describe('A conversation: the facts in it are found by a model.'),
  topic: label.nullish().describe('Content mode. Default: `General`.'),
  importance_score: z
    .int()
    .min(1)
    .max(10)
    .nullish()
    .describe('1 trivial … 10 critical. Default: 5.'),
  importance: z
    .enum(['low', 'medium', 'high'])
    .nullish()
    .describe('Older than `importance_score`, which wins.'),
  source: label.nullish().describe('Default: `agent`; in messages mode `agent_session`.'),
  tenant_id: tenant
    .refine((text) => text !== ALL_TENANTS, 'must name one tenant: * is for reads')
    .describe('Keeps memories apart. Default: the default tenant.'),
  session_id: label.nullish(),
  external_id: label.nullish(),
  metadata: metadata.nullish().describe('Returned as given; list, search and query filter by it.'),
  category: z.enum(CATEGORIES).nullish().describe('Content mode. Default: `other`.'),
  valid_from: timestamp.nullish().describe('When it became true in the world.'),
  recorded_at: clockTime
    .nullish()
    .describe(
      'When the conversation took place: relative dates are resolved against it, on the calendar of its offset.',
    ),
  auto_supersede: z.boolean().nullish(),
  dry_run: z
    .boolean()
    .nullish()
    .describe('Messages mode: extract and answer, store nothing. Default: false.'),
  llm: llmTargetSchema.nullish(),
});

/** A write before the settings of the API key are applied. */
type WithoutSettings<Write extends WriteScope> = Omit<Write, 'supersession'>;

export type Remember = {
  readonly llm: LlmTarget | undefined;
  /** Undefined: the settings of the API key decide. */
  readonly autoSupersede: boolean | undefined;
} & (
  | { readonly mode: 'content'; readonly write: WithoutSettings<ContentWrite> }
  | { readonly mode: 'messages'; readonly write: WithoutSettings<MessagesWrite> }
);

/** Fields of content mode. In messages mode a model sets them. */
const CONTENT_FIELDS = ['topic', 'category', 'importance', 'importance_score'] as const;

const checkedSchema = bodySchema.superRefine(({ content, messages, dry_run }, context) => {
  if ((content ?? undefined) === undefined && (messages ?? undefined) === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['content'],
      message: 'is required, unless messages is given',
    });
  }
  if (typeof content === 'string' && Array.isArray(messages)) {
    context.addIssue({
      code: 'custom',
      path: ['messages'],
      message: 'cannot be given together with content',
    });
  }
  if (dry_run === true && typeof content === 'string') {
    context.addIssue({
      code: 'custom',
      path: ['dry_run'],
      message: 'is for messages: no model is asked about content',
    });
  }
});

export const rememberSchema = warnWithoutEffect(checkedSchema, (body) => {
  const isGiven = (name: string): boolean => (body[name] ?? null) !== null;
  if (isGiven('messages') && !isGiven('content'))
    return CONTENT_FIELDS.filter(isGiven).map((name) => ({ name, reason: 'is for content' }));
  return isGiven('importance') && isGiven('importance_score')
    ? [{ name: 'importance', reason: 'counts for less than importance_score' }]
    : [];
})
  .transform(toRemember)
  .meta({ id: 'Remember' });

function toRemember(body: z.output<typeof bodySchema>): Remember {
  const scope: Omit<WithoutSettings<WriteScope>, 'source'> = {
    tenantId: body.tenant_id,
    sessionId: body.session_id ?? null,
    externalId: body.external_id ?? null,
    metadata: body.metadata ?? {},
    validFrom: body.valid_from ?? null,
    recordedAt: body.recorded_at?.at ?? null,
    ...(body.recorded_at && { recordedAtOffsetMinutes: body.recorded_at.offsetMinutes }),
  };
  const options = { llm: body.llm ?? undefined, autoSupersede: body.auto_supersede ?? undefined };
  if (body.messages) {
    const dryRun = body.dry_run ?? false;
    const write = {
      ...scope,
      source: body.source ?? 'agent_session',
      messages: body.messages,
      dryRun,
    };
    // A fact that is not stored supersedes nothing.
    return { mode: 'messages', ...options, ...(dryRun && { autoSupersede: false }), write };
  }
  const write = {
    ...scope,
    source: body.source ?? 'agent',
    content: body.content ?? '',
    topic: body.topic ?? 'General',
    category: body.category ?? 'other',
    importance:
      body.importance_score ??
      (body.importance ? IMPORTANCE_WORDS[body.importance] : DEFAULT_IMPORTANCE),
  };
  return { mode: 'content', ...options, write };
}
