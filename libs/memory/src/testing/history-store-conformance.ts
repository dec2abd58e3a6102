import { itKeepsChains } from './chain-conformance.js';
import type { MakeHistoryBench } from './history-stage.js';
import { itRestores } from './restoring-conformance.js';
import { itSupersedes } from './superseding-conformance.js';

/** What every HistoryStore owes its callers. `makeBench` is given memories to hold. */
export function itKeepsHistory(makeBench: MakeHistoryBench): void {
  itSupersedes(makeBench);
  itRestores(makeBench);
  itKeepsChains(makeBench);
}
