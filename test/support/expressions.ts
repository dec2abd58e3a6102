import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';

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

let nodesOfProduction: readonly ts.Node[] | undefined;

/** All nodes of production code, parsed once. */
function productionNodes(): readonly ts.Node[] {
  const tracked = ['ls-files', '--cached', '--others', '--exclude-standard', 'apps', 'libs'];
  nodesOfProduction ??= execFileSync('git', tracked, { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path.endsWith('.ts') && !NOT_PRODUCTION.test(path) && existsSync(path))
    .map((path) =>
      ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true),
    )
    .flatMap(nodesOf);
  return nodesOfProduction;
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

/** Every literal expression of `apps/` and `libs/`. */
export function expressionLiterals(): readonly Expression[] {
  return productionNodes()
    .filter((node) => ts.isRegularExpressionLiteral(node))
    .map((node) => ({ place: placeOf(node), literal: node.getText() }));
}

/** Files that build expressions at run time, which are not among the literals. */
export function filesThatBuildExpressions(): readonly string[] {
  const places = productionNodes()
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

/** The parts of an expression that can take more than linear time, as scslre finds them. */
export function superLinearParts(literal: string): readonly string[] {
  const { pattern, flags } = new RegExpParser().parseLiteral(literal);
  const { reports } = analyse({ pattern, flags });
  return reports.map(({ type }) => type);
}

const SHORT = 4_000;
const MEBIBYTE = 1024 * 1024;
const MAX_SAMPLES = 8;
/** A run may take this many times its processor time, because other processes share the core. */
const WALL_TIME_PER_CPU_TIME = 5;

/**
 * Runs an expression over 1 MiB of the input on which it is slowest. That input is found by trying short ones, made of
 * the characters that the expression names: each repeated, and each pair of them.
 * @returns the processor time in milliseconds; undefined if one of these runs takes more than `limitMs`.
 */
export function timeOverWorstInput(literal: string, limitMs: number): number | undefined {
  const context = createContext({ text: '' });
  const script = new Script(`text.search(${literal}); text.replace(${literal}, '')`);
  const run = (text: string): number => {
    context['text'] = text;
    const begun = process.cpuUsage();
    script.runInContext(context, { timeout: limitMs * WALL_TIME_PER_CPU_TIME });
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1_000;
  };
  try {
    let worst = { unit: 'a', ms: 0 };
    for (const unit of unitsOf(literal)) {
      const ms = run(repeated(unit, SHORT));
      if (ms > worst.ms) worst = { unit, ms };
    }
    const ms = run(repeated(worst.unit, MEBIBYTE));
    return ms > limitMs ? undefined : ms;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

/** Repeats the unit and adds a character that hardly any expression matches, so that a match fails at the very end. */
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
  // The samples of sets come first, because the letters of long words rarely repeat.
  const common = ['a', '0', ' ', '-', '.'].filter((one) => samples.has(one));
  return [...new Set([...common, ...samples])].slice(0, MAX_SAMPLES);
}
