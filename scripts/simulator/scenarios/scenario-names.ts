import { ANTHROPIC_FAILURES } from '../anthropic/anthropic-failures.js';
import { AZURE_FAILURES } from '../azure/azure-failures.js';
import { COMPAT_WIRES } from '../compat/compat.wire.js';
import { OPENAI_FAILURES } from '../openai/openai-failures.js';
import { OUTPUT_ACCIDENTS } from './output-accidents.js';
import { WIRE_ACCIDENTS } from './wire-accidents.js';

const names = (rows: readonly { readonly name: string }[]): readonly string[] =>
  rows.map(({ name }) => name);

/** The names of all scenarios, without `sim-`: the failures of each provider, and the accidents that all providers share. */
export function scenarioNames(): {
  readonly openai: readonly string[];
  readonly anthropic: readonly string[];
  readonly azure: readonly string[];
  readonly compat: Readonly<Record<string, readonly string[]>>;
  readonly accidents: readonly string[];
} {
  return {
    openai: names(OPENAI_FAILURES),
    anthropic: names(ANTHROPIC_FAILURES),
    azure: names(AZURE_FAILURES),
    compat: Object.fromEntries(
      [...COMPAT_WIRES].map(([flavour, { failures }]) => [flavour, names(failures)]),
    ),
    accidents: [...names(WIRE_ACCIDENTS), ...names(OUTPUT_ACCIDENTS)],
  };
}
