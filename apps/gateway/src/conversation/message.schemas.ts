import { z } from 'zod';

import { atMostBytes, clockTime, MAX_LABEL_CHARACTERS } from '../http/fields.schemas.js';
import { ignoreFields } from '../http/body/schema-shapes.js';
import {
  ENVELOPE_FIELDS,
  MESSAGE_FIELDS,
  IGNORED_MESSAGE_FIELDS,
  AGENT_FIELDS,
  PART_FIELDS,
  IGNORED_PART_FIELDS,
} from './message-fields.js';
import { type Fields, type Role, roleNamed } from './part-kinds.js';
import { renderMessage } from './render-message.js';
import { isToolMessage, isWrapped, unwrapMessage } from './unwrap-message.js';

const MAX_PARTS = 1_000;
/**
 * The same limit as for the body of a single write. The rendered text can be longer than the body: `1e20` becomes 21
 * digits.
 */
const MAX_TEXT_BYTES = 2 * 1024 * 1024;

const [isShortEnough, TOO_LONG] = atMostBytes(MAX_TEXT_BYTES);

const anything = z.unknown().optional();
/** A tool call in the format of any API. Its fields are read later. */
const call = z.looseObject({});
const parts = (of: z.ZodType) => z.array(of).max(MAX_PARTS, `must hold at most ${MAX_PARTS} parts`);

const unknownFields = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, anything]));

const partSchema = ignoreFields(
  z
    .object({
      type: z
        .string()
        .nullish()
        .describe(
          '`text`, or any type of OpenAI, Anthropic, Gemini, Bedrock or the Vercel AI SDK.',
        ),
      ...unknownFields(PART_FIELDS),
    })
    .describe('Text is kept, calls and results of tools become text, other parts are named.'),
  IGNORED_PART_FIELDS,
);

const role = z.preprocess(
  // The type documents valid input. At run time the value may be anything.
  (name: Role | null | undefined): unknown =>
    typeof name === 'string' ? (roleNamed(name) ?? name) : name,
  z
    .enum(['user', 'assistant', 'system', 'tool'])
    .nullish()
    .describe(
      'Also `developer` (system), `function` (tool), `model`, `ai` (assistant), `human` (user). An item of OpenAI’s Responses API has a `type` in its place.',
    ),
);

const name = z.string().max(MAX_LABEL_CHARACTERS).nullish().describe('The name of the speaker.');

/** Whether the message comes from an API in which `run_id` and `agent_id` name the agent that spoke, not an end user. */
const hasAgentFields = ({ object, kind, type, source }: Fields): boolean =>
  object === 'thread.message' ||
  object === 'entry' ||
  ((kind === 'request' || kind === 'response') && type === undefined) ||
  (typeof source === 'string' && typeof type === 'string');

/** The fields of this message that may contain any JSON, such as the result of a tool. */
const freeFieldsOf = (message: Fields): readonly string[] => [
  ...(isWrapped(message) ? ENVELOPE_FIELDS : []),
  ...(isToolMessage(message) ? ['content'] : []),
  ...(hasAgentFields(message) || Array.isArray(message['parts']) ? AGENT_FIELDS : []),
];

const sentSchema = ignoreFields(
  z.object({
    role,
    content: z.union([z.string(), parts(z.union([z.string(), partSchema])), partSchema]).nullish(),
    name,
    at: clockTime.nullish().describe('When it was said. The offset is kept.'),
    type: z.string().nullish(),
    parts: z
      .union([parts(z.unknown()), z.looseObject({})])
      .nullish()
      .describe('Gemini’s name for `content`. Give one of the two.'),
    tool_calls: parts(call).nullish().describe('Become text.'),
    function_call: call.nullish(),
    toolInvocations: parts(call).nullish(),
    ...unknownFields(MESSAGE_FIELDS),
  }),
  IGNORED_MESSAGE_FIELDS,
  freeFieldsOf,
);

/** One message of a history, in this API's format or in that of another API. */
export const messageSchema = z
  .preprocess(
    // The type documents valid input. At run time the value may be anything.
    (sent: z.input<typeof sentSchema>): unknown => unwrapMessage(sent),
    sentSchema,
  )
  .transform((message, context) => {
    const rendered = renderMessage(message);
    if (!('role' in rendered)) {
      for (const { path, message: fault } of rendered)
        context.addIssue({ code: 'custom', path: [...path], message: fault });
      return z.NEVER;
    }
    const { role: ours, name: speaker, text, isText } = rendered;
    if (!isShortEnough(text))
      context.addIssue({ code: 'custom', path: ['content'], message: TOO_LONG });
    return {
      role: ours,
      content: text,
      name: speaker,
      at: message.at?.at ?? null,
      ...(message.at && { atOffsetMinutes: message.at.offsetMinutes }),
      ...(!isText && { isTextless: true }),
    };
  });
