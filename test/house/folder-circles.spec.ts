import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The source folder of an app or a lib, such as `apps/gateway/src`. */
const SOURCE = /^(?:apps|libs)\/[^/]+\/src\//;
const RELATIVE_IMPORT = /\bfrom '(\.{1,2}\/[^']+)'/g;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter(
    (path) =>
      path.endsWith('.ts') &&
      !/\.spec\.ts$|\/(?:testing|__fixtures__)\//.test(path) &&
      existsSync(path),
  )
  .filter((path) => SOURCE.test(path));

/** The first folder below `src`. A file directly in `src` is a node of its own, because it puts the folders together. */
function nodeOf(path: string): string {
  const [source = ''] = SOURCE.exec(path) ?? [];
  const [folder = ''] = path.slice(source.length).split('/');
  return source + folder.replace(/\.js$/, '.ts');
}

/** Which node imports which, and by which file: `apps/gateway/src/jobs` → `apps/gateway/src/http` → a file. */
function readArrows(): Map<string, Map<string, string>> {
  const arrows = new Map<string, Map<string, string>>();
  for (const path of files) {
    const from = nodeOf(path);
    for (const [, imported = ''] of readFileSync(path, 'utf8').matchAll(RELATIVE_IMPORT)) {
      const to = nodeOf(normalize(join(dirname(path), imported)));
      if (to === from || !SOURCE.test(to)) continue;
      const ofFolder = arrows.get(from) ?? new Map<string, string>();
      arrows.set(from, ofFolder.set(to, path));
    }
  }
  return arrows;
}

/** An arrow is part of a circle if its target leads back to its start. */
function arrowsInCircles(arrows: Map<string, Map<string, string>>): readonly string[] {
  return [...arrows].flatMap(([from, to]) =>
    [...to]
      .filter(([folder]) => isReachable(arrows, folder, from))
      .map(([folder, path]) => `${from} → ${folder} (${path})`),
  );
}

function isReachable(
  arrows: Map<string, Map<string, string>>,
  from: string,
  goal: string,
): boolean {
  const seen = new Set([from]);
  for (const node of seen) for (const next of arrows.get(node)?.keys() ?? []) seen.add(next);
  return seen.has(goal);
}

describe('the folders of an app or a lib', () => {
  it('do not import each other in circles', () => {
    const arrows = readArrows();
    expect(arrows.size).toBeGreaterThan(10);
    expect(arrowsInCircles(arrows)).toEqual([]);
  });
});
