/** Names at which clouds serve credentials. They are never called, even if the operator listed them. */
const METADATA_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'instance-data',
  'instance-data.ec2.internal',
]);

/**
 * Suffixes of internal names (RFC 6761, 6762, 7686, 8375, 9476, ICANN's `internal`), and those that clusters and offices use.
 * `invalid`, `test` and `example` are not listed: they fail like every name that cannot be resolved.
 */
const INTERNAL_SUFFIXES = [
  'alt',
  'arpa',
  'cluster',
  'consul',
  'corp',
  'home',
  'internal',
  'intranet',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'onion',
  'private',
  'svc',
];

/** Suffixes of wildcard DNS services: names under them resolve to the address that is written in the name, or to this machine. */
const WILDCARD_DNS_SUFFIXES = [
  'nip.io',
  'sslip.io',
  'xip.io',
  'traefik.me',
  'localtest.me',
  'lvh.me',
  'vcap.me',
  'lacolhost.com',
  'local.gd',
  'localho.st',
  'backname.io',
  'rbndr.us',
  'ip6.name',
];

/** Ports of databases, shells, mail and cluster control planes. No model API is served there. */
const SERVICE_PORTS = new Set([
  20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
  115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 873, 989, 990, 993, 995, 1433, 1521,
  1719, 1720, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061,
  5432, 5433, 5672, 5900, 5984, 6000, 6379, 6380, 6432, 6443, 6566, 6665, 6666, 6667, 6668, 6669,
  6697, 8086, 8500, 9042, 9092, 9200, 9300, 10250, 10255, 10256, 11211, 15672, 26379, 27017, 27018,
  27019,
]);

export const isMetadataName = (hostname: string): boolean => METADATA_NAMES.has(hostname);

/**
 * Whether a name may be called only if the operator listed it: an internal name, a name of a wildcard DNS service, or a
 * name with a punycode label, which may look like another host.
 */
export const mustBeListed = (hostname: string): boolean =>
  isInternalName(hostname) || isOfWildcardDns(hostname) || hasPunycodeLabel(hostname);

/** A name with a single label is internal too: the search domains of the system complete it. */
const isInternalName = (hostname: string): boolean =>
  !hostname.includes('.') || isUnder(hostname, INTERNAL_SUFFIXES);

const isOfWildcardDns = (hostname: string): boolean => isUnder(hostname, WILDCARD_DNS_SUFFIXES);

const hasPunycodeLabel = (hostname: string): boolean =>
  hostname.split('.').some((label) => label.startsWith('xn--'));

const isUnder = (hostname: string, suffixes: readonly string[]): boolean =>
  suffixes.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`));

export const isServicePort = (port: string): boolean => SERVICE_PORTS.has(Number(port));
