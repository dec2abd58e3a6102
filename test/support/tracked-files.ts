import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface TrackedFile {
  readonly path: string;
  readonly text: string;
}

/** Every file of the repository that git tracks or would track, without the recorded sessions of the demo. */
export function trackedFiles(): readonly TrackedFile[] {
  const paths = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    { encoding: 'utf8' },
  ).split('\0');
  return paths
    .filter((path) => path !== '' && !path.startsWith('scripts/demo/personamem/'))
    .map((path) => ({ path, text: readable(path) }));
}

function readable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The file was deleted in the work tree and is still in the index.
    return '';
  }
}
