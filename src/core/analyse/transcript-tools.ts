/** What agents call their tools, and what the same is in a batch. Pure. */
import { record } from '../gates/evidence/commands.js';
import type { ToolName } from '../model.js';
import { patchedFiles, patchIn } from './transcript-patch.js';

/** A call as an operation of a batch, or why it is none; `because` completes "It was left out, because …". */
export type Translated =
  | {
      readonly kind: 'operation';
      readonly tool: ToolName;
      readonly input: Readonly<Record<string, unknown>>;
      readonly name: string;
    }
  /** One call that does several things, one after another. */
  | { readonly kind: 'several'; readonly calls: readonly (Translated & { readonly kind: 'operation' | 'left out' })[] }
  | { readonly kind: 'left out'; readonly because: string };

/** From paths as the agent wrote them to such relative to the workspace folder, `.` for the folder; undefined outside of it. */
export type InWorkspace = (given: string) => string | undefined;

/** Translates the call of a tool. */
export function translated(tool: string, given: unknown, place: InWorkspace): Translated {
  const name = tool
    .replace(/^functions\./, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
  const make = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (!make)
    return left(
      tool.startsWith('mcp__') ? 'it belongs to a server of the agent' : `Volley has no tool that does what “${tool}” does`,
    );
  const input = typeof given === 'string' ? { command: given, input: given } : record(given);
  return make(input, place);
}

type Input = Readonly<Record<string, unknown>>;
type Make = (input: Input, place: InWorkspace) => Translated;

function left(because: string): Translated {
  return { kind: 'left out', because };
}

const OUTSIDE = 'it is about something outside of the workspace';
const UNUSUAL = 'its input is not what such a tool takes';

function text(input: Input, ...names: readonly string[]): string | undefined {
  return names.map((name) => input[name]).find((value): value is string => typeof value === 'string' && value !== '');
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

const PATHS = ['file_path', 'filePath', 'path', 'absolute_path', 'target_file', 'filename', 'file', 'notebook_path'] as const;

/** With the path of the file that the input names. */
function withFile(make: (file: string, input: Input) => Translated): Make {
  return (input, place) => {
    const given = text(input, ...PATHS);
    if (given === undefined) return left(UNUSUAL);
    const file = place(given);
    return file === undefined ? left(OUTSIDE) : make(file, input);
  };
}

function named(tool: ToolName, name: string, input: Input): Translated {
  return { kind: 'operation', tool, name: `${tool} ${name}`, input };
}

const read = withFile((path, input) => {
  const from = whole(input['offset'] ?? input['start_line'] ?? input['startLine'] ?? input['start_line_one_indexed']);
  const limit = whole(input['limit']);
  const last = whole(input['end_line'] ?? input['endLine'] ?? input['end_line_one_indexed_inclusive']);
  const first = Math.max(1, from ?? 1);
  const to = last ?? (limit === undefined || limit === 0 ? undefined : first + limit - 1);
  const range =
    from === undefined && to === undefined ? {} : { range: { from: first, ...(to === undefined || to < first ? {} : { to }) } };
  return named('read', path, { path, ...range });
});

const list: Make = (input, place) => {
  const path = place(text(input, 'path', 'target_directory', 'relative_workspace_path', 'directory', 'dir', 'dir_path') ?? '.');
  return path === undefined ? left(OUTSIDE) : named('list', path, path === '.' ? {} : { path });
};

const glob: Make = (input, place) => {
  const pattern = text(input, 'pattern', 'glob', 'glob_pattern', 'patterns');
  const base = place(text(input, 'path', 'target_directory', 'directory') ?? '.');
  const own = pattern?.startsWith('/') ? place(pattern) : pattern;
  if (pattern === undefined) return left(UNUSUAL);
  if (base === undefined || own === undefined || own.split('/').includes('..')) return left(OUTSIDE);
  const patterns = base === '.' || pattern.startsWith('/') ? own : `${base}/${own}`;
  return named('glob', patterns, { patterns });
};

/** Globs of what ripgrep calls types. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  ts: ['*.ts', '*.tsx', '*.cts', '*.mts'],
  js: ['*.js', '*.jsx', '*.cjs', '*.mjs', '*.vue'],
  py: ['*.py', '*.pyi'],
  rust: ['*.rs'],
  go: ['*.go'],
  java: ['*.java', '*.jsp', '*.jspx', '*.properties'],
  json: ['*.json', '*.sarif'],
  md: ['*.markdown', '*.md', '*.mdown', '*.mdwn', '*.mdx', '*.mkd', '*.mkdn'],
  css: ['*.css', '*.scss'],
  html: ['*.htm', '*.html', '*.ejs'],
  yaml: ['*.yaml', '*.yml'],
};

const MODES: Readonly<Record<string, string>> = { files_with_matches: 'files', count: 'count', content: 'content' };

const grep: Make = (input, place) => {
  const pattern = text(input, 'pattern', 'query', 'regex', 'search_term');
  const paths = place(text(input, 'path', 'target_directory', 'directory', 'include_path') ?? '.');
  if (pattern === undefined) return left(UNUSUAL);
  if (paths === undefined) return left(OUTSIDE);
  const type = text(input, 'type');
  const types = type === undefined ? [] : Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (!types) return left(`it searches files of the type “${type}”, which Volley does not know`);
  const own = text(input, 'glob', 'include', 'include_pattern', 'file_pattern');
  const globs = [...(own === undefined ? [] : [own]), ...types];
  // What both have to match cannot be said in a batch.
  if (own !== undefined && types.length > 0) return left('it limits the files by a glob and by a type at once');
  const mode =
    MODES[text(input, 'output_mode') ?? ''] ??
    (input['output_mode'] === undefined && input['-n'] === undefined && input['case_sensitive'] === undefined
      ? undefined
      : 'content');
  const context = whole(input['-C'] ?? input['context']) ?? Math.max(whole(input['-A']) ?? 0, whole(input['-B']) ?? 0);
  const most = whole(input['head_limit'] ?? input['max_results']);
  return named('grep', pattern, {
    pattern,
    ...(paths === '.' ? {} : { paths }),
    ...(globs.length === 0 ? {} : { glob: globs.length === 1 ? globs[0] : globs }),
    ...(mode === undefined || mode === 'content' ? {} : { mode }),
    ...(context > 0 && (mode ?? 'content') === 'content' ? { context: Math.min(context, 100) } : {}),
    ...(input['-i'] === true || input['case_sensitive'] === false || input['ignore_case'] === true ? { ignoreCase: true } : {}),
    ...(input['multiline'] === true ? { multiline: true } : {}),
    ...(most === undefined || most === 0 ? {} : { most }),
  });
};

const SHELLS = /^(?:\/(?:usr\/)?bin\/)?(?:ba|z|da)?sh$/;

const command: Make = (input, place) => {
  if (input['run_in_background'] === true || input['is_background'] === true)
    return left('it goes on in the background, and a batch waits for what it starts');
  const given = input['command'] ?? input['cmd'] ?? input['script'];
  const where = text(input, 'workdir', 'cwd', 'working_directory', 'directory');
  const cwd = where === undefined ? '.' : place(where);
  if (cwd === undefined) return left(OUTSIDE);
  const at = cwd === '.' ? {} : { cwd };
  const patch = typeof given === 'string' && /^\s*apply_patch\b/.test(given) ? patchIn(given) : undefined;
  if (patch !== undefined) return patched(patch, place);
  if (typeof given === 'string' && given.trim() !== '')
    return { kind: 'operation', tool: 'command', name: '', input: { shell: given, ...at } };
  if (!Array.isArray(given) || given.length === 0 || !given.every((word) => typeof word === 'string')) return left(UNUSUAL);
  const [program = '', option, line] = given as readonly string[];
  if (program === 'apply_patch') return patched(patchIn(option ?? '') ?? '', place);
  if (given.length === 3 && SHELLS.test(program) && /^-l?c$/.test(option ?? ''))
    return /^\s*apply_patch\b/.test(line ?? '')
      ? command({ ...input, command: line }, place)
      : { kind: 'operation', tool: 'command', name: '', input: { shell: line, ...at } };
  return program === '' ? left(UNUSUAL) : { kind: 'operation', tool: 'command', name: '', input: { argv: given, ...at } };
};

/** Each file of a patch by itself. */
function patched(patch: string, place: InWorkspace): Translated {
  const calls = patchedFiles(patch).map((file): Translated & { readonly kind: 'operation' | 'left out' } => {
    const path = place(file.path);
    if (path === undefined) return { kind: 'left out', because: OUTSIDE };
    switch (file.kind) {
      case 'written':
        return { kind: 'operation', tool: 'write', name: `write ${path}`, input: { path, content: file.content } };
      case 'edited':
        return { kind: 'operation', tool: 'edit', name: `edit ${path}`, input: { path, replacements: file.replacements } };
      case 'removed':
        return { kind: 'operation', tool: 'command', name: `rm ${path}`, input: { argv: ['rm', path] } };
      case 'left out':
        return { kind: 'left out', because: file.because };
      default:
        return file satisfies never;
    }
  });
  return calls.length === 0 ? left(UNUSUAL) : { kind: 'several', calls };
}

const patch: Make = (input, place) => {
  const given = text(input, 'input', 'patch', 'command');
  return patched((given === undefined ? undefined : patchIn(given)) ?? '', place);
};

const write = withFile((path, input) => {
  const content = [input['content'], input['contents'], input['file_text'], input['code_edit']].find(
    (each) => typeof each === 'string',
  );
  return content === undefined ? left(UNUSUAL) : named('write', path, { path, content });
});

const edit = withFile((path, input) => {
  const all = Array.isArray(input['edits']) ? input['edits'].map(record) : [input];
  const replacements = all.map((each) => ({
    old: each['old_string'] ?? each['oldString'] ?? each['old_str'] ?? each['old'],
    new: each['new_string'] ?? each['newString'] ?? each['new_str'] ?? each['new'] ?? '',
    ...(each['replace_all'] === true || each['replaceAll'] === true ? { all: true } : {}),
  }));
  const [first, ...others] = replacements;
  // An edit of nothing makes the file.
  if (first?.old === '' && others.length === 0 && typeof first.new === 'string')
    return named('write', path, { path, content: first.new });
  const isKnown =
    replacements.length > 0 &&
    replacements.every((each) => typeof each.old === 'string' && each.old !== '' && typeof each.new === 'string');
  return isKnown ? named('edit', path, { path, replacements }) : left(UNUSUAL);
});

/** One tool with several commands. */
const textEditor: Make = (input, place) => {
  switch (input['command']) {
    case 'view': {
      const [from, to] = Array.isArray(input['view_range']) ? input['view_range'] : [];
      // A directory is viewed as a list; what has no ending is taken for one.
      const isDirectory = !/\.\w+$/.test(text(input, 'path') ?? '') && from === undefined;
      return isDirectory
        ? list(input, place)
        : read(
            {
              ...input,
              ...(typeof from === 'number' ? { start_line: from } : {}),
              ...(typeof to === 'number' && to > 0 ? { end_line: to } : {}),
            },
            place,
          );
    }
    case 'create':
      return write(input, place);
    case 'str_replace':
      return edit(input, place);
    default:
      return left(`Volley has nothing that does what its command “${String(input['command'])}” does`);
  }
};

const fetch: Make = (input) => {
  const url = text(input, 'url', 'uri');
  if (url === undefined || !/^https?:\/\//.test(url)) return left(UNUSUAL);
  const method = text(input, 'method')?.toUpperCase();
  return named('fetch', url.replace(/^https?:\/\//, ''), {
    url,
    ...(method === undefined || method === 'GET' ? {} : { method }),
    ...(typeof input['body'] === 'string' && method !== undefined && method !== 'GET' ? { body: input['body'] } : {}),
  });
};

const agent: Make = (input) => {
  const prompt = text(input, 'prompt', 'task', 'message', 'instructions');
  return prompt === undefined ? left(UNUSUAL) : named('agent', text(input, 'description', 'subagent_type') ?? 'task', { prompt });
};

/** By the names of tools in lower case without dividers. */
const TOOLS: Readonly<Record<string, Make>> = {
  ...Object.fromEntries(['read', 'readfile', 'view', 'viewfile', 'openfile', 'cat', 'readtextfile'].map((name) => [name, read])),
  ...Object.fromEntries(['ls', 'list', 'listdir', 'listdirectory', 'listfiles'].map((name) => [name, list])),
  ...Object.fromEntries(['glob', 'globfilesearch', 'findfiles', 'filesearch'].map((name) => [name, glob])),
  ...Object.fromEntries(
    ['grep', 'grepsearch', 'search', 'searchfiles', 'searchfilecontent', 'ripgrep', 'textsearch'].map((name) => [name, grep]),
  ),
  ...Object.fromEntries(
    [
      'bash',
      'shell',
      'exec',
      'execcommand',
      'runcommand',
      'runterminalcmd',
      'executecommand',
      'runshellcommand',
      'localshell',
      'containerexec',
      'container.exec',
      'command',
      'runinterminal',
      'terminal',
      'shellcommand',
    ].map((name) => [name, command]),
  ),
  applypatch: patch,
  ...Object.fromEntries(['write', 'writefile', 'createfile', 'writetofile'].map((name) => [name, write])),
  ...Object.fromEntries(
    ['edit', 'multiedit', 'editfile', 'replace', 'strreplace', 'replacestringinfile', 'searchreplace'].map((name) => [
      name,
      edit,
    ]),
  ),
  ...Object.fromEntries(['strreplaceeditor', 'strreplacebasededittool', 'texteditor'].map((name) => [name, textEditor])),
  ...Object.fromEntries(['webfetch', 'fetch', 'fetchwebpage', 'fetchurl', 'httprequest'].map((name) => [name, fetch])),
  ...Object.fromEntries(['task', 'agent', 'subagent', 'runsubagent', 'dispatchagent'].map((name) => [name, agent])),
};
