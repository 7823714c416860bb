import assert from 'node:assert/strict';
import path from 'node:path';
import type { Gate, Warning } from '../../../src/core/gate-model.js';
import {
  CONFIGURATION_FILE,
  type Configuration,
  configurationText,
  configureGates,
  parseConfiguration,
  resolvePrograms,
} from '../../../src/core/gates/configuration.js';
import type { Folder, GateId } from '../../../src/core/model.js';
import { type TemporaryFolder, temporaryFolder } from '../../support/folder.js';

const FOLDER: Folder = { name: 'project', path: path.resolve('/project') };
const FILE = path.join(FOLDER.path, CONFIGURATION_FILE);

function gate(id: string, more: Partial<Omit<Gate, 'id' | 'needs'>> & { needs?: readonly string[] } = {}): Gate {
  return {
    name: id,
    tool: id,
    category: 'lint',
    folder: FOLDER,
    command: { argv: [`/bin/${id}`], cwd: FOLDER.path, env: { PATH: '/bin' }, shell: false },
    files: { kind: 'files', takes: ['**/*.js'], targets: ['.'] },
    access: { reads: [], writes: [], locks: ['cache'] },
    exitCodes: { passed: [0], failed: [1] },
    parser: 'eslint',
    availability: { kind: 'available' },
    evidence: [{ file: 'package.json', text: `"lint": "${id}"`, line: 3 }],
    timeoutMs: 600_000,
    preset: id,
    workers: { own: 'processors' },
    reads: { files: ['**/*.js'], also: [`/bin/${id}`], env: [] },
    fix: {
      command: { argv: [`/bin/${id}`, '--fix'], cwd: FOLDER.path, env: {}, shell: false },
      files: { kind: 'whole', inputs: [] },
    },
    ...more,
    id: id as GateId,
    needs: (more.needs ?? []) as readonly GateId[],
  };
}

function parsed(content: unknown): { readonly configuration: Configuration; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = [];
  const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
  return { configuration: parseConfiguration(FILE, text, (warning) => warnings.push(warning)), warnings };
}

function configured(detected: readonly Gate[], gates: unknown, more: { defaults?: unknown; prefix?: string } = {}) {
  const { configuration, warnings } = parsed({ gates, ...(more.defaults ? { defaults: more.defaults } : {}) });
  assert.deepEqual(warnings, []);
  const result = configureGates(detected, configuration, FOLDER, more.prefix);
  return {
    ...result,
    configuration,
    ids: result.gates.map(({ id }) => id as string),
    messages: result.warnings.map(({ line, column, message }) => `${line}:${column} ${message}`),
    of: (id: string): Gate => result.gates.find((each) => each.id === id) ?? assert.fail(`no gate ${id}`),
  };
}

describe('Configuring gates', () => {
  const detected = [gate('eslint'), gate('tsc', { needs: ['build'] }), gate('build', { category: 'build' })];

  it('changes nothing when the file says nothing', () => {
    assert.deepEqual(configured(detected, {}).gates, detected);
    assert.deepEqual(configured(detected, { eslint: {} }).of('eslint'), {
      ...gate('eslint'),
      evidence: [...gate('eslint').evidence, { file: CONFIGURATION_FILE, text: '"eslint"', line: 3 }],
    });
  });

  it('leaves gates out, and with them the needs of others', () => {
    const { ids, of, messages } = configured(detected, { build: false });
    assert.deepEqual(ids, ['eslint', 'tsc']);
    assert.deepEqual(of('tsc').needs, []);
    assert.deepEqual(messages, []);
  });

  const changes: readonly (readonly [string, unknown, Partial<Gate>])[] = [
    ['name and category', { name: 'Lint', category: 'format' }, { name: 'Lint', category: 'format' }],
    ['timeout', { timeout: 1.5 }, { timeoutMs: 1500 }],
    ['locks', { locks: ['port', 'cache'] }, { access: { reads: [], writes: [], locks: ['cache', 'port'] } }],
    ['needs', { needs: ['build', 'build'] }, { needs: ['build' as GateId] }],
    [
      'cwd and env',
      { cwd: 'lib', env: { A: '1' } },
      { command: { ...gate('eslint').command, cwd: path.join(FOLDER.path, 'lib'), env: { PATH: '/bin', A: '1' } } },
    ],
    ['files', { files: ['*.ts'] }, { files: { kind: 'files', takes: ['*.ts'], targets: ['.'] } }],
    ['targets', { targets: ['src'] }, { files: { kind: 'files', takes: ['**/*.js'], targets: ['src'] } }],
    [
      'files that are none',
      { files: [], inputs: ['src/**'] },
      { files: { kind: 'whole', inputs: ['src/**'] }, reads: { files: ['src/**'], also: ['/bin/eslint'], env: [] } },
    ],
    [
      'inputs',
      { inputs: ['src/**'] },
      { files: gate('eslint').files, reads: { files: ['src/**'], also: ['/bin/eslint'], env: [] } },
    ],
    ['exit codes', { exitCodes: { passed: [0, 1] } }, { exitCodes: { passed: [0, 1], failed: [] } }],
    ['parser', { parser: 'none' }, { parser: 'none' }],
    [
      'problem matcher',
      { problemMatcher: { fileLocation: 'absolute', pattern: { regexp: '^(.*)$', kind: 'file' } } },
      {
        parser: 'problem-matcher',
        matchers: [
          {
            severity: 'error',
            fileLocation: { kind: 'absolute' },
            patterns: [{ regexp: '^(.*)$', kind: 'file', file: 1, message: 0 }],
          },
        ],
      },
    ],
    [
      'fixer',
      { fix: ['mend', '--all'] },
      { fix: { command: { ...gate('eslint').command, argv: ['mend', '--all'] }, files: gate('eslint').files } },
    ],
  ];
  for (const [what, settings, expected] of changes) {
    it(`changes the ${what} of a detected gate and nothing else`, () => {
      const { of, messages } = configured(detected, { eslint: settings });
      const { evidence: _, ...rest } = of('eslint');
      const { evidence: __, ...before } = gate('eslint');
      assert.deepEqual(rest, { ...before, ...expected });
      assert.deepEqual(messages, []);
    });
  }

  it('takes away the fixer and the cache', () => {
    const changed = configured(detected, { eslint: { fix: false, cache: false } }).of('eslint');
    assert.equal('fix' in changed, false);
    assert.equal('reads' in changed, false);
  });

  it('believes nothing of the old command when the file has another one', () => {
    const { of, unresolved } = configured(detected, { eslint: { command: ['node', 'lint.mjs'] } });
    const { command, parser, exitCodes, files, name, category, access, evidence, ...rest } = of('eslint');
    assert.deepEqual(
      { command, parser, files, name, category, locks: access.locks },
      {
        command: { argv: ['node', 'lint.mjs'], cwd: FOLDER.path, env: {}, shell: false },
        parser: 'none',
        files: { kind: 'whole', inputs: ['**'] },
        name: 'eslint',
        category: 'lint',
        locks: ['cache'],
      },
    );
    assert.deepEqual([exitCodes.passed, exitCodes.failed.length], [[0], 125]);
    assert.deepEqual(Object.keys(rest).sort(), ['availability', 'folder', 'id', 'needs', 'timeoutMs', 'tool']);
    assert.equal(evidence.length, 2);
    assert.deepEqual([...unresolved], ['eslint']);
  });

  it('adds gates with a command after the detected ones', () => {
    const { ids, of } = configured(detected, {
      links: { command: { shell: 'check *.md' }, inputs: ['docs/**'], needs: ['eslint', 'spell'], scopes: ['workspace'] },
      spell: { command: ['spell', '--report={report}'], files: ['**/*.md'], parser: 'none', cache: true, name: 'Spelling' },
    });
    assert.deepEqual(ids, ['eslint', 'tsc', 'build', 'links', 'spell']);
    assert.deepEqual(of('links').command, { argv: ['check *.md'], cwd: FOLDER.path, env: {}, shell: true });
    assert.deepEqual(of('links').needs, ['eslint', 'spell']);
    assert.deepEqual(of('links').reads, { files: ['docs/**'], also: [], env: [] });
    assert.deepEqual(of('links').evidence, [{ file: CONFIGURATION_FILE, text: '"links"', line: 3 }]);
    assert.deepEqual(of('spell').files, { kind: 'files', takes: ['**/*.md'], targets: [] });
    assert.deepEqual(of('spell').reads?.files, ['**']);
    assert.equal(of('spell').name, 'Spelling');
    assert.deepEqual(of('links')?.scopes, ['workspace']);
    assert.equal(of('eslint')?.scopes, undefined);
  });

  it('gives no file to a line for a shell, which then runs whole when one of them is in scope', () => {
    const { of, messages } = configured(detected, {
      links: { command: { shell: 'check' }, files: ['*.md'], targets: ['.'] },
      spell: { command: ['spell'], files: ['*.md'], fix: { shell: 'spell --fix' } },
    });
    assert.deepEqual(of('links').files, { kind: 'whole', inputs: ['*.md'] });
    assert.deepEqual(of('spell').files, { kind: 'files', takes: ['*.md'], targets: [] });
    assert.deepEqual(of('spell').fix?.files, { kind: 'whole', inputs: ['*.md'] });
    assert.deepEqual(messages, [
      '7:16 “files” of the gate “links” only says when it runs: no name of a file reaches a shell. Write its command as an array to have it take files.',
    ]);
  });

  it('says which ids are unknown, and what was meant', () => {
    const { ids, messages } = configured(detected, {
      eslnt: false,
      tcs: { timeout: 3 },
      tsc: { needs: ['biuld', 'eslint'] },
      build: { targets: ['x'], files: [] },
      other: {},
    });
    assert.deepEqual(ids, ['eslint', 'tsc', 'build']);
    assert.deepEqual(messages, [
      '3:14 There is no gate “eslnt” to leave out. Did you mean “eslint”?',
      '4:12 There is no gate “tcs” to change, and without a “command” none can be added. Did you mean “tsc”?',
      '19:14 There is no gate “other” to change, and without a “command” none can be added.',
      '14:18 “targets” of the gate “build” has no effect without “files”.',
      '9:9 “tsc” needs “biuld”, which is no gate. Did you mean “build”?',
    ]);
  });

  it('leaves out needs that would close a circle', () => {
    const { of, messages } = configured(detected, { build: { needs: ['tsc'] }, eslint: { needs: ['eslint'] } });
    assert.deepEqual([of('build').needs, of('tsc').needs, of('eslint').needs], [[], ['build'], []]);
    assert.deepEqual(messages, [
      '5:9 “build” cannot need “tsc”, which itself waits for “build”. Remove one of the two needs.',
      '10:9 “eslint” cannot need “eslint”, which itself waits for “eslint”. Remove one of the two needs.',
    ]);
  });

  it('lets defaults hold for all gates, and what a gate says win', () => {
    const inLib = gate('lib', {
      command: { ...gate('lib').command, cwd: path.join(FOLDER.path, 'packages/lib') },
      files: { kind: 'whole', inputs: [] },
    });
    const { of } = configured(
      [...detected, inLib],
      { eslint: { timeout: 5, env: { A: 'own' } }, added: { command: ['x'] } },
      { defaults: { timeout: 60, env: { A: 'all', B: 'all' }, exclude: ['**/vendor/**', 'packages/*/dist/**', 'docs/**'] } },
    );
    assert.deepEqual(
      ['eslint', 'tsc', 'added'].map((id) => of(id).timeoutMs),
      [5000, 60_000, 60_000],
    );
    assert.deepEqual(of('eslint').command.env, { PATH: '/bin', A: 'own', B: 'all' });
    assert.deepEqual(of('added').command.env, { A: 'all', B: 'all' });
    assert.deepEqual(of('tsc').files, {
      kind: 'files',
      takes: ['**/*.js', '!**/vendor/**', '!packages/*/dist/**', '!docs/**'],
      targets: ['.'],
    });
    assert.deepEqual(of('lib').files, { kind: 'whole', inputs: ['**', '!**/vendor/**', '!dist/**'] });
  });

  it('knows gates by their short ids in a workspace of several folders, and leaves those of other folders alone', () => {
    const other = gate('server/eslint', { folder: { name: 'server', path: '/server' } });
    const { ids, gates } = configured(
      [gate('project/eslint'), gate('project/tsc'), other],
      { eslint: { name: 'Mine' }, 'project/tsc': false, new: { command: ['x'], needs: ['eslint'] } },
      { prefix: 'project/' },
    );
    assert.deepEqual(ids, ['project/eslint', 'server/eslint', 'project/new']);
    assert.deepEqual(
      gates.map(({ name }) => name),
      ['Mine', 'server/eslint', 'new'],
    );
    assert.deepEqual(gates[2]?.needs, ['project/eslint']);
    assert.equal(gates[1], other);
  });

  it('stays quick with ten thousand gates that need each other in a chain', () => {
    const gates = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [
        `g${index}`,
        { command: ['x'], ...(index > 0 ? { needs: [`g${index - 1}`] } : {}) },
      ]),
    );
    const { gates: all, warnings } = configured([], gates);
    assert.equal(all.length, 10_000);
    assert.deepEqual(warnings, []);
  });
});

describe('Programs of volley.jsonc', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await temporaryFolder({
      'node_modules/.bin/eslint': '#!/bin/sh\n',
      '.venv/bin/ruff': '#!/bin/sh\n',
      'tools/bin/own': '#!/bin/sh\n',
      'path/bin/global': '#!/bin/sh\n',
    });
  });
  after(() => folder.dispose());

  const programs: readonly (readonly [string, string | undefined])[] = [
    ['eslint', 'node_modules/.bin/eslint'],
    ['ruff', '.venv/bin/ruff'],
    ['global', 'path/bin/global'],
    ['./tools/bin/own', 'tools/bin/own'],
    ['tools/bin/none', undefined],
    ['missing', undefined],
  ];
  for (const [program, expected] of programs) {
    it(`${expected === undefined ? 'are unavailable when not there' : 'are found as the project would'}: ${program}`, async function () {
      if (process.platform === 'win32') this.skip();
      const place: Folder = { name: 'x', path: folder.path };
      const text = JSON.stringify({ gates: { a: { command: [program, '.'], inputs: ['**'], fix: [program, '--fix'] } } });
      const configuration = parseConfiguration(path.join(folder.path, CONFIGURATION_FILE), text, () => {});
      const env = { PATH: path.join(folder.path, 'path/bin') };
      const [found] = await resolvePrograms(configureGates([], configuration, place), configuration, { env });
      if (expected === undefined) {
        assert.deepEqual(found?.command.argv, [program, '.']);
        assert.deepEqual(found?.availability, {
          kind: 'unavailable',
          reason: `${program} was not found ${program.includes('/') ? 'where it should be' : 'in node_modules/.bin, in .venv or on PATH'}.`,
          install: `Install ${program}, or correct the command of “a” in volley.jsonc.`,
        });
        return;
      }
      const absolute = path.join(folder.path, expected);
      assert.deepEqual(found?.command.argv, [absolute, '.']);
      assert.deepEqual(found?.fix?.command.argv, [absolute, '--fix']);
      assert.deepEqual(found?.reads?.also, [absolute]);
      assert.deepEqual(found?.availability, { kind: 'available' });
      assert.ok(found?.command.env['PATH']?.startsWith(path.join(folder.path, 'node_modules/.bin')));
    });
  }

  it('in a line for a shell are left to the shell, which finds those of the project', async () => {
    const text = JSON.stringify({ gates: { a: { command: { shell: 'eslint . | sort' } } } });
    const configuration = parseConfiguration(path.join(folder.path, CONFIGURATION_FILE), text, () => {});
    const [found] = await resolvePrograms(configureGates([], configuration, { name: 'x', path: folder.path }), configuration, {
      env: { PATH: '/bin' },
    });
    assert.deepEqual(
      [found?.command.argv, found?.command.shell, found?.availability.kind],
      [['eslint . | sort'], true, 'available'],
    );
    assert.ok(found?.command.env['PATH']?.includes(path.join(folder.path, 'node_modules', '.bin')));
  });
});

describe('The text of a new volley.jsonc', () => {
  const strange = gate('script:a"b', {
    name: 'npm run a\n"gates": {',
    evidence: [{ file: 'x\u2028y', text: '*/ }\r\n"eslint": false', line: 1 }],
  });
  const missing = gate('mypy', {
    availability: { kind: 'unavailable', reason: 'mypy is not installed.', install: 'pip install mypy' },
  });

  it('says what each gate is and where it comes from', () => {
    assert.equal(
      configurationText([gate('eslint', { name: 'ESLint' }), missing]),
      `// What Volley found in this folder, and where. Nothing here is in force: remove the // before a line and change what it says.
// Put false in the place of the braces to leave a gate out. Another id with a "command" adds a gate:
//   "links": { "command": ["node", "scripts/check-links.mjs"], "inputs": ["docs/**"], "problemMatcher": "$gcc" },
{
  "gates": {
    // ESLint (lint)
    // package.json:3: "lint": "eslint"
    // "eslint": { "name": "ESLint", "category": "lint", "timeout": 600 },

    // mypy (lint)
    // package.json:3: "lint": "mypy"
    // mypy is not installed. pip install mypy
    // "mypy": { "name": "mypy", "category": "lint", "timeout": 600 },
  },
  // "defaults": { "timeout": 600, "exclude": ["**/vendor/**"] },
}
`,
    );
  });

  for (const [what, gates] of [
    ['no gates', []],
    ['ordinary gates', [gate('eslint'), missing]],
    ['strange gates', [strange]],
  ] as const) {
    it(`changes nothing, and nothing but what people will change when every line is let in: ${what}`, () => {
      const text = configurationText(gates);
      const neutral = parsed(text);
      assert.deepEqual([neutral.warnings, neutral.configuration.gates.size, neutral.configuration.defaults], [[], 0, {}]);
      const { configuration, warnings } = parsed(text.replaceAll(/^( *)\/\/ (?="[^"\n]*(?:\\"[^"\n]*)*": \{)/gm, '$1'));
      assert.deepEqual(warnings, []);
      assert.deepEqual(
        [...configuration.gates.keys()],
        gates.map(({ id }) => id as string),
      );
      const withoutEvidence = ({ evidence: _, ...rest }: Gate) => rest;
      const same = configureGates(gates, { ...configuration, defaults: {} }, FOLDER);
      assert.deepEqual(same.gates.map(withoutEvidence), gates.map(withoutEvidence));
      assert.deepEqual(same.warnings, []);
    });
  }
});
