import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { extractionWorkerSettings } from '../../apps/extraction-worker/src/extraction-worker.config.js';
import { gatewaySettings } from '../../apps/gateway/src/gateway.config.js';
import { opsSettings } from '../../apps/ops/src/ops.config.js';
import { queryWorkerSettings } from '../../apps/query-worker/src/query-worker.config.js';

/** Set by `npm start` alone, for its own children. */
const INTERNAL = ['LOCAL_LAUNCH'];

const schemas = [gatewaySettings, extractionWorkerSettings, queryWorkerSettings, opsSettings];
const known = new Set(schemas.flatMap(({ shape }) => Object.keys(shape)));
const example = readFileSync('.env.example', 'utf8');
const settings = [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(
  ([, name = '', value = '']) => ({ name, value }),
);

describe('.env.example', () => {
  it('names every setting of every app once, and no other', () => {
    const names = settings.map(({ name }) => name);
    const documented = [...known].filter((name) => !INTERNAL.includes(name));
    expect(names.toSorted()).toEqual(documented.toSorted());
  });

  it('shows the default of each setting that has one', () => {
    for (const { name, value } of settings.filter((setting) => setting.value !== '')) {
      const schema = schemas
        .map(({ shape }) => shape[name as keyof typeof shape])
        .find((field) => field !== undefined);
      expect({ name, value: schema?.safeParse(undefined).data }).toEqual({
        name,
        value: schema?.safeParse(value).data,
      });
    }
  });
});
