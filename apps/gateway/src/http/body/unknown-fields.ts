import { namesAnEndUser, suggestedName } from './field-names.js';
import { type Fault, isHarmlessName, pointerOf } from './faults.js';
import type { Path } from './texts.js';
import type { Warning } from '../warnings.js';

/** The names that a place takes, as the keys of a map. */
type KnownNames = ReadonlyMap<string, unknown>;

interface UnknownField {
  readonly path: Path;
  readonly name: string;
  readonly known: KnownNames;
  /** Of a field that is known, and counts for nothing here. */
  readonly reason?: string;
}

const MAX_WARNINGS = 20;
/** As many as a refusal names. */
const MAX_KEPT = 100;
/** More names than any client has by mistake. Each costs a comparison with those that are known. */
const MAX_NAMES = 1_000;
const TENANT = 'tenant_id';

/** The fields of one request that no schema of its route knows, body and query string alike. */
export class UnknownFields {
  readonly #refused: UnknownField[] = [];
  readonly #ignored: UnknownField[] = [];
  #ignoredCount = 0;
  /** Whether a name is one of an end user, for each that was met. */
  readonly #verdicts = new Map<string, boolean>();
  #hasTooMany = false;

  /** @param holdsKey whether a name holds a key of the request's `llm`: such a name is never repeated. */
  constructor(private readonly holdsKey: (name: string) => boolean) {}

  /** @param known the names that the same place takes. */
  add(path: Path, name: string, known: KnownNames): void {
    if (this.#namesAnEndUser(name)) {
      if (this.#refused.length < MAX_KEPT) this.#refused.push({ path: [...path], name, known });
      return;
    }
    this.#ignoredCount += 1;
    if (this.#ignored.length >= MAX_KEPT) return;
    this.#ignored.push({ path: [...path], name, known });
  }

  /** A known field that counts for nothing where it stands. */
  addPassedOver(path: Path, name: string, reason: string): void {
    this.#ignoredCount += 1;
    if (this.#ignored.length < MAX_KEPT)
      this.#ignored.push({ path: [...path], name, known: new Map(), reason });
  }

  /** A list of a thousand messages has the same name a thousand times. */
  #namesAnEndUser(name: string): boolean {
    const known = this.#verdicts.get(name);
    if (known !== undefined) return known;
    if (this.#verdicts.size >= MAX_NAMES) {
      this.#hasTooMany = true;
      return false;
    }
    const verdict = namesAnEndUser(name);
    this.#verdicts.set(name, verdict);
    return verdict;
  }

  /** Takes over what was ignored in a part of the body that was walked by itself. */
  addIgnored(under: Path, other: UnknownFields): void {
    this.#ignoredCount += other.#ignoredCount;
    for (const { path, ...field } of other.#ignored.slice(0, MAX_KEPT - this.#ignored.length))
      this.#ignored.push({ ...field, path: [...under, ...path] });
  }

  /**
   * What the request is refused for: every unknown field where it asks for strict handling, and else those that name an
   * end user; of either kind no more than `most`.
   */
  faults(isStrict: boolean, most = MAX_KEPT): readonly Fault[] {
    const refused = [
      ...(this.#hasTooMany ? [{ path: [], message: TOO_MANY }] : []),
      ...this.#refused
        .slice(0, most)
        .map((field): Fault =>
          this.#place(field, field.name === TENANT ? NO_TENANT_HERE : END_USER),
        ),
    ];
    if (!isStrict) return refused;
    return [
      ...refused,
      ...this.#ignored
        .slice(0, most)
        .map((field) => this.#place(field, `${whyIgnored(field)}${suggest(field)}`)),
    ];
  }

  /** What was ignored, for the answer: at most twenty, then how many more there are. */
  warnings(): readonly Warning[] {
    const told = this.#ignored.slice(0, MAX_WARNINGS).map((field): Warning => {
      const { path, message } = this.#place(
        field,
        `${whyIgnored(field)} and was ignored${suggest(field)}`,
      );
      return { path: pointerOf(path), message };
    });
    const more = this.#ignoredCount - told.length;
    if (more === 0) return told;
    const fields = more === 1 ? 'field' : 'fields';
    return [...told, { path: '', message: `has ${more} more unknown ${fields}, ignored as well` }];
  }

  /** A name that might be anything, a key included, is told as the object that has it. */
  #place({ path, name }: UnknownField, message: string): Fault {
    return isHarmlessName(name) && !this.holdsKey(name)
      ? { path: [...path, name], message }
      : { path, message: message.replace(/^is/, 'has a field that is').replace(ONE_OF_NAMES, '') };
  }
}

const END_USER = `is not known; for one end user use \`${TENANT}\``;
const NO_TENANT_HERE = `is not taken here; for one end user use \`${TENANT}\` where memories are written, listed, searched or asked about`;
const TOO_MANY = `has more than ${MAX_NAMES.toLocaleString('en-US')} different fields that are not known`;
const ONE_OF_NAMES = /; did you mean .*$/;

const whyIgnored = ({ reason = 'is not known' }: UnknownField): string => reason;

function suggest({ name, known, reason }: UnknownField): string {
  if (reason !== undefined) return '';
  const suggestion = suggestedName(name, known.keys());
  return suggestion === undefined ? '' : `; did you mean \`${suggestion}\`?`;
}
