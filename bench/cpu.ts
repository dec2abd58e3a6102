import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms, on every architecture. */
const MS_PER_TICK = 10;

interface Stat {
  readonly parent: number;
  /** User and system time of the process. */
  readonly own: number;
  /** The same of its children that have ended. */
  readonly ended: number;
}

/** CPU time of a process, of its children, and of its children that have ended, in milliseconds. */
export function cpuMsOf(pid: number): number {
  const stat = statOf(pid);
  if (stat === undefined) return 0;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((child) => child?.parent === pid);
  const ticks = children.reduce(
    (sum, child) => sum + (child?.own ?? 0) + (child?.ended ?? 0),
    stat.own + stat.ended,
  );
  return ticks * MS_PER_TICK;
}

/** The process that has started this one. */
export function parentOf(pid: number): number {
  return statOf(pid)?.parent ?? 0;
}

/** Resident memory of a process, now and at its peak, in megabytes. */
export function memoryOf(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM') };
}

function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the name of the program in brackets, and the name may contain spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (number: number): number => Number(fields[number - 3]);
  return { parent: at(4), own: at(14) + at(15), ended: at(16) + at(17) };
}
