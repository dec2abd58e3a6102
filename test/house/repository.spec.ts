import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { trackedFiles } from '../support/tracked-files.js';

const files = trackedFiles();

const lines = files.flatMap(({ path, text }) =>
  text.split('\n').map((line, index) => ({ place: `${path}:${index + 1}`, line })),
);

const placesOf = (pattern: RegExp): string[] =>
  lines.filter(({ line }) => pattern.test(line)).map(({ place }) => place);

describe('the repository', () => {
  it('contains no absolute path of a developer’s machine', () => {
    expect(placesOf(/(^|[\s"'`(=])\/(home|work|Users)\/[a-z]/)).toEqual([]);
  });

  it('contains no address of a package registry', () => {
    expect(
      placesOf(
        new RegExp(
          ['registry', '\\.npmjs|', 'registry', '\\.yarnpkg|deb\\.', 'debian\\.org'].join(''),
        ),
      ),
    ).toEqual([]);
  });

  it('skips no test', () => {
    expect(
      placesOf(/\b(it|test|describe)\.(skip|only|todo)\b/).filter(
        (place) => !place.includes('repository.spec'),
      ),
    ).toEqual([]);
  });

  it('pins every version exactly', () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync('package.json', 'utf8'),
    ) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  it('locks the optional packages of every platform: npm ci refuses a lock without one of them', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      readonly packages: Record<string, { readonly optionalDependencies?: Record<string, string> }>;
    };
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    const places = Object.keys(packages);
    expect(
      wanted.filter((name) => !places.some((place) => place.endsWith(`node_modules/${name}`))),
    ).toEqual([]);
  });

  it('pins the content of every package: npm ci runs native code of optional ones on other platforms', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      readonly packages: Record<string, { readonly version?: string; readonly integrity?: string }>;
    };
    const unpinned = Object.entries(packages)
      .filter(([place, { version }]) => place !== '' && version !== undefined)
      .filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true);
    expect(unpinned.map(([place]) => place)).toEqual([]);
  });

  it('pins every action by its commit: a tag can be moved', () => {
    const used = lines.filter(({ line }) => /^\s*- uses: /.test(line));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter(({ line }) => !/@[0-9a-f]{40} # v\d/.test(line))).toEqual([]);
  });

  it('has no hand-written source file over 300 lines', () => {
    const long = files
      .filter(({ path }) => /\.(ts|mjs)$/.test(path) && !path.includes('/migrations/'))
      .filter(({ text }) => text.split('\n').length > 301);
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});
