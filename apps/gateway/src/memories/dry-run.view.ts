import {
  type DryFact,
  type DryRun,
  EXCERPT_CHARACTERS,
  excerptOf,
  type SeenMemory,
  type Turn,
  type WriteResult,
} from '@app/memory';

import { viewMemory } from './memory.view.js';
import type { Reader } from './reader.js';
import type { DryRunView } from './remembered.schemas.js';
import { viewExtraction } from './remembered.view.js';

/** What a dry run found, as memories that never were: what comes only with being stored is null. */
export function viewDryRun(
  accountId: string,
  { tenantId, dryRun, extraction }: WriteResult,
  reader: Reader,
): DryRunView {
  if (!dryRun || !extraction) throw new TypeError('A dry run keeps what it found, and how.');
  const whose = { accountId, tenantId };
  const messages = new Map(dryRun.messages.map((message) => [message.position, message]));
  return {
    status: 'dry_run',
    memories: dryRun.facts.map((fact) => {
      const { temporal, ...memory } = viewMemory(
        asIfStored(fact, { ...dryRun, messages }, whose, reader.now),
        reader,
      );
      return {
        ...memory,
        id: null,
        created_at: null,
        // Nobody believes what was not stored.
        temporal: { ...temporal, transaction_time_start: null, is_known_current: false },
      };
    }),
    memories_left_out: dryRun.leftOut ?? 0,
    extraction: viewExtraction(extraction),
  };
}

/** What the facts of a dry run have in common. */
interface Stage extends Omit<DryRun, 'messages'> {
  readonly messages: ReadonlyMap<number, DryRun['messages'][number]>;
}

function asIfStored(
  { positions, validFrom, capturedAt, ...words }: DryFact,
  { source, sessionId, externalId, metadata, messages }: Stage,
  whose: { readonly accountId: string; readonly tenantId: string | null },
  now: Date,
): SeenMemory {
  const cited = positions.flatMap((position) => messages.get(position) ?? []);
  const turns = cited.map(({ position, role, name, at, content }): Turn => ({
    id: '',
    position,
    role,
    name,
    saidAt: at,
    text: content,
  }));
  const excerpt = excerptOf(turns, EXCERPT_CHARACTERS);
  const scope = { source, sessionId, externalId, metadata };
  return {
    memory: {
      id: '',
      ...whose,
      ...scope,
      ...words,
      createdAt: now,
      capturedAt,
      extraction: null,
      turns: excerpt.turns,
      turnsShortened: excerpt.turnsShortened || cited.some(({ shortened }) => shortened === true),
    },
    version: {
      memoryId: '',
      validFrom,
      validTo: null,
      supersededBy: null,
      believedFrom: now,
      believedTo: null,
    },
  };
}
