import { globSync, readFileSync } from 'node:fs';

import { PROVIDER_NAMES } from '@app/caller-keys';
import { describe, expect, it } from 'vitest';

const SOURCE = 'libs/llm-providers/src';
/** Azure implements the API of another provider, and converts requests and answers by the files of that folder. */
const CONVERTED_BY: Readonly<Record<string, string>> = { azure: 'openai' };

/** The files of one provider. A pattern may match several files. */
function filesOf(name: string): readonly string[] {
  const folder = `${SOURCE}/${name}`;
  const converting = `${SOURCE}/${CONVERTED_BY[name] ?? name}`;
  return [
    `libs/caller-keys/src/providers/${name}.ts`,
    `${folder}/${name}.definition.ts`,
    `${folder}/${name}.provider.ts`,
    `${folder}/${name}.provider.spec.ts`,
    `${folder}/classify-${name}-failure.ts`,
    `${folder}/classify-${name}-failure.spec.ts`,
    `${folder}/__fixtures__/recordings.ts`,
    `${converting}/to-*.ts`,
    `${converting}/read-*-answer.ts`,
    `scripts/simulator/${name}/${name}.wire.ts`,
    `scripts/simulator/${name}/${name}-failures.ts`,
  ];
}

/** Files outside the folders that name a provider in their code, and why. */
const MAY_NAME_A_PROVIDER: Readonly<Record<string, string>> = {
  'libs/llm-providers/src/providers.ts': 'the list of definitions',
  'libs/llm-providers/src/llm-providers.module.ts': 'the operator’s own account is at Anthropic',
  'libs/memory/src/supersession/comparison.ts': 'the classifier runs on Anthropic alone',
};

const isOfProvider = (path: string): boolean =>
  PROVIDER_NAMES.some((name) => path.startsWith(`${SOURCE}/${name}/`)) ||
  path.startsWith('libs/caller-keys/src/providers/');

const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');

/** A provider's name as a whole string, or as a key of an object. */
const namesProvider = (text: string): boolean =>
  PROVIDER_NAMES.some(
    (name) =>
      ["'", '"', '`'].some((quote) => text.includes(quote + name + quote)) ||
      text.split('\n').some((line) => line.trim().startsWith(`${name}:`)),
  );

describe('the folder of a provider', () => {
  it.each(PROVIDER_NAMES)('of %s has every file that a provider needs', (name) => {
    const missing = filesOf(name).filter((path) => globSync(path).length === 0);
    expect(missing).toEqual([]);
  });

  it.each(PROVIDER_NAMES)('of %s has a row in the table of providers in the README', (name) => {
    expect(readFileSync('README.md', 'utf8')).toContain(`\n| \`${name}\` |`);
  });

  it('exists for no provider that is not on the list', () => {
    const folders = globSync(`${SOURCE}/*/*.definition.ts`).map((path) => path.split('/').at(-2));
    expect(new Set(folders)).toEqual(new Set(PROVIDER_NAMES));
  });

  it('is the only place in the code that names its provider, besides those that are listed here', () => {
    const naming = globSync('{apps,libs}/**/src/**/*.ts')
      .filter((path) => !/\.spec\.ts$|\/(?:testing|__fixtures__)\//.test(path))
      .filter((path) => !isOfProvider(path))
      .filter((path) => namesProvider(withoutComments(readFileSync(path, 'utf8'))));
    expect(new Set(naming)).toEqual(new Set(Object.keys(MAY_NAME_A_PROVIDER)));
  });
});
