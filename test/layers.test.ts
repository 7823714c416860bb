import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Who may import whom (ARCHITECTURE.md). Places are below src/, without ending; `node:` and packages are listed by name. */
const PURE = ['core/model', 'core/gate-model', 'core/measured', 'core/tuning-model', 'core/trend-model'];
const RULES: readonly { readonly from: RegExp; readonly may: readonly (string | RegExp)[] }[] = [
  { from: /^core\/(model|globs|statistics|shell-text)$/, may: [] },
  { from: /^core\/(slots|ready|agents|slices)$/, may: [] },
  { from: /^core\/machine$/, may: ['core/model', 'core/slots', /^node:/] },
  { from: /^core\/memory-watch$/, may: ['core/model'] },
  { from: /^core\/otlp-client$/, may: ['core/messages', 'core/report/otlp', 'core/report/plain-text', /^node:/] },
  { from: /^core\/slot-keeper$/, may: [...PURE, 'core/machine', 'core/parts', 'core/slots'] },
  { from: /^core\/first-slots$/, may: [...PURE, 'core/slots'] },
  {
    from: /^core\/slot-memory$/,
    may: [...PURE, 'core/batch/remembered', 'core/first-slots', 'core/host', 'core/machine', 'core/slots', /^node:/],
  },
  { from: /^core\/holdings$/, may: PURE },
  { from: /^core\/(gate-model|measured|trend-model)$/, may: ['core/model'] },
  { from: /^core\/tuning-model$/, may: ['core/model', 'core/measured'] },
  { from: /^core\/tuning-text$/, may: [...PURE, 'core/messages'] },
  { from: /^core\/settings-text$/, may: ['jsonc-parser'] },
  { from: /^core\/scalability$/, may: ['core/statistics', 'core/tuning-model'] },
  { from: /^core\/figures$/, may: [...PURE, 'core/parts', 'core/timing', 'node:crypto'] },
  { from: /^core\/figures-store$/, may: [...PURE, 'core/figures', 'core/host', 'core/slices', /^node:/] },
  { from: /^core\/common-factor$/, may: [...PURE, 'core/statistics'] },
  { from: /^core\/change-points$/, may: ['core/slices', 'core/statistics'] },
  {
    from: /^core\/(flaky|time-saved|trends)$/,
    may: [...PURE, 'core/change-points', 'core/common-factor', 'core/flaky', 'core/messages', 'core/speedup', 'core/statistics'],
  },
  { from: /^core\/compare$/, may: [...PURE, 'core/messages', 'core/timing'] },
  { from: /^core\/trend-texts$/, may: [...PURE, 'core/messages'] },
  { from: /^core\/run-trends$/, may: [/^core\/(?!engine)/] },
  { from: /^core\/(messages|parts)$/, may: PURE },
  { from: /^core\/encodings$/, may: ['node:buffer'] },
  { from: /^core\/inspect\/(scan|scan-worker|threads)$/, may: [/^core\/inspect\//, 'core/encodings', 'core/paths', /^node:/] },
  { from: /^core\/inspect\//, may: [...PURE, 'core/messages', 'core/encodings', /^core\/inspect\//, 'linguist-languages'] },
  { from: /^core\/last-commits$/, may: ['core/inspect/row', /^node:/] },
  { from: /^core\/inspection$/, may: [/^core\/(?!engine)/, /^node:/] },
  { from: /^core\/(state|timing)$/, may: [...PURE, 'core/parts'] },
  { from: /^core\/(shards|workers)$/, may: [...PURE, 'core/plan'] },
  { from: /^core\/idle-parts$/, may: [...PURE, 'core/gates/operation', 'core/tools/command'] },
  { from: /^core\/normalise$/, may: PURE },
  { from: /^core\/equality$/, may: [...PURE, 'core/normalise'] },
  { from: /^core\/account$/, may: [...PURE, 'core/parts', 'core/statistics', 'core/timing'] },
  { from: /^core\/speedup$/, may: [...PURE, 'core/account', 'core/equality', 'core/statistics'] },
  { from: /^core\/verification-text$/, may: [...PURE, 'core/messages'] },
  { from: /^core\/usage$/, may: [...PURE, 'core/machine'] },
  {
    from: /^core\/tool-caches$/,
    may: [...PURE, /^core\/(access|gates)\//, 'core/batch/package-scripts', 'core/paths', 'fast-glob', /^node:/],
  },
  { from: /^core\/file-content$/, may: [...PURE, 'core/normalise', /^node:/] },
  { from: /^core\/left-behind$/, may: [...PURE, 'core/batch/snapshot', 'core/file-content', 'core/paths', /^node:/] },
  { from: /^core\/priorities$/, may: [...PURE, 'core/holdings', 'core/statistics'] },
  { from: /^core\/schedule$/, may: [...PURE, 'core/holdings', 'core/priorities', 'core/ready'] },
  { from: /^core\/durations$/, may: [...PURE, 'core/schedule', 'core/statistics'] },
  {
    from: /^core\/(prediction|forecast)$/,
    may: [...PURE, 'core/durations', 'core/parts', 'core/prediction', 'core/schedule', 'core/statistics'],
  },
  { from: /^core\/plan$/, may: [...PURE, 'core/globs', 'core/priorities'] },
  {
    from: /^core\/report\//,
    may: [
      'core/shards',
      ...PURE,
      /^core\/inspect\/(row|columns)$/,
      'core/messages',
      'core/plan',
      'core/shell-text',
      'core/timing',
      'core/trend-texts',
      'core/parts',
      'core/verification-text',
      'core/tuning-text',
      /^core\/analyse\/(analysis|sequence)$/,
      'core/schedule',
      /^core\/report\//,
      'protocol',
    ],
  },
  // Reading and planning touch the disk; what is read and concluded does not.
  {
    from: /^core\/analyse\/(analyse|find-sources|project-programs|read-included)$/,
    may: [/^core\/(?!engine)/, /^node:/, 'fast-glob'],
  },
  {
    from: /^core\/analyse\//,
    may: [
      ...PURE,
      'core/jsonc',
      'core/paths',
      'core/plan',
      'core/schedule',
      'core/shell-text',
      'core/batch/references',
      /^core\/analyse\/(?!analyse$|find-sources$|project-programs$|read-included$)/,
      /^core\/gates\/(script-runners|script-words)$/,
      /^core\/gates\/evidence\/(actions|commands|make-lines|make-parse|matrix|yaml)$/,
      'node:path',
      'node:timers/promises',
      'unbash',
    ],
  },
  {
    from: /^core\/gates\/(preset|presets|presets-.*|parsed|mention|parsers|parsers\/.*|presets\/.*|problem-matcher|options|script-.*|scripts)$/,
    may: [...PURE, 'core/messages', 'core/shell-text', /^core\/gates\//, 'unbash', 'saxes'],
  },
  {
    from: /^core\/batch\/(format|document|expand|references|json-schema|budget|handoff)$/,
    may: [...PURE, 'core/jsonc', 'core/complaints', /^core\/batch\//, 'zod/mini'],
  },
  { from: /^core\/batch\/templates(\/.*)?$/, may: [/^core\/batch\/templates\//] },
  { from: /^core\/batch\//, may: [/^core\/(?!engine)/, /^node:/, 'fast-glob'] },
  { from: /^core\/tools\/line-pattern$/, may: [] },
  { from: /^core\/tokenizer$/, may: [/^gpt-tokenizer\//, 'core/slices'] },
  { from: /^core\/jsonc$/, may: ['jsonc-parser'] },
  { from: /^core\/complaints$/, may: ['core/jsonc'] },
  {
    from: /^core\/access\//,
    may: [...PURE, 'core/tools/tool', 'core/globs', 'core/paths', 'core/shell-text', /^core\/access\//, 'unbash'],
  },
  { from: /^core\/(whole-file|real-place)$/, may: [/^node:/] },
  { from: /^core\/paths$/, may: ['node:path'] },
  { from: /^core\/host$/, may: [...PURE, /^node:/] },
  { from: /^core\/child$/, may: ['core/model', /^node:/] },
  { from: /^core\/launcher-script$/, may: [] },
  { from: /^core\/launcher$/, may: ['core/child', 'core/launcher-script', /^node:/] },
  { from: /^core\/guard$/, may: ['core/child', 'core/launcher', 'core/host', /^node:/] },
  { from: /^core\/process$/, may: [...PURE, 'core/child', 'core/guard', /^node:/] },
  {
    from: /^core\/history$/,
    may: [
      ...PURE,
      'core/durations',
      'core/host',
      'core/timing',
      'core/parts',
      'core/schedule',
      'core/speedup',
      /^core\/figures(-store)?$/,
      'core/time-saved',
      /^node:/,
    ],
  },
  { from: /^core\/watch$/, may: [...PURE, 'core/parts'] },
  { from: /^core\/set-apart$/, may: PURE },
  { from: /^core\/git$/, may: [...PURE, /^node:/] },
  {
    from: /^core\/(cache|fingerprint|reads-tree|worktree)$/,
    may: [/^core\/(?!engine|gate-(?!model$))/, /^node:/, 'ignore', 'fast-glob', '../package.json'],
  },
  {
    from: /^core\/(journal|journal-record|journal-life|workspace-locks)$/,
    may: ['core/host', 'core/journal-life', 'core/journal-record', 'core/process', 'core/real-place', /^node:/],
  },
  {
    from: /^core\/journals$/,
    may: ['core/host', 'core/journal', 'core/paths', 'core/real-place', 'core/whole-file', 'core/workspace-locks', /^node:/],
  },
  { from: /^core\/costs$/, may: [...PURE, 'core/host', 'core/shards', 'core/whole-file', /^node:/] },
  {
    from: /^core\/run$/,
    may: [
      ...PURE,
      'core/host',
      'core/plan',
      'core/holdings',
      'core/parts',
      'core/priorities',
      'core/ready',
      'core/slots',
      'p-limit',
    ],
  },
  {
    from: /^core\/(tools\/.*|gates\/.*|scope|ignored|glob-match)$/,
    may: [/^core\/(?!engine)/, /^node:/, /^@?[a-z][a-z0-9/-]*$/],
  },
  {
    from: /^core\/(engine|active-run|fix-files|trial-sequence|tune|tune-.*|gate-.*)$/,
    may: [/^core\/(?!engine)/, /^node:/, 'smol-toml'],
  },
  { from: /^protocol$/, may: [...PURE, 'core/inspect/row'] },
  {
    from: /^webview\//,
    may: [
      /^webview\//,
      'protocol',
      ...PURE,
      'core/timing',
      'core/parts',
      'core/messages',
      'core/verification-text',
      'core/tuning-text',
      'core/trend-texts',
      'core/statistics',
      'core/report/files',
      'core/shell-text',
      /^core\/inspect\/(row|columns)$/,
    ],
  },
  { from: /^vscode\//, may: [/^vscode\//, 'vscode', 'protocol', ...FACE(), /^node:/] },
  {
    from: /^cli\//,
    may: [/^cli\//, '../package.json', 'protocol', ...FACE(), /^node:/, 'commander', 'log-update', 'picocolors', 'chokidar'],
  },
];

function FACE(): (string | RegExp)[] {
  return [
    /^core\/(engine|model|gate-model|measured|host|state|parts|timing|speedup|messages|verification-text|trend-model|trend-texts|globs|slots|machine|otlp-client|tuning-model|tuning-text|settings-text|whole-file|inspect\/(row|columns)|report\/.*)$/,
  ];
}

describe('The layers', () => {
  it('import only what they may, and every source file has a rule', async () => {
    const source = path.join(import.meta.dirname, '../src');
    const files = (await readdir(source, { recursive: true }))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.replaceAll('\\', '/'));
    const wrong: string[] = [];
    for (const file of files) {
      const place = file.replace(/\.ts$/, '');
      const rule = RULES.find(({ from }) => from.test(place));
      if (!rule) {
        wrong.push(`${file} has no rule`);
        continue;
      }
      for (const target of importsOf(await readFile(path.join(source, file), 'utf8'))) {
        const name = target.startsWith('.') ? path.posix.join(path.posix.dirname(file), target).replace(/\.js$/, '') : target;
        if (!rule.may.some((allowed) => (typeof allowed === 'string' ? allowed === name : allowed.test(name))))
          wrong.push(`${file} imports ${name}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(files.length > 20);
  });

  it('see every way of importing', () => {
    const source = `import a from 'a';\nimport {\n  b,\n} from './b.js';\nimport 'c';\nexport type { D } from '../d.js';\nconst e = await import('e');\nconst f = require('f');`;
    assert.deepEqual(importsOf(source), ['a', './b.js', 'c', '../d.js', 'e', 'f']);
  });
});

describe('The table of places in ARCHITECTURE.md', () => {
  it('has a row for each module and each folder of the core, and for nothing else', async () => {
    const root = path.join(import.meta.dirname, '..');
    const table = placesIn(await readFile(path.join(root, 'ARCHITECTURE.md'), 'utf8'));
    const entries = await readdir(path.join(root, 'src/core'), { withFileTypes: true });
    const there = entries.map((entry) => `src/core/${entry.name}${entry.isDirectory() ? '/' : ''}`);
    assert.deepEqual(table.filter((place) => place.startsWith('src/core/')).sort(), there.sort());
  });
});

/** The files and folders that the first column names; a name alone lies where the first one of its row does. */
function placesIn(document: string): readonly string[] {
  const [, section = ''] = document.split('## Where things are');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  return rows.flatMap((cell) => {
    const [first = '', ...others] = [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    return [first, ...others.map((name) => path.posix.join(path.posix.dirname(first), name))];
  });
}

function importsOf(source: string): readonly string[] {
  const statement =
    /^(?:import|export)\s[\w\s{},*$]*?from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]/gm;
  return [...source.matchAll(statement)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}
