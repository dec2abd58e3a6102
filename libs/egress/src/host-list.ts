import { addressOf, isLoopbackAddress } from './address-rules.js';

interface Entry {
  readonly hostname: string;
  /** Absent: every port. */
  readonly port?: string;
}

/** The operator's list: `host`, `host:port`, `[::1]`, `[::1]:8080`; a leading `!` excludes an address. */
export class HostList {
  readonly #listed: readonly Entry[];
  readonly #excluded: readonly Entry[];

  constructor(entries: readonly string[]) {
    this.#listed = entries.filter((entry) => !entry.startsWith('!')).map(parseEntry);
    this.#excluded = entries
      .filter((entry) => entry.startsWith('!'))
      .map((entry) => parseEntry(entry.slice(1)));
  }

  lists(hostname: string, port: string): boolean {
    return (
      !this.excludes(hostname, port) && this.#listed.some((entry) => names(entry, hostname, port))
    );
  }

  /** Whether the host is listed with this port. Only such an entry permits the port of a database or a shell. */
  listsPort(hostname: string, port: string): boolean {
    return this.#listed.some((entry) => entry.port !== undefined && names(entry, hostname, port));
  }

  /** Excluding one name of this machine excludes all of them, because localhost, 127.0.0.1 and [::1] reach the same process. */
  excludes(hostname: string, port: string): boolean {
    return this.#excluded.some(
      (entry) =>
        names(entry, hostname, port) ||
        (isThisMachine(entry.hostname) && isThisMachine(hostname) && hasPort(entry, port)),
    );
  }
}

const MAX_PORT = 65_535;

/** @throws TypeError for an entry that is no host: an entry that is misread would permit or exclude another address. */
function parseEntry(text: string): Entry {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/@?#[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  const [, host = '', port] = match ?? [];
  const isPort = port === undefined || (Number(port) > 0 && Number(port) <= MAX_PORT);
  if (match === null || !isPort || !URL.canParse(`http://${host}`)) {
    throw new TypeError('An allowed host must be host or host:port; a leading ! excludes a host.');
  }
  const { hostname } = new URL(`http://${host}`);
  // Without leading zeros, as a URL has it.
  return { hostname, ...(port !== undefined && { port: String(Number(port)) }) };
}

const hasPort = (entry: Entry, port: string): boolean =>
  entry.port === undefined || entry.port === port;

const names = (entry: Entry, hostname: string, port: string): boolean =>
  entry.hostname === hostname && hasPort(entry, port);

function isThisMachine(hostname: string): boolean {
  const address = addressOf(hostname);
  return address === undefined ? hostname === 'localhost' : isLoopbackAddress(address);
}
