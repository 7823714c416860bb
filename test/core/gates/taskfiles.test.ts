import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readTaskfile } from '../../../src/core/gates/evidence/taskfile.js';
import { CI, detected, gatesOf, workflow } from '../../support/detected.js';

/** The gates of a folder with these files, each as its id. */
async function ids(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await detected(files)).map(({ id }) => id);
}

/** `name(cwd): command` of each mention. */
async function mentioned(text: string, others: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const found = await readTaskfile({ file: 'Taskfile.yml', text, warn: () => {}, read: async (file) => others[file] });
  return found.map(({ name, cwd, command }) => `${name}${cwd && `(${cwd})`}: ${command.kind === 'shell' ? command.text : ''}`);
}

describe('A Taskfile', () => {
  it('has the tasks of those that it includes, in the folders that it says', async () => {
    const files = {
      'Taskfile.yml': `version: '3'
includes:
  web: { taskfile: ./web, dir: ./web, aliases: [w] }
  docs: ./documentation/Tasks.yml
  none: { taskfile: ./missing, optional: true }
tasks:
  ci: { deps: [web:lint, docs:check] }
`,
      'web/Taskfile.yaml': 'tasks:\n  lint: eslint src\n  default: { deps: [lint] }\n',
      'web/package.json': '{}',
      'documentation/Tasks.yml': 'tasks:\n  check: ruff check documentation\n',
    };
    assert.deepEqual(await ids({ ...files, [CI]: workflow('run: task ci') }), ['ruff', 'web/eslint']);
    for (const call of ['web:lint', 'w:lint', 'web'])
      assert.deepEqual(await ids({ ...files, [CI]: workflow(`run: task ${call}`) }), ['ruff', 'web/eslint'], call);
  });

  it('takes in flattened tasks under their own names, without those that it excludes', async () => {
    assert.deepEqual(
      await mentioned('includes:\n  x: { taskfile: ./a.yml, flatten: true, excludes: [b] }\ntasks:\n  c: two\n', {
        'a.yml': 'tasks:\n  a: one\n  b: no\n  c: no\n',
      }),
      ['c: two', 'a: one'],
    );
  });

  it('calls tasks of its own file, and of the root with a colon', async () => {
    assert.deepEqual(
      await mentioned('includes: { web: ./web }\ntasks:\n  all: { cmds: [{ task: "web:lint" }] }\n  fmt: gofmt\n', {
        'web/Taskfile.yml':
          'tasks:\n  lint: { deps: [":fmt", types], cmds: [{ task: types }, { task: ":fmt" }] }\n  types: tsc\n',
      }),
      ['all: task web:lint', 'fmt: gofmt', 'web:lint: task web:types', 'web:lint: task fmt', 'web:types: tsc'],
    );
  });

  it('tells what it includes and calls values, before their own', async () => {
    const text = `vars: { TOOL: ruff }
includes:
  a: { taskfile: ./a.yml, vars: { FOLDER: "{{.TOOL}}-src" } }
tasks:
  lint:
    deps: [{ task: check, vars: { WHERE: core } }]
    cmds:
      - for: [one, two]
        task: check
        vars: { WHERE: "{{.ITEM}}" }
      - for: [x]
        cmd: ls {{.ITEM}}
  check:
    vars: { WHERE: '{{.WHERE | default "all"}}' }
    cmds: ["{{.TOOL}} check {{.WHERE}}"]
`;
    assert.deepEqual(await mentioned(text, { 'a.yml': 'vars: { FOLDER: no }\ntasks:\n  t: ruff {{.FOLDER}} {{.OTHER}}\n' }), [
      'lint: ruff check core',
      'lint: ruff check one',
      'lint: ruff check two',
      'lint: ls x',
      'check: ruff check all',
      'a:t: ruff ruff-src $EXPRESSION',
    ]);
  });

  it('has tasks that only others may call, which are a part of those', async () => {
    const text = `includes: { lib: { taskfile: ./lib.yml, internal: true } }
tasks:
  lint: { deps: [lint-tools, "lib:x"], cmds: [{ task: "lib:check", vars: { FLAGS: -q } }, { task: "gone:y", vars: { A: b c } }] }
  lint-tools: { internal: true, deps: [lint], cmds: [pip install ruff] }
`;
    const others = { 'lib.yml': 'tasks:\n  check: ruff check {{.FLAGS}}\n  x: { cmds: [one] }\n' };
    const found = await mentioned(text, others);
    assert.deepEqual([...new Set(found.map((each) => each.split(':')[0]))], ['lint']);
    assert.deepEqual(
      found.filter((each) => /ruff|one|gone/.test(each)),
      ['lint: pip install ruff', 'lint: one', 'lint: ruff check -q', "lint: task gone:y A='b c'"],
    );
  });

  it('knows where it lies, and where its tasks run', async () => {
    const others = {
      'tools/Taskfile.yml':
        'vars: { BIN: "{{.ROOT_DIR}}/bin" }\ntasks:\n  a: { dir: "{{.TASKFILE_DIR}}", cmds: ["{{.BIN}}/lint"] }\n  b: "{{.TASKFILE_DIR}}/check.sh"\n  c: { dir: ../.., cmd: x }\n',
    };
    assert.deepEqual(await mentioned('includes: { t: ./tools }\n', others), ['t:a(tools): ../bin/lint', 't:b: tools/check.sh']);
  });

  it('leaves out what asks a user, and what is for another system', async () => {
    const text =
      'tasks:\n  a: { prompt: Sure?, cmd: x }\n  b: { platforms: [windows/amd64], cmd: x }\n  c: { cmds: [{ cmd: x, platforms: [windows] }, y] }\n';
    assert.deepEqual(await mentioned(text), ['c: y']);
  });

  it('that calls what nobody can read is called as CI calls it', async () => {
    const files = {
      'Taskfile.yml': 'includes:\n  shared: https://example.org/Taskfile.yml\ntasks: {}\n',
      [CI]: workflow('run: task shared:lint'),
    };
    assert.deepEqual(await gatesOf(files), ['task-shared-lint: task shared:lint']);
  });

  it('never throws, and files that include each other end', async () => {
    const pieces = fc.constantFrom(
      ...[
        'includes:\n',
        '  a: ./b\n',
        '  c: { taskfile: ., flatten: true }\n',
        'tasks:\n',
        '  x: { task: x, vars: { A: "{{.A}}{{.A}}" } }\n',
      ],
      ...[
        '  y: { cmds: [{ task: y, vars: { B: c } }] }\n',
        'vars: { A: "{{.B}}", B: "{{.A}}{{.A}}" }\n',
        '  z: "{{.A}}"\n',
        '{',
        '"',
        '{{',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 12 }), async (all) => {
        const text = all.join('');
        const found = await readTaskfile({ file: 'Taskfile.yml', text, warn: () => {}, read: async () => text });
        assert.ok(found.length < 5000);
      }),
      { numRuns: 60 },
    );
  });
});
