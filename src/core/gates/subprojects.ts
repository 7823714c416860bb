/** Which folders below a workspace folder are packages of their own. Reads directories and manifests; executes nothing. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { record, relativeDirectory } from './evidence/commands.js';
import { type Project, readRelaxedJson } from './project.js';
import { packagesLike } from './workspace-globs.js';

/** The workspace packages that the root's package.json or pnpm-workspace.yaml names: absolute, sorted. */
export async function workspacePackages(root: Project): Promise<readonly string[]> {
  if (root.entries.includes('rush.json')) return rushProjects(root.directory);
  if (root.workspaces.length === 0) return [];
  // What lies outside of the folder is none of its packages.
  const inside = root.workspaces.filter(
    (glob) => !path.isAbsolute(glob) && !/^!?\s*(?:\.\/)*\.\.(?:\/|$)/.test(glob) && !glob.includes('/../'),
  );
  const found = await packagesLike(root.directory, inside);
  return found.filter((directory) => directory !== root.directory);
}

/** The projects that rush.json lists and that are there. */
async function rushProjects(directory: string): Promise<readonly string[]> {
  const { projects } = record(await readRelaxedJson(path.join(directory, 'rush.json')));
  const folders = (Array.isArray(projects) ? projects : []).flatMap((project) => {
    const folder = relativeDirectory(String(record(project)['projectFolder'] ?? ''));
    return folder ? [path.join(directory, folder)] : [];
  });
  const there = await Promise.all(
    folders.map((folder) =>
      readdir(folder).then(
        (names) => names.includes('package.json'),
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => there[index]).sort();
}

const DEEPEST = 2;
/** A tree with more folders than this in its upper levels is no place for packages that nothing names. */
const MOST = 500;
const IGNORED = new Set(
  'node_modules vendor target dist build out bin obj third_party third-party thirdparty 3rdparty externals submodules deps vendored venv env site-packages __pycache__ fixtures __fixtures__ testdata test tests spec examples example samples docs doc templates template bench benchmarks fuzz demo demos playground website scripts tools support contrib external'.split(
    ' ',
  ),
);

/** Manifests by the ecosystem that they stand for. */
const MANIFESTS: readonly { readonly ecosystem: string; readonly is: RegExp }[] = [
  { ecosystem: 'node', is: /^package\.json$/ },
  { ecosystem: 'python', is: /^(?:pyproject\.toml|setup\.py|setup\.cfg|requirements\.txt|tox\.ini|manage\.py)$/ },
  { ecosystem: 'rust', is: /^Cargo\.toml$/ },
  { ecosystem: 'go', is: /^go\.(?:mod|work)$/ },
  { ecosystem: 'php', is: /^composer\.json$/ },
  { ecosystem: 'ruby', is: /^(?:Gemfile|.*\.gemspec)$/ },
  { ecosystem: 'jvm', is: /^(?:pom\.xml|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?)$/ },
  { ecosystem: 'dotnet', is: /\.(?:sln|slnx|csproj|fsproj)$/ },
  { ecosystem: 'terraform', is: /\.tf$/ },
];

/** The ecosystems that the names in a folder speak for. */
export function ecosystemsOf(entries: readonly string[]): ReadonlySet<string> {
  return new Set(MANIFESTS.filter(({ is }) => entries.some((name) => is.test(name))).map(({ ecosystem }) => ecosystem));
}

/**
 * Folders at most two levels down with a manifest of an ecosystem that no folder above them has one of: the `frontend` and `backend`
 * of a repository. Absolute, sorted. Does not follow links, nor enter what is hidden, installed, built or an example.
 */
export async function subprojects(root: Project): Promise<readonly string[]> {
  const found: string[] = [];
  let left = MOST;
  const walk = async (directory: string, depth: number, above: ReadonlySet<string>): Promise<void> => {
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    const own = ecosystemsOf(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name));
    if (depth > 0 && [...own].some((ecosystem) => !above.has(ecosystem))) found.push(directory);
    if (depth === DEEPEST) return;
    const known = new Set([...above, ...own]);
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith('.') || IGNORED.has(entry.name.toLowerCase())) continue;
      left -= 1;
      if (left < 0) return;
      await walk(path.join(directory, entry.name), depth + 1, known);
    }
  };
  await walk(root.directory, 0, new Set());
  return found.sort();
}
