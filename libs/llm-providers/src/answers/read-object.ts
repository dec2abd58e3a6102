import type { z } from 'zod';

import { MAX_REPAIRED_CHARACTERS } from '../boundary/bounds.js';
import type { Scrubber } from '../boundary/scrub.js';
import type { Completion, JsonShape } from '../llm-provider.js';
import { fitShape, hasShape, isSchemaEcho } from './fit-shape.js';
import { jsonInText, jsonOfText, nearlyJsonOfText } from './json-in-text.js';
import { unclosedThoughtIn, withoutLeadingThoughts } from './thoughts.js';

export type ReadObject<Value> =
  { readonly value: Value } | { readonly fault: string; readonly sawJson: boolean };

/** The parts of an answer that may hold the value. */
export type ObjectSources = Pick<Completion, 'text' | 'toolCalls' | 'thoughts'>;

const MAX_FAULTS = 12;

/**
 * Reads a value of the schema from a model's answer: from its tool calls, else from its text, else from a thought that is only
 * JSON. Text around the value is ignored, and so is a repetition of the schema. A value with another arrangement is fitted if
 * all its parts are there. Returns the first value that fits, else the fault of the first candidate.
 */
export async function readObject<Schema extends z.ZodType>(
  answer: ObjectSources,
  { schema, shape }: { readonly schema: Schema; readonly shape: JsonShape },
  scrub: Scrubber,
): Promise<ReadObject<z.output<Schema>>> {
  let fault: string | undefined;
  for await (const candidate of candidatesIn(answer, shape.schema)) {
    if (isSchemaEcho(candidate)) {
      fault ??= 'You repeated the JSON Schema. Answer with a value that fits it.';
      continue;
    }
    const read = schema.safeParse(scrub.json(candidate));
    if (read.success) return { value: read.data };
    fault ??= faultsOf(read.error);
  }
  return {
    fault: fault ?? 'There is no complete JSON value in the answer.',
    sawJson: fault !== undefined,
  };
}

async function* candidatesIn(answer: ObjectSources, schema: JsonShape['schema']): AsyncGenerator {
  yield* valuesOfCalls(answer.toolCalls, schema);
  const whole = jsonOfText(answer.text);
  if (whole !== undefined) yield* asGivenAndFitted([whole], schema);
  else yield* valuesInText(withoutLeadingThoughts(answer.text), schema);
  const thoughts = answer.thoughts || unclosedThoughtIn(answer.text);
  const thought = jsonOfText(thoughts) ?? (await nearlyJsonOfText(thoughts));
  if (thought !== undefined) yield* asGivenAndFitted([thought], schema);
}

/** The arguments of the tool calls. Facts may be spread over several calls, so if one cannot be read, none is used. */
async function* valuesOfCalls(
  calls: readonly string[],
  schema: JsonShape['schema'],
): AsyncGenerator {
  const values: unknown[] = [];
  let repairable = MAX_REPAIRED_CHARACTERS;
  for (const call of calls) {
    let value = jsonOfText(call);
    if (value === undefined) {
      repairable -= call.length;
      if (repairable < 0) return;
      value = (await nearlyJsonOfText(call)) ?? (await onlyJsonIn(call));
    }
    if (value === undefined) return;
    values.push(value);
  }
  if (values.length > 0) yield* asGivenAndFitted(values, schema);
}

/** The only value of a text that has marks of a template around it. */
async function onlyJsonIn(text: string): Promise<unknown> {
  const { runs, isWhole } = await jsonInText(text);
  const values = runs.flat();
  return isWhole && values.length === 1 ? values[0] : undefined;
}

/**
 * The values in a text. A value that already has the shape is used wherever it stands. Others are fitted to the schema only
 * if the text is complete, because a part of a truncated answer must not count as the whole.
 */
async function* valuesInText(text: string, schema: JsonShape['schema']): AsyncGenerator {
  const { runs, isWhole } = await jsonInText(text);
  yield* runs.flat().filter(isSchemaEcho).slice(0, 1);
  const answers = runs
    .map((run) => run.filter((value) => !isSchemaEcho(value)))
    .filter((run) => run.length > 0);
  // Adjacent answers are parts of one.
  if (isWhole) yield* answers.flatMap((run) => (run.length > 1 ? fitted(run, schema) : []));
  // Several answers that each have the shape are parts of one as well: one for each message, or a draft and its final form.
  const alike = answers.flat().filter((value) => hasShape(schema, value));
  const filled = alike.filter((value) => !isBlank(value));
  if (isWhole && filled.length > 1) yield* fitted(filled, schema);
  yield* [...filled, ...answers.flat().filter((value) => !filled.includes(value))];
  if (!isWhole) return;
  const objects = answers.map((run) => run.filter(holdsObjects)).filter((run) => run.length > 0);
  yield* fitted(objects.flat(), schema);
  for (const run of objects) yield* fitted(run, schema);
  for (const value of objects.flat()) yield* fitted([value], schema);
}

/** Whether an answer has no content. */
const isBlank = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (part) => part === null || part === '' || (Array.isArray(part) && part.length === 0),
  );

/** Whether a value is an object or holds objects. A list of texts or numbers within a sentence is part of the sentence. */
const holdsObjects = (value: unknown): boolean =>
  !Array.isArray(value) ||
  (value.length > 0 && value.every((entry) => typeof entry === 'object' && entry !== null));

function fitted(values: readonly unknown[], schema: JsonShape['schema']): readonly unknown[] {
  const value = fitShape(schema, values.length === 1 ? values[0] : values);
  return values.length === 0 || value === undefined ? [] : [value];
}

function* asGivenAndFitted(values: readonly unknown[], schema: JsonShape['schema']): Generator {
  if (values.length === 1) yield values[0];
  yield* fitted(values, schema);
}

/** Lists paths and rules for the repair prompt. It never repeats the model's own text. */
function faultsOf(error: z.ZodError): string {
  const faults = error.issues
    .slice(0, MAX_FAULTS)
    .map(({ path, message }) => `${path.join('.') || '(root)'}: ${message}`);
  return faults.join('\n');
}
