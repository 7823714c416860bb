/** Where files are that output names in a way which only the disk can tell: `autoDetect` and `search` of problem matchers. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { NAMES_NEVER_WALKED } from '../ignored.js';
import { slashes } from '../paths.js';
import type { LookedUp, ParsedFinding } from './parsed.js';
import { joinedPath } from './problem-matcher.js';

/**
 * The findings with files that need no looking up any more. Each file is looked up once, each folder to look in is gone through at most
 * once; links to folders, installed packages and git's own files are not gone into. Never rejects: what is found nowhere keeps its
 * name if that is absolute, else is where it would be first.
 */
export async function lookedUp(findings: readonly ParsedFinding[]): Promise<readonly ParsedFinding[]> {
  const lookUp = createLookUp(findings);
  return Promise.all(
    findings.map(async ({ fileLocation, ...finding }) =>
      fileLocation === undefined || finding.file === undefined
        ? finding
        : { ...finding, file: await lookUp(finding.file, fileLocation) },
    ),
  );
}

type LookUp = (file: string, location: LookedUp) => Promise<string>;

function createLookUp(findings: readonly ParsedFinding[]): LookUp {
  const answers = new Map<string, Promise<string>>();
  const searched = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const search = (location: LookedUp & { kind: 'search' }) => {
    const key = JSON.stringify(location);
    const names = () =>
      findings.flatMap(({ file, fileLocation }) =>
        file !== undefined && JSON.stringify(fileLocation) === key ? [tailOf(file)] : [],
      );
    const found = searched.get(key) ?? searchFor(new Set(names()), location);
    searched.set(key, found);
    return found;
  };
  return (file, location) => {
    const key = JSON.stringify([file, location]);
    const answer =
      answers.get(key) ?? (location.kind === 'search' ? bySearch(file, location, search) : byDetection(file, location));
    answers.set(key, answer);
    return answer;
  };
}

async function byDetection(file: string, { base }: LookedUp & { kind: 'autoDetect' }): Promise<string> {
  const relative = joinedPath(base, file);
  return !path.isAbsolute(file) || (await exists(relative)) ? relative : file;
}

async function bySearch(
  file: string,
  location: LookedUp & { kind: 'search' },
  search: (location: LookedUp & { kind: 'search' }) => Promise<ReadonlyMap<string, string>>,
): Promise<string> {
  if (path.isAbsolute(file) && (await exists(file))) return file;
  const found = (await search(location)).get(tailOf(file));
  const [first] = location.include;
  return found ?? (path.isAbsolute(file) || first === undefined ? file : joinedPath(first, file));
}

/** The end that paths of the file have, without what says where it starts. */
function tailOf(file: string): string {
  return slashes(path.normalize(file)).replace(/^(?:[A-Za-z]:)?(?:\.{0,2}\/)*/, '');
}

/** By tail the first file that ends so, folder after folder, a folder's own files before those below it. */
async function searchFor(
  tails: ReadonlySet<string>,
  { include, exclude }: LookedUp & { kind: 'search' },
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const wanted = new Map<string, Set<string>>();
  for (const tail of tails) wanted.set(path.posix.basename(tail), (wanted.get(path.posix.basename(tail)) ?? new Set()).add(tail));
  const open = [...include].reverse();
  const seen = new Set(exclude);
  for (let folder = open.pop(); folder !== undefined && found.size < tails.size; folder = open.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const entries = (await readdir(folder, { withFileTypes: true }).catch(() => [])).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name } of entries.filter((entry) => !entry.isDirectory() && wanted.has(entry.name))) {
      const file = path.join(folder, name);
      for (const tail of wanted.get(name) ?? [])
        if (!found.has(tail) && `/${slashes(file)}`.endsWith(`/${tail}`)) found.set(tail, file);
    }
    const below = entries.filter((entry) => entry.isDirectory() && !NAMES_NEVER_WALKED.has(entry.name));
    for (const { name } of below.reverse()) open.push(path.join(folder, name));
  }
  return found;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
