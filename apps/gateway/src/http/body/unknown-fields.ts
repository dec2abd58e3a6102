import { namesAnEndUser, suggestedName } from './field-names.js';
import { type Fault, isHarmlessName, pointerOf } from './faults.js';
import type { Path } from './texts.js';
import type { Warning } from '../warnings.js';

/** The known field names of one place, as the keys of a map. */
type KnownNames = ReadonlyMap<string, unknown>;

interface UnknownField {
  readonly path: Path;
  readonly name: string;
  readonly known: KnownNames;
  /** Set for a known field that has no effect here. */
  readonly reason?: string;
}

const MAX_WARNINGS = 20;
/** The most faults that one error lists. */
const MAX_KEPT = 100;
/** More different names than a client sends by mistake. Each is compared with the names for an end user. */
const MAX_NAMES = 1_000;
const TENANT = 'tenant_id';

/** The unknown fields of one request's body or query string. */
export class UnknownFields {
  readonly #refused: UnknownField[] = [];
  readonly #ignored: UnknownField[] = [];
  #ignoredCount = 0;
  /** Caches whether a name is one for an end user: a list of a thousand messages has the same name a thousand times. */
  readonly #isEndUserName = new Map<string, boolean>();
  #hasTooMany = false;

  /** @param holdsKey whether a name contains a key of the request's `llm`. Such a name is never quoted. */
  constructor(private readonly holdsKey: (name: string) => boolean) {}

  /** @param known the known names of the same place. */
  add(path: Path, name: string, known: KnownNames): void {
    if (this.#namesAnEndUser(name)) {
      if (this.#refused.length < MAX_KEPT) this.#refused.push({ path: [...path], name, known });
      return;
    }
    this.#ignoredCount += 1;
    if (this.#ignored.length >= MAX_KEPT) return;
    this.#ignored.push({ path: [...path], name, known });
  }

  /** Adds a known field that has no effect in this body. */
  addWithoutEffect(path: Path, name: string, reason: string): void {
    this.#ignoredCount += 1;
    if (this.#ignored.length < MAX_KEPT)
      this.#ignored.push({ path: [...path], name, known: new Map(), reason });
  }

  #namesAnEndUser(name: string): boolean {
    const known = this.#isEndUserName.get(name);
    if (known !== undefined) return known;
    if (this.#isEndUserName.size >= MAX_NAMES) {
      this.#hasTooMany = true;
      return false;
    }
    const isEndUserName = namesAnEndUser(name);
    this.#isEndUserName.set(name, isEndUserName);
    return isEndUserName;
  }

  /** Adds the ignored fields of a part of the body that was walked separately. */
  addIgnored(under: Path, other: UnknownFields): void {
    this.#ignoredCount += other.#ignoredCount;
    for (const { path, ...field } of other.#ignored.slice(0, MAX_KEPT - this.#ignored.length))
      this.#ignored.push({ ...field, path: [...under, ...path] });
  }

  /**
   * The faults that refuse the request: names of end users, and with strict handling every other unknown field. At most
   * `most` of each kind.
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

  /** The first twenty ignored fields as warnings, then one warning with the number of the others. */
  warnings(): readonly Warning[] {
    const listed = this.#ignored.slice(0, MAX_WARNINGS).map((field): Warning => {
      const { path, message } = this.#place(
        field,
        `${whyIgnored(field)} and was ignored${suggest(field)}`,
      );
      return { path: pointerOf(path), message };
    });
    const more = this.#ignoredCount - listed.length;
    if (more === 0) return listed;
    const fields = more === 1 ? 'field' : 'fields';
    return [
      ...listed,
      { path: '', message: `has ${more} more unknown ${fields}, ignored as well` },
    ];
  }

  /** For a name that may be a key, the fault names the object that has the field. */
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
