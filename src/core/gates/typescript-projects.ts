/** What the TypeScript compiler would write, as far as its configuration files say. Executes nothing. */
import path from 'node:path';
import { readRelaxedJson } from './project.js';

export interface TypeScriptProjects {
  /** Whether `tsc` with these arguments, in the package's directory, writes files. */
  emits(args: readonly string[]): boolean;
  /** Absolute directories or files that it writes to; the package's directory when output goes next to the sources. */
  outputs(args: readonly string[]): readonly string[];
}

/** Reads tsconfig.json of the package and the projects that `scripts` name, with what they extend. */
export async function readTypeScriptProjects(directory: string, scripts: Iterable<string>): Promise<TypeScriptProjects> {
  const named = [...scripts].flatMap((script) =>
    [...script.matchAll(/\s(?:-p|--project|-b|--build)[ =]+(["']?)([^\s"']+)\1/g)].map((match) => match[2] ?? ''),
  );
  const loaded = new Map<string, CompilerOptions>();
  for (const name of new Set(['.', ...named])) {
    const file = configFile(directory, name);
    loaded.set(file, await compilerOptions(file, 0));
  }
  const optionsFor = (args: readonly string[]) => loaded.get(configFile(directory, projectOf(args))) ?? {};
  return {
    emits: (args) => !(flag(args, '--noEmit') ?? optionsFor(args).noEmit ?? false),
    outputs: (args) => {
      const configured = optionsFor(args);
      const own = ['--outDir', '--declarationDir', '--outFile'].flatMap((name) => argumentAfter(args, name) ?? []);
      const found =
        own.length > 0
          ? own
          : [configured.outDir, configured.declarationDir, configured.outFile].filter((place) => place !== undefined);
      return found.length > 0 ? found.map((place) => path.resolve(directory, place)) : [directory];
    },
  };
}

interface CompilerOptions {
  readonly noEmit?: boolean;
  readonly outDir?: string;
  readonly declarationDir?: string;
  readonly outFile?: string;
}

function projectOf(args: readonly string[]): string {
  const builds = args.findIndex((arg) => arg === '-b' || arg === '--build');
  const operand = builds < 0 ? undefined : args[builds + 1];
  return argumentAfter(args, '-p') ?? argumentAfter(args, '--project') ?? (operand?.startsWith('-') ? '.' : operand) ?? '.';
}

function argumentAfter(args: readonly string[], name: string): string | undefined {
  const index = args.indexOf(name);
  return index < 0 ? undefined : args[index + 1];
}

/** A switch that may be followed by its value; undefined when it is not given. */
function flag(args: readonly string[], name: string): boolean | undefined {
  return args.includes(name) ? argumentAfter(args, name) !== 'false' : undefined;
}

function configFile(directory: string, project: string): string {
  const place = path.resolve(directory, project);
  return place.endsWith('.json') ? place : path.join(place, 'tsconfig.json');
}

/** As many files as may extend each other: more is a circle. */
const DEEPEST = 10;

/** Paths come back absolute, since each is relative to the file in which it stands. */
async function compilerOptions(file: string, depth: number): Promise<CompilerOptions> {
  const json = depth > DEEPEST ? undefined : await readRelaxedJson(file);
  if (typeof json !== 'object' || json === null) return {};
  const bases = 'extends' in json ? (Array.isArray(json.extends) ? json.extends : [json.extends]) : [];
  let options: CompilerOptions = {};
  for (const base of bases) if (typeof base === 'string') options = { ...options, ...(await extended(file, base, depth)) };
  const own: Readonly<Record<string, unknown>> =
    'compilerOptions' in json && typeof json.compilerOptions === 'object' ? { ...json.compilerOptions } : {};
  const place = (name: string) => (typeof own[name] === 'string' ? { [name]: path.resolve(path.dirname(file), own[name]) } : {});
  const noEmit = typeof own['noEmit'] === 'boolean' ? { noEmit: own['noEmit'] } : {};
  return { ...options, ...noEmit, ...place('outDir'), ...place('declarationDir'), ...place('outFile') };
}

async function extended(file: string, base: string, depth: number): Promise<CompilerOptions> {
  const directory = path.dirname(file);
  if (base.startsWith('.') || path.isAbsolute(base)) {
    const place = path.resolve(directory, base);
    return compilerOptions(place.endsWith('.json') ? place : `${place}.json`, depth + 1);
  }
  for (let current = directory; ; current = path.dirname(current)) {
    const place = path.join(current, 'node_modules', base);
    for (const candidate of place.endsWith('.json') ? [place] : [`${place}.json`, path.join(place, 'tsconfig.json')]) {
      const options = await compilerOptions(candidate, depth + 1);
      if (Object.keys(options).length > 0) return options;
    }
    if (path.dirname(current) === current) return {};
  }
}
