import assert from 'node:assert/strict';
import fc from 'fast-check';
import { READERS, sourceKind } from '../../../src/core/analyse/readers.js';
import type { SourceKind } from '../../../src/core/analyse/sequence.js';
import { linesOf, type SourceOptions, sourceOf } from '../../support/analysis.js';

function read(kind: SourceKind, text: string, choice?: string, options: SourceOptions = {}) {
  const sequence = READERS[kind].read(sourceOf(text, options), choice);
  assert.ok(sequence && 'operations' in sequence);
  return sequence;
}

function check(
  kind: SourceKind,
  text: string,
  choice: string | undefined,
  expected: readonly string[],
  options?: SourceOptions,
): void {
  assert.deepEqual(linesOf(read(kind, text, choice, options)), expected);
}

describe('The kind of a source', () => {
  it('is told by its name, and where that says nothing by what stands in it', () => {
    const kinds: readonly (readonly [string, string, SourceKind])[] = [
      ['package.json', '{}', 'package script'],
      ['packages/a/package.json', '', 'package script'],
      ['Makefile', '', 'makefile'],
      ['build/rules.mk', '', 'makefile'],
      ['.vscode/tasks.json', '', 'editor tasks'],
      ['.github/workflows/ci.yml', 'jobs:\n  a:\n    steps: []\n', 'workflow'],
      ['config.yml', 'a: 1\n', 'commands'],
      ['session.jsonl', '', 'transcript'],
      ['session.txt', '\n{"tool":"Read","input":{"path":"a"}}\n', 'transcript'],
      ['steps.txt', 'npm ci\n', 'commands'],
      ['steps.sh', '#!/bin/sh\n[ -f a ] && b\n', 'commands'],
      ['test.sh', '[[ -f a ]] && b\n', 'commands'],
    ];
    for (const [file, text, kind] of kinds) assert.equal(sourceKind(file, text), kind, file);
  });
});

const MANIFEST = {
  clean: 'rimraf dist',
  prebuild: 'npm run clean',
  build: 'tsc -p . && node scripts/copy.mjs',
  postbuild: 'echo built',
  'lint:js': 'eslint src',
  'lint:css': 'stylelint "**/*.css"',
  lint: 'run-p lint:*',
  'slow-lint': 'run-s lint:js lint:css',
  test: 'cross-env CI=1 vitest run',
  both: 'concurrently "npm:lint:js" "tsc --noEmit"',
  ci: 'npm run lint && npm test -- --coverage && npm run build',
  loop: 'npm run pool',
  pool: 'npm run loop',
  version: 'echo $npm_package_version && tsc',
  pipe: 'eslint . | tee log && (cd web && npm test)',
  web: 'cd web && npm run build',
  missing: 'npm run nowhere',
  broken: 'eslint ( && x',
};
const WEB = { build: 'vite build' };

describe('A script of a package.json', () => {
  const text = JSON.stringify({ name: 'x', scripts: MANIFEST }, null, 2);
  const options = {
    file: 'package.json',
    scripts: { '': MANIFEST, web: WEB },
    local: ['eslint', 'stylelint', 'tsc', 'vitest', 'cross-env', 'rimraf', 'vite', 'concurrently'],
  };
  const script = (name: string, expected: readonly string[]) => check('package script', text, name, expected, options);

  it('is followed to any depth, with pre and post scripts and arguments, each command where it stands', () => {
    script('ci', [
      '0 | npx --no-install eslint src | together | line 8',
      '1 | npx --no-install stylelint "**/*.css" | together | line 9',
      '2 | npx --no-install cross-env CI=1 vitest run --coverage | after 0,1 | line 12',
      '3 | npx --no-install rimraf dist | after 0,1,2 | line 4',
      '4 | npx --no-install tsc -p . | after 0,1,2,3 | line 6',
      '5 | node scripts/copy.mjs | after 0,1,2,3,4 | line 6',
      '6 | echo built | after 0,1,2,3,4,5 | line 7',
    ]);
  });

  it('takes npm-run-all and concurrently as what they are', () => {
    script('slow-lint', [
      '0 | npx --no-install eslint src | line 8',
      '1 | npx --no-install stylelint "**/*.css" | after 0 | line 9',
    ]);
    script('both', [
      '0 | npx --no-install eslint src | together | line 8',
      '1 | npx --no-install tsc --noEmit | together | line 13',
    ]);
  });

  it('keeps in one piece what cannot be taken apart', () => {
    script('pipe', ['0 | npx --no-install eslint . | tee log | line 18', '1 | (cd web && npm test) | after 0 | line 18']);
    script('version', ['0 | npm run version | line 17']);
    script('loop', ['0 | npm run loop | line 15']);
    script('missing', ['0 | npm run nowhere | line 20']);
    script('broken', ['0 | npm run broken | line 21']);
  });

  it('follows scripts of another package into its directory', () => {
    script('web', ['0 | npx --no-install vite build | in web | line 19']);
  });

  it('offers all scripts but those that npm runs around others', () => {
    const names = READERS['package script'].choices(sourceOf(text)).map(({ name }) => name);
    assert.deepEqual(
      names,
      Object.keys(MANIFEST).filter((name) => name !== 'prebuild' && name !== 'postbuild'),
    );
  });

  it('says where the file is broken and takes what is there', () => {
    const { problems, operations } = read('package script', '{ "scripts": { "a": "x", } }\n}', 'a', {
      file: 'package.json',
      scripts: { '': { a: 'x' } },
    });
    assert.equal(operations.length, 1);
    assert.match(problems[0]?.message ?? '', /^package\.json is not valid JSON: .*Mend it/);
  });
});

const MAKEFILE = `PY ?= python3
SRC = src tests
.PHONY: all
all: lint test docs

lint: format
\truff check $(SRC)
\t@mypy $(SRC) $(EXTRA_ARGS)
format:
\tblack --check \\
\t  $(SRC)
test: format
\t$(MAKE) unit
\t-rm -rf tmp
\techo $$HOME $@
unit:
\t$(PY) -m pytest
docs:
\tcd docs && sphinx-build . out
release: docs
\ttwine upload $(shell ls dist)
cond:
ifdef X
\techo a
else
\techo b
endif
%.o: %.c
\tcc $<
`;

describe('A target of a Makefile', () => {
  const target = (name: string, expected: readonly string[]) => check('makefile', MAKEFILE, name, expected, { file: 'Makefile' });

  it('runs after its prerequisites, line by line, each target once, with variables in their places', () => {
    target('all', [
      '0 | black --check src tests | line 10',
      '1 | ruff check src tests | after 0 | line 7',
      '2 | mypy src tests | after 0,1 | line 8',
      '3 | python3 -m pytest | line 17',
      '4 | rm -rf tmp | after 0,3 | may fail | line 14',
      '5 | echo $HOME test | after 0,3,4 | line 15',
      '6 | cd docs && sphinx-build . out | line 19',
    ]);
  });

  it('stays one operation where only make knows what a line is', () => {
    target('release', ['0 | make release | line 20']);
    target('cond', ['0 | make cond | line 22']);
    assert.match(
      read('makefile', MAKEFILE, 'release').notes.join(' '),
      /“make release” stays one operation, with all that it needs, because only make knows what stands in its line 21/,
    );
  });

  it('sees what the Makefile exports, and takes no function for a rule', () => {
    const text = 'export A = $(B)\nB = b\nC = c\nexport C\n$(error No tool: get one)\nall:\n\techo $$A\n';
    check('makefile', text, 'all', ['0 | echo $A | A=b C=c | line 7']);
    assert.deepEqual(
      READERS.makefile.choices(sourceOf(text)).map(({ name }) => name),
      ['all'],
    );
  });

  it('is offered with what it needs and runs', () => {
    const choices = READERS.makefile.choices(sourceOf(MAKEFILE));
    assert.deepEqual(choices[0], { name: 'all', summary: 'after lint, test, docs' });
    assert.deepEqual(
      choices.map(({ name }) => name),
      ['all', 'lint', 'format', 'test', 'unit', 'docs', 'release', 'cond'],
    );
  });
});

const WORKFLOW = `name: CI
on: push
env: { MODE: fast, ALSO: "\${{ env.MODE }}er" }
defaults: { run: { working-directory: app } }
jobs:
  check:
    runs-on: ubuntu-latest
    strategy: { matrix: { node: [20, 22] } }
    env: { NODE: "\${{ matrix.node }}", KEY: "\${{ secrets.KEY }}" }
    steps:
      - uses: actions/checkout@v4
      - run: npm ci
        working-directory: .
      - name: Lint
        run: |
          npm run lint
          npx tsc \\
            --noEmit
      - run: echo \${{ github.sha }}
      - run: Write-Host x
        shell: pwsh
      - run: flaky
        continue-on-error: true
      - uses: golangci/golangci-lint-action@v6
        with: { args: --fast }
  deploy:
    needs: [check]
    steps:
      - run: ./deploy.sh
      - if: failure()
        run: notify
      - if: github.ref == 'refs/heads/main'
        run: npm publish
      - if: always()
        run: ./clean.sh
  other:
    uses: org/repo/.github/workflows/x.yml@main
`;

describe('Jobs of a workflow', () => {
  const options = { file: '.github/workflows/ci.yml', scripts: { app: { lint: 'eslint src' } }, local: ['eslint'] };

  it('run their steps in order, where and with what they say, after the jobs that they need', () => {
    check(
      'workflow',
      WORKFLOW,
      'deploy',
      [
        '0 | npm ci | MODE=fast ALSO=faster NODE=20 | line 12',
        '1 | npx --no-install eslint src | in app | MODE=fast ALSO=faster NODE=20 | after 0 | line 16',
        '2 | npx tsc \\\n  --noEmit | in app | MODE=fast ALSO=faster NODE=20 | after 0,1 | line 17',
        '3 | flaky | in app | MODE=fast ALSO=faster NODE=20 | after 0,1,2 | may fail | line 22',
        '4 | golangci-lint run --fast | in app | MODE=fast ALSO=faster NODE=20 | after 0,1,2 | line 24',
        '5 | npm ci | MODE=fast ALSO=faster NODE=22 | line 12',
        '6 | npx --no-install eslint src | in app | MODE=fast ALSO=faster NODE=22 | after 5 | line 16',
        '7 | npx tsc \\\n  --noEmit | in app | MODE=fast ALSO=faster NODE=22 | after 5,6 | line 17',
        '8 | flaky | in app | MODE=fast ALSO=faster NODE=22 | after 5,6,7 | may fail | line 22',
        '9 | golangci-lint run --fast | in app | MODE=fast ALSO=faster NODE=22 | after 5,6,7 | line 24',
        '10 | ./deploy.sh | in app | MODE=fast ALSO=faster | after 0,1,2,4,5,6,7,9 | line 29',
        '11 | ./clean.sh | in app | MODE=fast ALSO=faster | line 35',
      ],
      options,
    );
  });

  const job = (matrix: string, ...steps: readonly string[]) =>
    `jobs:\n  a:\n    strategy: { matrix: ${matrix} }\n    steps:\n${steps.map((step) => `      - run: ${step}\n`).join('')}`;
  const commands = (matrix: string, ...steps: readonly string[]) =>
    read('workflow', job(matrix, ...steps), 'a', options).operations.map(({ text }) => text);
  const combinations: readonly (readonly [string, string, readonly string[]])[] = [
    ['each value with every other', '{ a: [1, 2], b: [x, y] }', ['1 x', '1 y', '2 x', '2 y']],
    ['not what is excluded', '{ a: [1, 2], b: [x, y], exclude: [{ a: 2, b: x }, { a: 1, b: z }] }', ['1 x', '1 y', '2 y']],
    ['what is included beside them', '{ a: [1], b: [x], include: [{ a: 3, b: z }] }', ['1 x', '3 z']],
    ['what is included in those that it fits', '{ a: [1, 2], include: [{ b: x }, { a: 2, b: y }] }', ['1 x', '2 y']],
    ['only what is included where there is nothing else', '{ include: [{ a: 1, b: x }, { a: 2, b: y }] }', ['1 x', '2 y']],
    ['each once where another key makes no difference', '{ a: [1], b: [x, y], os: [linux, mac] }', ['1 x', '1 y']],
  ];
  for (const [title, matrix, expected] of combinations)
    it(`run for the combinations of their matrix: ${title}`, () => {
      const found = commands(matrix, 'echo ${{ matrix.a }} ${{ matrix.b }}');
      assert.deepEqual(
        found.map((text) => text.replace('echo ', '')),
        expected,
      );
    });

  it('run for nested values of a matrix, and once where nothing of it stands in their steps', () => {
    assert.deepEqual(
      commands(
        '{ on: [{ os: linux, node: { major: 20 } }, { os: mac, node: { major: 22 } }] }',
        'echo ${{ matrix.on.node.major }}',
      ),
      ['echo 20', 'echo 22'],
    );
    assert.deepEqual(commands('{ os: [linux, mac], node: [20, 22] }', 'npm test'), ['npm test']);
    const huge = `{ a: [${Array.from({ length: 40 }, (_, index) => index).join(', ')}], b: [1, 2, 3] }`;
    const sequence = read('workflow', job(huge, 'echo ${{ matrix.a }} ${{ matrix.b }}'), 'a', options);
    assert.equal(sequence.operations.length, 64);
    assert.match(sequence.notes.join(), /more than 64 combinations .* as far as they were looked at/);
  });

  it('list what is not taken over, with the reason', () => {
    const { notTaken, notes } = read('workflow', WORKFLOW, undefined, options);
    assert.deepEqual(
      notTaken.map(({ what, because }) => `${what}: ${because}`),
      [
        'check: actions/checkout@v4: it is an action of GitHub, which runs only there',
        'check: echo ${{ github.sha }}: only the service knows what stands for ${{ github.sha }}',
        'check: Write-Host x: it is written for pwsh, not for a shell of POSIX',
        'deploy: notify: it runs only after a failure',
        "deploy: npm publish: only the service knows whether it runs (if: github.ref == 'refs/heads/main')",
        'job other: it is a workflow of its own, which runs only on GitHub',
      ],
    );
    assert.match(
      notes.join('\n'),
      /runs there for 2 combinations of its matrix; the batch has its commands for 2, which is how many differ in node\./,
    );
    assert.match(notes.join('\n'), /Set KEY yourself/);
  });

  it('are a problem with its place where the file is broken', () => {
    const { problems } = read('workflow', 'jobs:\n  a: [\n', undefined, options);
    assert.equal(problems.length, 1);
    assert.match(problems[0]?.message ?? '', /ci\.yml is not valid YAML/);
  });
});

const TASKS = `{
  // Tasks of a project.
  "version": "2.0.0",
  "tasks": [
    { "label": "lint", "type": "npm", "script": "lint" },
    { "label": "types", "type": "shell", "command": "npx tsc", "args": ["--noEmit", { "value": "a b", "quoting": "strong" }], "options": { "env": { "A": "1" } } },
    { "label": "watch", "type": "shell", "command": "tsc -w", "isBackground": true },
    { "label": "both", "dependsOn": ["lint", "types", "watch"] },
    { "label": "all", "dependsOn": ["both", "run"], "dependsOrder": "sequence" },
    { "label": "run", "type": "process", "command": "node", "args": ["x y.mjs"], "options": { "cwd": "\${workspaceFolder}/src" } },
    { "label": "file", "type": "shell", "command": "cat \${file}" },
    { "label": "gulp", "type": "gulp", "command": "x" },
    { "label": "there", "type": "shell", "command": "ls", "options": { "cwd": "\${fileDirname}" } },
  ]
}`;

describe('A task of the editor', () => {
  const options = { file: '.vscode/tasks.json', scripts: { '': { lint: 'eslint src' } }, local: ['eslint'] };

  it('runs after what it depends on, at the same time or in sequence, as shell, process or script', () => {
    check(
      'editor tasks',
      TASKS,
      'all',
      [
        '0 | npx --no-install eslint src | together | line 5',
        "1 | npx tsc --noEmit 'a b' | A=1 | together | line 6",
        '2 | [node x y.mjs] | in src | after 0,1 | line 10',
      ],
      options,
    );
  });

  it('is listed with the reason where it cannot be taken over', () => {
    const because = (name: string) => read('editor tasks', TASKS, name, options).notTaken[0]?.because;
    assert.equal(because('watch'), 'it goes on in the background and never ends');
    assert.equal(because('there'), 'where it runs is known only to the editor, or lies outside of the workspace');
    assert.equal(because('file'), 'a variable of the editor stands in it');
    assert.equal(because('gulp'), 'only an extension knows what a task of the type gulp runs');
  });

  it('is offered with what it runs', () => {
    assert.deepEqual(READERS['editor tasks'].choices(sourceOf(TASKS))[3], {
      name: 'both',
      summary: 'after lint, types, watch (at the same time)',
    });
  });
});

describe('A list of commands', () => {
  it('is one shell, one command a line, with comments, prompts and lines that go on', () => {
    check(
      'commands',
      '# set up\ncd src\n$ wc -l a.ts && cat b.ts\n\ngrep -rn TODO . \\\n  | head\nfor f in *; do\n  cat $f\ndone\nexport A=1\n  sort x\ncat <<EOF\nhi\nEOF\n',
      undefined,
      [
        '0 | wc -l a.ts | in src | line 3',
        '1 | cat b.ts | in src | after 0 | line 3',
        '2 | grep -rn TODO . \\\n  | head | in src | line 5',
        '3 | for f in *; do\n  cat $f\ndone | in src | line 7',
        '4 | sort x | in src | A=1 | line 11',
        '5 | cat <<EOF\nhi\nEOF | in src | A=1 | line 12',
      ],
    );
  });

  it('costs a line that is no shell only itself, and says which', () => {
    const sequence = read('commands', 'cat a\ncat b )\ncat c', undefined, { file: 'steps.txt' });
    assert.deepEqual(linesOf(sequence), ['0 | cat a | line 1', '1 | cat c | line 3']);
    assert.deepEqual(
      sequence.problems.map(({ line, message }) => [line, /It was left out; mend it/.test(message)]),
      [[2, true]],
    );
  });

  it('is one operation from where only the shell knows what follows', () => {
    const sequence = read('commands', 'cat a\nD=$(mktemp -d)\ncp a $D\nls $D', undefined, { file: 'steps.txt' });
    assert.deepEqual(linesOf(sequence), ['0 | cat a | line 1', '1 | D=$(mktemp -d)\ncp a $D\nls $D | line 2']);
    assert.match(sequence.notes.join(' '), /From line 2 of steps\.txt on all is one operation/);
  });

  it('goes on after a failure unless it says set -e', () => {
    check('commands', 'a\nset -e\nb\nc', undefined, ['0 | a | line 1', '1 | b | line 3', '2 | c | after 1 | line 4']);
  });
});

describe('A reader', () => {
  const samples: readonly (readonly [SourceKind, string])[] = [
    ['package script', JSON.stringify({ scripts: MANIFEST }, null, 1)],
    ['makefile', MAKEFILE],
    ['workflow', WORKFLOW],
    ['editor tasks', TASKS],
    ['commands', 'cd a && b\nfor f in *; do x $f; done\ncat <<E\nx\nE\nexport A="$B" # c\n'],
  ];
  /** A sample with something taken out, put in or doubled. */
  const damaged = fc
    .tuple(
      fc.constantFrom(...samples),
      fc.array(
        fc.tuple(
          fc.nat(3000),
          fc.nat(30),
          fc.oneof(
            fc.string({ maxLength: 5 }),
            fc.constantFrom('\n', '\t', '{', '}', '"', '&', '*', '<<', '$(', '`', '\\', '- ', ': '),
          ),
        ),
      ),
    )
    .map(([[kind, text], changes]) => {
      const result = changes.reduce(
        (all, [at, length, put]) => all.slice(0, at % (all.length + 1)) + put + all.slice((at % (all.length + 1)) + length),
        text,
      );
      return [kind, result] as const;
    });

  it('takes any text, offers what can be chosen in it, and names only operations before in what has to pass', () => {
    fc.assert(
      fc.property(damaged, ([kind, text]) => {
        const source = sourceOf(text, { file: 'package.json', scripts: { '': MANIFEST } });
        const reader = READERS[kind];
        for (const choice of [undefined, ...reader.choices(source).map(({ name }) => name), 'nothing of it']) {
          const sequence = reader.read(source, choice);
          if (!sequence || !('operations' in sequence)) continue;
          sequence.operations.forEach(({ requires }, index) => {
            for (const each of requires) assert.ok(each < index, `${each} < ${index}`);
          });
          for (const { message } of sequence.problems) assert.match(message, /[.!?]$/);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is not overwhelmed by what nobody writes by hand', () => {
    const deep = '('.repeat(9000);
    const wide = Array.from({ length: 3000 }, (_, index) => `cat ${index}`);
    const doubled = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`s${index}`, `npm run s${index + 1} && npm run s${index + 1}`]),
    );
    for (const text of [
      deep,
      `${deep}x${')'.repeat(9000)}`,
      wide.join('\n'),
      wide.join(' && '),
      'a && '.repeat(3000),
      '`'.repeat(5000),
      '$('.repeat(5000),
    ]) {
      const sequence = READERS.commands.read(sourceOf(text), undefined);
      assert.ok(sequence && 'operations' in sequence && sequence.operations.length <= 1000);
    }
    const sequence = READERS['package script'].read(
      sourceOf('{}', { file: 'package.json', scripts: { '': { ...doubled, s40: 'ls' } } }),
      's0',
    );
    assert.ok(sequence && 'operations' in sequence);
    assert.equal(sequence.operations.length, 1000);
    assert.match(sequence.notes.join(' '), /more than 1000 operations/);
  }).timeout(10_000);
});
