import type { RecordedCall, Simulator } from '../../scripts/simulator/index.js';

export interface ScriptedVerdict {
  readonly verdict?: 'supersedes' | 'refines' | 'independent';
  readonly confidence?: number;
  readonly reasoning?: string;
}

/** What a classifier answers of one candidate. */
export const classifies = (
  { verdict = 'supersedes', confidence = 0.95, reasoning = 'Another city.' }: ScriptedVerdict = {},
  category = 'location',
): string =>
  JSON.stringify({
    category,
    comparisons: [{ candidate: 1, reasoning, verdict, confidence }],
  });

/** Whether a call asks for a verdict; the others extract or answer. */
const isClassification = ({ body }: Pick<RecordedCall, 'body'>): boolean =>
  JSON.stringify(body).includes('<new_fact>');

/** The calls of a simulator that classify: with which model, and with which key. */
export const classifications = (
  simulator: Simulator,
): readonly { readonly model: unknown; readonly key: unknown; readonly path: string }[] =>
  simulator.calls.filter(isClassification).map(({ body, headers, path }) => ({
    model: (body as { readonly model?: unknown }).model,
    key: headers['x-api-key'] ?? headers.authorization ?? headers['api-key'],
    path,
  }));
