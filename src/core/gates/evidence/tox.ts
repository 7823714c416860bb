/** tox.ini: what its environments run. Pure. tox has its own dialect of INI files, so this reads sections and their commands. */
import { parse as parseToml } from 'smol-toml';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { record, relativeDirectory, shellMention } from './commands.js';

/** A mention a command of each `[testenv…]`. */
export function readTox({ file, text }: EvidenceFile): readonly Mention[] {
  const mentions: Mention[] = [];
  const places = directoriesOf(text);
  const values = valuesOf(text);
  const variables = variablesOf(text);
  let set: ReadonlyMap<string, string> = new Map();
  const labels = labelsOf(text);
  let names: readonly string[] = [];
  let cwd: string | undefined = '';
  let inCommands = false;
  let open = '';
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const section = /^\[testenv(?::([^\]]+))?\]/.exec(line);
    if (line.startsWith('[')) {
      names = section ? environmentNames(section[1]?.trim() ?? 'testenv') : [];
      cwd = places.get(line.trim()) ?? places.get('[testenv]') ?? '';
      set = variables.get(line.trim()) ?? variables.get('[testenv]') ?? new Map();
      inCommands = false;
      continue;
    }
    const option = /^([\w-]+)\s*=\s*(.*)$/.exec(line);
    if (option) inCommands = option[1] === 'commands';
    else if (line.trim() === '') continue;
    else if (!/^\s/.test(line)) inCommands = false;
    if (!inCommands || names.length === 0) continue;
    open += ` ${(option ? (option[2] ?? '') : line).trim()}`;
    if (open.endsWith('\\')) {
      open = open.slice(0, -1);
      continue;
    }
    const [, condition, own = ''] = /^\s*(?:([\w,.!{}-]+):\s+)?(.*)$/.exec(open) ?? [];
    open = '';
    // What several environments have in common is one check; each runs it with another version of something.
    const name = names.find((each) => condition === undefined || holds(condition, each)) ?? names[0] ?? 'testenv';
    const command = plainCommand(withVariables(withReferences(own, values), set), name);
    const place = cwd === OWN && NAMES_MODULES.test(command) ? '' : relativeDirectory(cwd);
    if (command === '' || place === undefined) continue;
    const runner = { program: 'tox', args: name === 'testenv' ? [] : ['-e', name] };
    const common = { file, name, role: 'task', runner, cwd: place, ...labelled(name, labels) } as const;
    mentions.push(shellMention({ text: command, line: index + 1 }, common));
  }
  return mentions;
}

/** The environments of each label, as `[tox]` lists them: `labels = check = lint, types`. */
function labelsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const block = /^\[tox\][^[]*?^labels\s*=([^\n]*(?:\n[ \t][^\n]*)*)/m.exec(text)?.[1] ?? '';
  return new Map(
    block.split('\n').flatMap((line) => {
      const [, label = '', names = ''] = /^\s*([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
      return label === '' ? [] : [[label, names.split(/[\s,]+(?![^{]*\})/).flatMap(environmentNames)] as const];
    }),
  );
}

/** By which labels an environment runs. */
function labelled(name: string, labels: ReadonlyMap<string, readonly string[]>): Pick<Mention, 'chosen'> {
  const tags = [...labels].filter(([, names]) => names.includes(name)).map(([label]) => label);
  return tags.length > 0 ? { chosen: { habit: false, tags } } : {};
}

/** What each option of each section is set to where that is one line, by `[section]option`; that may stand below its name. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let heading = '';
  const lines = text.split(/\r?\n/);
  const isInner = (line: string | undefined) => /^\s+\S/.test(line ?? '');
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('[')) heading = line.trim();
    const [, name = '', said = ''] = /^([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    const below = said === '' && isInner(lines[index + 1]) ? index + 1 : index;
    const value = below > index ? (lines[below] ?? '').trim() : said;
    if (name !== '' && value !== '' && !isInner(lines[below + 1]) && !value.endsWith('\\'))
      values.set(`${heading}${name}`, value.trim());
  }
  return values;
}

/** What the environments of each section set, by its heading, where that is plain text. */
function variablesOf(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  let heading = '';
  let inSet = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('[')) heading = line.trim();
    const option = /^([\w-]+)\s*=\s*(.*)$/.exec(line);
    if (option) inSet = /^set_?env$/.test(option[1] ?? '');
    else if (line.trim() !== '' && !/^\s/.test(line)) inSet = false;
    const [, name, value = ''] = (inSet && /^\s*(\w+)\s*=\s*([^{}]+)$/.exec(option ? (option[2] ?? '') : line)) || [];
    if (name !== undefined) found.set(heading, (found.get(heading) ?? new Map<string, string>()).set(name, value.trim()));
  }
  return found;
}

/** With what the environment itself sets in the place of `{env:NAME}`. */
function withVariables(text: string, set: ReadonlyMap<string, string>): string {
  return text.replace(/\{env:(\w+)(?::[^{}]*)?\}/g, (whole, name: string) => set.get(name) ?? whole);
}

/** References to references, and no longer than anybody writes. */
const DEEPEST_REFERENCE = 5;
const LONGEST_COMMAND = 10_000;

/** With what `{[section]option}` stands for. */
function withReferences(text: string, values: ReadonlyMap<string, string>, depth = 0): string {
  if (depth >= DEEPEST_REFERENCE || text.length > LONGEST_COMMAND) return text;
  const inner = text.replace(/\{(\[[^\]{}]+\][\w-]+)\}/g, (whole, key: string) => values.get(key) ?? whole);
  return inner === text ? text : withReferences(inner, values, depth + 1);
}

/** Where the environments of each section run, by its heading. */
function directoriesOf(text: string): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  let heading = '';
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('[')) heading = line.trim();
    const place = /^change_?dir\s*=\s*(.+)$/.exec(line)?.[1]?.trim();
    if (place !== undefined) places.set(heading, placeOf(place));
  }
  return places;
}

/** A folder of tox's own is told as that; of any other that only tox knows, nothing is. */
function placeOf(text: string): string {
  if (OWN_FOLDER.test(text)) return OWN;
  return text.replace(/^\{(?:toxinidir|tox_root)\}\/?/, '').replace(/.*\{.*/, '$TOX');
}

const OWN = '$OWN';
/** What runs there looks at what is installed, and runs from anywhere where it names modules. */
const NAMES_MODULES = /\s(?:-m\s+(?:\w+\.)+\w+|--pyargs)(?:\s|$)/;
const OWN_FOLDER = /^\{(?:(?:tox_?)?work_?dir|env_?tmp_?dir|env_?dir|temp_?dir|env_?log_?dir)\}\/?$/;

/** So many environments of one section at most. */
const MOST_NAMES = 200;

/** `docs-{build,test}` stands for `docs-build` and `docs-test`. */
function environmentNames(text: string): readonly string[] {
  const [whole, before = '', inner = '', after = ''] = /^([^{}]*)\{([^{}]*)\}(.*)$/s.exec(text) ?? [];
  if (whole === undefined) return [text];
  const rest = environmentNames(after);
  return inner
    .split(',')
    .flatMap((factor) => rest.map((end) => `${before}${factor.trim()}${end}`))
    .slice(0, MOST_NAMES);
}

/** Whether a condition on factors, such as `py3-test,!windows`, holds for an environment of this name. */
function holds(condition: string, name: string): boolean {
  const own = new Set(name.split('-'));
  return condition
    .split(',')
    .some((all) => all.split('-').every((factor) => (factor.startsWith('!') ? !own.has(factor.slice(1)) : own.has(factor))));
}

/** Without what tox puts in, such as options of a user. Empty where a dash says that nobody minds its failure. */
function plainCommand(text: string, name: string): string {
  if (/^\s*(?:#|-\s)/.test(text)) return '';
  const words = withDefaults(text)
    .replace(/\[\]/g, '')
    .trim()
    .split(/\s+/)
    .map((word) => plainWord(word, name));
  // Defaults may hold places, which are known only now.
  return withDefaults(words.join(' ')).replace(/\s+/g, ' ').trim();
}

/** With the defaults of what a user or the environment may put in: `{posargs:{env:NAME:tests}}` is `tests`. */
function withDefaults(text: string): string {
  const inner = text.replace(/\{(?:posargs|env:\w+)(?::([^{}]*))?\}/g, '$1');
  return inner === text ? text : withDefaults(inner);
}

/** With the places that tox knows. */
function plainWord(word: string, name: string): string {
  return (
    withDefaults(word)
      // A tool that is told no place for what it throws away finds its own.
      .replace(/^--[\w-]+=.*\{env_?tmp_?dir\}.*$/, '')
      .replace(/\{env_?python\}/g, 'python')
      .replace(/\{\/\}/g, '/')
      .replace(/\{(?:toxinidir|tox_root)\}\/?/g, './')
      .replace(/\{env_?bin_?dir\}\//g, '')
      .replace(/\{env_?tmp_?dir\}/g, `.tox/${name}/tmp`)
      .replace(/\{env_?dir\}/g, `.tox/${name}`)
      .replace(/\{temp_?dir\}/g, '.tox/.tmp')
      .replace(/\{(?:tox_?)?work_?dir\}/g, '.tox')
      .replace(/\{tty:[^{}]*\}/g, '')
      // What else tox puts in is known to it alone.
      .replace(/\{[a-z_]+\}/g, '$TOX')
  );
}

/** `[tool.tox]` of pyproject.toml: a mention a command of each environment; the base once, for those that have none of their own. */
export function readPyprojectTox(input: EvidenceFile): readonly Mention[] {
  if (!input.text.includes('[tool.tox')) return [];
  const tox = record(record(record(parsed(input))['tool'])['tox']);
  const legacy = tox['legacy_tox_ini'];
  return typeof legacy === 'string' ? readTox({ ...input, text: legacy }) : tableMentions(input, tox, '[tool.tox.env.');
}

/** tox.toml: as `[tool.tox]` of pyproject.toml, without the heading. */
export function readToxToml(input: EvidenceFile): readonly Mention[] {
  return tableMentions(input, record(parsed(input)), '[env.');
}

function tableMentions(input: EvidenceFile, tox: Readonly<Record<string, unknown>>, heading: string): readonly Mention[] {
  const own = Object.entries(record(tox['env'])).map(([name, settings]) => [name, record(settings)['commands']] as const);
  const strings = (value: unknown) => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);
  const labels = new Map(Object.entries(record(tox['labels'])).map(([label, names]) => [label, strings(names)]));
  for (const [name, settings] of Object.entries(record(tox['env'])))
    for (const label of strings(record(settings)['labels'])) labels.set(label, [...(labels.get(label) ?? []), name]);
  return [['testenv', record(tox['env_run_base'])['commands']] as const, ...own].flatMap(([name, commands]) =>
    (Array.isArray(commands) ? commands : []).flatMap((command: unknown): readonly Mention[] => {
      const argv = argvOf(command, name);
      if (argv.length === 0) return [];
      const runner = { program: 'tox', args: name === 'testenv' ? [] : ['-e', name] };
      const line = input.text.split('\n').findIndex((text) => text.trim() === `${heading}${name}]`) + 1;
      const rest = { cwd: '', env: {}, role: 'task', name, runner, text: argv.join(' '), ...labelled(name, labels) } as const;
      return [{ file: input.file, ...(line > 0 ? { line } : {}), ...rest, command: { kind: 'argv', argv } }];
    }),
  );
}

/** Words of a command without what tox puts in, such as options of a user. */
function argvOf(command: unknown, name: string): readonly string[] {
  const words = wordsIn(command).map((word) => withDefaults(plainWord(word, name)));
  // An option goes with the value that only tox knows.
  const isUnknown = (word: string | undefined) => word?.includes('$TOX') === true;
  const asksFor = (word: string, next: string | undefined) => /^--?[\w-]+$/.test(word) && isUnknown(next);
  return words.filter((word, index) => word !== '' && !isUnknown(word) && !asksFor(word, words[index + 1]));
}

/** With the defaults of what a user or the environment may put in: `{ replace = "posargs", default = ["tests"], extend = true }`. */
function wordsIn(command: unknown, depth = 0): readonly string[] {
  if (typeof command === 'string') return [command];
  if (depth > DEEPEST_REFERENCE) return [];
  if (Array.isArray(command)) return command.flatMap((word: unknown) => wordsIn(word, depth + 1));
  const { replace, default: fallback } = record(command);
  return replace === 'posargs' || replace === 'env' ? wordsIn(fallback, depth + 1) : [];
}

/** Whoever reads the project says what is wrong with it. */
function parsed({ text }: EvidenceFile): unknown {
  try {
    return parseToml(text);
  } catch {
    return {};
  }
}
