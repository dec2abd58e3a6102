import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';

import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import { analyse } from 'scslre';
import ts from 'typescript';
import { vi } from 'vitest';

/** One regular expression of production code. */
export interface Expression {
  /** `libs/egress/src/host-list.ts:42` */
  readonly place: string;
  /** As it is written: `/^a+$/i`. */
  readonly literal: string;
}

const NOT_PRODUCTION = /\.spec\.ts$|\/testing\/|__fixtures__|\/migrations\//;

function sourcesOf(): readonly ts.SourceFile[] {
  const tracked = ['ls-files', '--cached', '--others', '--exclude-standard', 'apps', 'libs'];
  return execFileSync('git', tracked, { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path.endsWith('.ts') && !NOT_PRODUCTION.test(path))
    .map((path) =>
      ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true),
    );
}

function nodesOf(root: ts.Node): readonly ts.Node[] {
  const nodes: ts.Node[] = [root];
  for (const node of nodes) node.forEachChild((child) => void nodes.push(child));
  return nodes;
}

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** Every expression that stands as a literal in `apps/` and `libs/`. */
export function expressionLiterals(): readonly Expression[] {
  return sourcesOf()
    .flatMap(nodesOf)
    .filter((node) => ts.isRegularExpressionLiteral(node))
    .map((node) => ({ place: placeOf(node), literal: node.getText() }));
}

/** Files that build an expression at run time: no list of literals shows it. */
export function filesThatBuildExpressions(): readonly string[] {
  const places = sourcesOf()
    .flatMap(nodesOf)
    .filter(
      (node) =>
        (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
        node.expression.getText() === 'RegExp',
    )
    .map((node) => node.getSourceFile().fileName);
  return [...new Set(places)];
}

/** The expressions that these files build while they are loaded. */
export async function builtExpressions(paths: readonly string[]): Promise<readonly Expression[]> {
  const built: Expression[] = [];
  for (const place of paths) {
    class RecordedRegExp extends RegExp {
      constructor(pattern: string | RegExp, flags?: string) {
        super(pattern, flags);
        built.push({ place, literal: String(this) });
      }
    }
    vi.resetModules();
    vi.stubGlobal('RegExp', RecordedRegExp);
    try {
      await import(`../../${place}`);
    } finally {
      vi.unstubAllGlobals();
    }
  }
  return built;
}

/** What scslre finds in an expression that can make it take more than linear time. */
export function superLinearParts(literal: string): readonly string[] {
  const { pattern, flags } = new RegExpParser().parseLiteral(literal);
  const { reports } = analyse({ pattern, flags });
  return reports.map(({ type }) => type);
}

const SHORT = 4_000;
const MEBIBYTE = 1024 * 1024;
const MOST_SAMPLES = 8;

/**
 * Runs an expression over 1 MiB of the input on which it is slowest. That input is found by trying short ones, made of
 * the characters that the expression itself speaks of: each repeated, and each pair of them.
 * @returns undefined if one of these runs takes longer than `limitMs`.
 */
export function timeOverWorstInput(literal: string, limitMs: number): number | undefined {
  const context = createContext({ text: '' });
  const run = (text: string): number => {
    context['text'] = text;
    const begun = performance.now();
    runInContext(`text.search(${literal}); text.replace(${literal}, '')`, context, {
      timeout: limitMs,
    });
    return performance.now() - begun;
  };
  try {
    let worst = { unit: 'a', ms: 0 };
    for (const unit of unitsOf(literal)) {
      const ms = run(repeated(unit, SHORT));
      if (ms > worst.ms) worst = { unit, ms };
    }
    return run(repeated(worst.unit, MEBIBYTE));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

/** The unit again and again, then a character that hardly any expression takes: the match fails at the very end. */
const repeated = (unit: string, length: number): string =>
  `${unit.repeat(Math.ceil(length / unit.length))}\u0001`;

function unitsOf(literal: string): readonly string[] {
  const samples = samplesOf(literal);
  return [...samples, ...samples.flatMap((one) => samples.map((other) => one + other))];
}

/** One character of each set and each letter that the expression names. */
function samplesOf(literal: string): readonly string[] {
  const parsed = new RegExpParser().parseLiteral(literal);
  const ofSet: Readonly<Record<AST.CharacterSet['kind'], string>> = {
    any: 'a',
    digit: '0',
    space: ' ',
    word: 'a',
    property: 'a',
  };
  const samples = new Set<string>();
  visitRegExpAST(parsed, {
    onCharacterEnter: ({ value }) => samples.add(String.fromCodePoint(value)),
    onCharacterClassRangeEnter: ({ min }) => samples.add(String.fromCodePoint(min.value)),
    onCharacterSetEnter: ({ kind }) => samples.add(ofSet[kind]),
  });
  // Sets first: the letters of long words hardly ever repeat.
  const common = ['a', '0', ' ', '-', '.'].filter((one) => samples.has(one));
  return [...new Set([...common, ...samples])].slice(0, MOST_SAMPLES);
}
