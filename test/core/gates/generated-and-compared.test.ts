import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const ci = (...steps: readonly string[]) => ({ [CI]: `on: pull_request\n${workflow(...steps)}` });
const DIFFERS = 'if [ -n "$(git diff)" ]; then exit 1; fi';

describe('what go generates', () => {
  it('is a check where the step, or one after it, fails if that changes anything', async () => {
    const found = ['check: bash -e -c go generate ./...\ngit diff --exit-code'];
    assert.deepEqual(await gatesOf(ci(run('go generate ./...', 'git diff --exit-code'))), found);
    assert.deepEqual(await gatesOf(ci('run: go generate ./...', 'run: git diff --exit-code')), found);
  });

  it('is a check beside what is known to mend in the same step', async () => {
    const step = run('go generate ./...', 'go mod tidy', 'git diff --exit-code');
    assert.deepEqual(
      (await detected(ci(step))).map(({ id }) => id),
      ['go-mod-tidy', 'check'],
    );
    assert.deepEqual(
      (await detected(ci(run('go mod tidy', 'git diff --exit-code')))).map(({ id }) => id),
      ['go-mod-tidy'],
    );
  });

  it('is none where nothing looks at it', async () => {
    assert.deepEqual(await gatesOf(ci('run: go generate ./...')), []);
  });
});

describe('a script that makes files anew and fails where that changes any', () => {
  const text = `#!/bin/sh\ngo generate ./...\n${DIFFERS}\n`;

  it('is one check, whatever it is called', async () => {
    assert.deepEqual(await gatesOf({ ...ci('run: ./ci/gen.sh'), 'ci/gen.sh': text }), ['gen: ./ci/gen.sh']);
    assert.deepEqual(await gatesOf({ ...ci('run: bash ci/gen.sh'), 'ci/gen.sh': text }), ['gen: bash ci/gen.sh']);
  });

  it('changes sources, so that it runs in a copy', async () => {
    const [gate] = await detected({ ...ci('run: ./ci/gen.sh'), 'ci/gen.sh': text });
    assert.equal(gate?.inCopy, 'compares');
  });

  it('is none where it is told what to do, is one of several commands, only makes, or asks others', async () => {
    const never: readonly (readonly [string, string])[] = [
      ['run: ./ci/gen.sh all', text],
      ['run: ./ci/gen.sh && ./ci/other.sh', text],
      ['run: ./ci/gen.sh', '#!/bin/sh\ngo generate ./...\n'],
      ['run: ./ci/gen.sh', `#!/bin/sh\ncurl https://a.b/c > d\n${DIFFERS}\n`],
      ['run: ./ci/gen.sh', `#!/bin/sh\n$TOOL gen\n${DIFFERS}\n`],
    ];
    for (const [step, script] of never) assert.deepEqual(await gatesOf({ ...ci(step), 'ci/gen.sh': script }), [], step + script);
  });
});

describe('a tool whose output a step compares', () => {
  const compares = "run: diff <(gotmplfmt -d layouts) <(printf '')";
  const fetched = run('curl -LO https://a.b/sass.tar.gz', 'tar -xf sass.tar.gz');

  it('is a check, though a step before fetched something else', async () => {
    assert.equal((await detected(ci(fetched, compares))).length, 1);
  });

  it('is none where a step before may have fetched it', async () => {
    assert.deepEqual(await gatesOf(ci(run('curl -L https://a.b/gotmplfmt > x'), compares)), []);
    assert.deepEqual(await gatesOf(ci(fetched, "run: diff <(./sass -d layouts) <(printf '')")), []);
  });
});

describe('a program of the module that go runs', () => {
  it('is a check by the name of its package or its folder', async () => {
    const calls = ['./internal/check-license', './_readme-gofmt/main.go', './tools/lint'];
    assert.deepEqual(
      await gatesOf(ci(...calls.map((call) => `run: go run ${call}`))),
      calls.map((call) => `${/_?([\w-]+)(?:\/main\.go)?$/.exec(call)?.[1]}: go run ${call}`),
    );
  });

  it('is a check in a script, too, beside others', async () => {
    const script = '#!/bin/sh\nset -e\ntest -z "$(gofmt -l .)"\ngo run ./_readme-gofmt/main.go\n';
    const ids = (await detected({ ...ci('run: ./ci/go.sh'), 'ci/go.sh': script })).map(({ id }) => id);
    assert.deepEqual(ids, ['readme-gofmt', 'gofmt']);
  });

  it('is none that only makes something, or says nothing of it', async () => {
    assert.deepEqual(await gatesOf(ci('run: go run ./cmd/generate', 'run: go run ./cmd/server', 'run: go run .')), []);
  });
});

describe('what go builds', () => {
  const gates = async (...steps: readonly string[]) =>
    (await detected(ci(...steps))).map(({ id, command: { argv, env } }) => {
      const { PATH: _, ...own } = env;
      return [id, argv.join(' '), own];
    });

  it('for another machine is built for that, while tests run on this one', async () => {
    const env = 'env: { GOOS: dragonfly, GOARCH: amd64 }';
    assert.deepEqual(await gates(`run: go install\n${env}`, 'run: go test ./...'), [
      ['build:go', 'go install', { GOOS: 'dragonfly', GOARCH: 'amd64' }],
      ['go-test', 'go test -json ./...', {}],
    ]);
  });

  it('by installing the module is a build, once', async () => {
    assert.deepEqual(await gates('run: go build ./...', 'run: go install ./...'), [['build:go', 'go build ./...', {}]]);
  });

  it('by installing a tool is none', async () => {
    assert.deepEqual(
      await gates('run: go install ./cmd/tool', 'run: go install a.b/c/tool@v1', 'run: go install a.b/c/tool'),
      [],
    );
  });
});

describe('pages for readers', () => {
  const files = (on: string, ...steps: readonly string[]) => ({
    [CI]: `on: ${on}\n${workflow(...steps)}`,
    'package.json': JSON.stringify({ scripts: { 'docs:build': 'node build-docs.mjs', 'build:demo': 'node demo.mjs' } }),
  });

  it('are built of what is proposed, by whatever makes them', async () => {
    const calls = [
      'vitepress build docs',
      'jekyll build',
      'hugo --minify',
      'antora playbook.yml',
      'quarto render docs',
      'typedoc',
    ];
    for (const call of calls)
      assert.deepEqual(
        (await detected(ci(`run: ${call}`))).map(({ id }) => id),
        [`build:${call.split(' ')[0]}`],
      );
    assert.deepEqual(await gatesOf(files('pull_request', 'run: npm run docs:build')), ['build:docs-build: npm run docs:build']);
  });

  it('are no gate where they are made of what was taken in, nor what is made for show', async () => {
    assert.deepEqual(await gatesOf(files('push', 'run: npm run docs:build')), []);
    assert.deepEqual(await gatesOf(files('pull_request', 'run: npm run build:demo')), []);
    assert.deepEqual(await gatesOf(ci('run: hugo version', 'run: hugo server', 'run: typedoc --watch', 'run: doxygen -g')), []);
  });
});
