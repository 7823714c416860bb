/** Scripts of hatch's environments, in pyproject.toml or hatch.toml. Pure. */
import { parse as parseToml } from 'smol-toml';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';

/** A mention a command of each script, which `hatch run environment:script` runs; what a script calls by the name of another is put in its place. */
export function readHatch({ file, text, warn }: EvidenceFile): readonly Mention[] {
  if (!file.endsWith('hatch.toml') && !text.includes('[tool.hatch.envs')) return [];
  let root: unknown;
  try {
    root = parseToml(text);
  } catch (error) {
    // A pyproject.toml is complained about by whoever reads the package.
    if (file.endsWith('hatch.toml'))
      warn(`It is not valid TOML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    return [];
  }
  const hatch = file.endsWith('hatch.toml') ? root : memberOf(memberOf(root, 'tool'), 'hatch');
  const environments = Object.entries(recordOf(memberOf(hatch, 'envs')));
  return environments.flatMap(([environment, settings]) => {
    const scripts = new Map(
      Object.entries(recordOf(memberOf(settings, 'scripts'))).map(([name, lines]) => [name, linesOf(lines)]),
    );
    const isGone = namesNothing(scripts, text);
    return [...scripts.keys()].flatMap((name) => {
      const key = environment === 'default' ? name : `${environment}:${name}`;
      return expanded(name, scripts)
        .filter((line) => !isGone(line))
        .map(
          (line): Mention => ({
            file,
            text: `${name} = ${line}`,
            line: lineOf(text, name),
            command: { kind: 'shell', text: line.replace(/\{args(?::([^{}]*))?\}/g, '$1').trim() },
            cwd: '',
            env: {},
            role: 'task',
            name: key,
            runner: { program: 'hatch', args: ['run', key] },
          }),
        );
    });
  });
}

/**
 * Whether a line is the name of a script that is no more: one word beside names of scripts, by which the file calls nothing that an
 * environment installs either.
 */
function namesNothing(scripts: ReadonlyMap<string, readonly string[]>, text: string): (line: string) => boolean {
  const listed = new Set([...scripts.values()].filter((lines) => lines.some((line) => scripts.has(line))).flat());
  return (line) => {
    if (!listed.has(line) || scripts.has(line) || !/^[a-z][\w-]*$/.test(line)) return false;
    const isInstalled = new RegExp(`["']${line}\\s*[[<>=~!;@ ]`).test(text);
    return !isInstalled && text.split(new RegExp(`["']${line}["']`)).length <= 2;
  };
}

/** The commands of a script, without the `-` by which hatch lets one fail; scripts that call each other end. */
function expanded(
  name: string,
  scripts: ReadonlyMap<string, readonly string[]>,
  trail: readonly string[] = [],
): readonly string[] {
  if (trail.includes(name) || trail.length > DEEPEST) return [];
  return (scripts.get(name) ?? []).flatMap((line) => {
    const [first = '', ...rest] = line.trim().split(/\s+/);
    if (line.startsWith('- ')) return [];
    if (!scripts.has(first)) return [line];
    return expanded(first, scripts, [...trail, name]).map((inner) => [inner, ...rest].join(' '));
  });
}

const DEEPEST = 20;

function linesOf(value: unknown): readonly string[] {
  return [value].flat().filter((line) => typeof line === 'string');
}

function lineOf(text: string, name: string): number {
  const index = text.split('\n').findIndex((line) => line.replace(/["']/g, '').trimStart().startsWith(`${name} =`));
  return index < 0 ? 1 : index + 1;
}

function memberOf(value: unknown, name: string): unknown {
  return recordOf(value)[name];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
