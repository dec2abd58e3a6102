/** One line of the table: a median with the least and the most of its rounds. */
export interface Figure {
  readonly name: string;
  readonly goal: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly unit: '' | 'ms' | 'MB';
}

export function figure(
  name: string,
  goal: string,
  rounds: readonly number[],
  unit: Figure['unit'] = '',
): Figure {
  return {
    name,
    goal,
    value: median(rounds),
    least: Math.min(...rounds),
    most: Math.max(...rounds),
    unit,
  };
}

export function median(figures: readonly number[]): number {
  return percentile(figures, 0.5);
}

/** @param share 0.99: the figure that 99 of 100 do not exceed. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** As many digits as mean something: 1234, 12.3, 1.23. */
export function shown(value: number, unit: Figure['unit'] = ''): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return unit === '' ? value.toFixed(digits) : `${value.toFixed(digits)} ${unit}`;
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A Markdown table. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
