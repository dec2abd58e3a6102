import type { Figure } from './figures.js';

/** The surroundings of a part: how often it measures, and where it says how far it is. */
export interface PartOptions {
  readonly rounds: number;
  /** Memories of the large tenant in the part `scale`. */
  readonly memories: number;
  /** Where mem0ai is installed already; undefined: it is installed for this run. */
  readonly mem0Folder: string | undefined;
  /** Shows a step of long work. */
  readonly step: (text: string) => void;
}

/** One part of the benchmark, with a name for the command line. */
export interface Part {
  readonly name: string;
  readonly title: string;
  run(options: PartOptions): Promise<PartResult>;
}

export interface PartResult {
  readonly figures: readonly Figure[];
  /** A Markdown table with the figures behind the ratios, and remarks about them. */
  readonly details: readonly string[];
}
