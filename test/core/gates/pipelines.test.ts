import assert from 'node:assert/strict';
import { commandsOfAction } from '../../../src/core/gates/evidence/actions.js';
import { CI, detected, run, workflow } from '../../support/detected.js';

/** A workflow that runs for what is proposed. */
const proposed = (...steps: readonly string[]) => `on: [pull_request]\n${workflow(...steps)}`;
const named = (name: string, ...lines: readonly string[]) => `name: ${name}\n${run(...lines)}`;

/** Each gate as its id and its command, what it is to look at last. */
async function gatesOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await detected(files)).map(({ id, command, files: given }) =>
    [`${id}:`, ...command.argv, ...(given.kind === 'files' ? given.targets : [])].join(' '),
  );
}

async function check(files: Readonly<Record<string, string>>, expected: readonly string[]) {
  assert.deepEqual(await gatesOf(files), expected);
}

const manifest = (scripts: Readonly<Record<string, string>>) => ({
  'package.json': JSON.stringify({ scripts, devDependencies: { typescript: '5', mocha: '9' } }),
});

describe('a step of CI whose own shell is the check', () => {
  it('is a gate by its exit code, called after the step', async () => {
    await check({ [CI]: proposed(named('No trailing whitespace', "if grep -rne '\\s$' src; then", '  exit 1', 'fi')) }, [
      "no-trailing-whitespace: bash -e -c if grep -rne '\\s$' src; then\n  exit 1\nfi",
    ]);
    await check({ [CI]: proposed(named('READMEs are equal', 'diff README.md core/README.md')) }, [
      'readmes-are-equal: bash -e -c diff README.md core/README.md',
    ]);
  });

  it('takes with it what makes the files that it compares', async () => {
    const steps = ['run: npm ci', 'run: npm run build', 'run: ./other', named('Compare', 'git diff --exit-code')];
    await check({ [CI]: proposed(...steps) }, ['compare: bash -e -c npm run build\ngit diff --exit-code']);
    await check({ [CI]: proposed(named('Schema', 'tool generate', 'git diff --exit-code')) }, [
      'schema: bash -e -c tool generate\ngit diff --exit-code',
    ]);
    const elsewhere = `name: Protos\nworking-directory: api\n${run('buf generate')}`;
    await check({ [CI]: proposed(elsewhere, named('Up to date', 'git diff --exit-code')), 'api/a.proto': '' }, [
      "up-to-date: bash -e -c (cd 'api' && buf generate)\ngit diff --exit-code",
    ]);
  });

  it('changes nothing of the user where it makes files anew: it runs in a copy, is never answered from the cache, and mends on request', async () => {
    const steps = [named('Schema', 'tool generate', 'git diff --exit-code'), named('Same', 'diff a b')];
    const [schema, same] = await detected({ [CI]: proposed(...steps) });
    assert.deepEqual([schema?.inCopy, schema?.access.writes, schema?.reads], ['compares', [], undefined]);
    assert.deepEqual(schema?.fix?.command, schema?.command);
    assert.deepEqual([same?.inCopy, same?.access.locks], [undefined, []]);
  });

  it('runs in a copy as a target or a script in one piece, too, but in place after a build that it needs', async () => {
    const Makefile = 'check-generated: generate\n\t@git diff --exit-code -- a.y.go\ngenerate:\n\t./generate\n';
    const [target] = await detected({ Makefile, [CI]: proposed('run: make check-generated') });
    assert.deepEqual(
      [target?.command.argv.at(-1), target?.inCopy, target?.fix === undefined],
      ['check-generated', 'compares', false],
    );
    const scripts = {
      build: 'tsc -p .',
      'check:types': 'node generate.js && git diff --exit-code',
      test: 'npm run check:types && mocha',
    };
    const alone = (await detected(manifest(scripts))).find(({ command }) => command.argv.at(-1) === 'check:types');
    assert.deepEqual([alone?.inCopy, alone?.access.writes], ['compares', []]);
    const built = { ...scripts, test: `npm run build && ${scripts.test}` };
    const after = (await detected(manifest(built))).find(({ command }) => command.argv.at(-1) === 'check:types');
    assert.deepEqual([after?.inCopy, after?.needs.length, after?.access.writes], [undefined, 1, after?.access.reads]);
  });

  it('is none where nothing makes the files anew, or what makes them reaches further', async () => {
    await check({ [CI]: proposed('run: npm ci', named('Clean tree', 'git diff --exit-code')) }, []);
    await check(
      { [CI]: proposed(named('Update', 'curl -o a.json https://x.org'), named('Compare', 'git diff --exit-code')) },
      [],
    );
  });

  it('is left to the tool in it where that is known', async () => {
    await check(
      { [CI]: proposed(named('Spelling', 'if ! cargo spellcheck --code 1; then', '  echo mend it', '  exit 1', 'fi')) },
      ['cargo-spellcheck: cargo spellcheck --code 1'],
    );
    await check({ [CI]: proposed(named('Style', 'black .', 'git diff --exit-code')), 'a.py': '' }, [
      'black: black --check --no-color .',
    ]);
  });

  it('is none where nobody waits for its result, or it tells others something', async () => {
    const step = named('Same', 'diff a b');
    await check({ [CI]: proposed(`${step}\ncontinue-on-error: true`) }, []);
    await check({ [CI]: proposed(`${step}\nif: failure()`) }, []);
    await check({ [CI]: proposed(named('Same', 'diff a b && echo "same=1" >> "$GITHUB_OUTPUT"')) }, []);
    await check({ [CI]: proposed(`${step}\nid: same`) }, ['same: bash -e -c diff a b']);
  });

  it('is one for what was pushed, too, and none where only somebody asks for it', async () => {
    await check({ [CI]: `on: push\n${workflow(named('Same', 'diff a b'))}` }, ['same: bash -e -c diff a b']);
    await check({ [CI]: `on: { push: { tags: ['v*'] } }\n${workflow(named('Same', 'diff a b'))}` }, []);
    await check({ [CI]: `on: workflow_dispatch\n${workflow(named('Same', 'diff a b'))}` }, []);
  });
});

describe('a workflow that others call', () => {
  const called = `on:
  workflow_call:
    inputs:
      args: { default: --quick }
      folder: {}
jobs:
  lint:
    steps:
      - run: ruff check \${{ inputs.args }} \${{ inputs.folder }}
      - name: Same
        run: diff a b
`;
  const files = { '.github/workflows/_lint.yml': called };

  it('runs with the inputs that it is given', async () => {
    const caller =
      'on: pull_request\njobs:\n  own:\n    uses: ./.github/workflows/_lint.yml\n    with: { args: --select E, folder: src }\n';
    await check({ ...files, [CI]: caller }, [
      'ruff: ruff check --select E --output-format=json src',
      'same: bash -e -c diff a b',
    ]);
  });

  it('says nothing by itself', async () => {
    await check(files, []);
  });

  it('ends where workflows call each other', async () => {
    const round =
      'on: { workflow_call: {}, pull_request: {} }\njobs:\n  own:\n    uses: ./.github/workflows/ci.yml\n  lint:\n    steps: [{ run: mypy src }]\n';
    await check({ [CI]: round }, [
      'mypy: mypy src --show-column-numbers --show-error-codes --no-pretty --no-color-output --no-error-summary',
    ]);
  });
});

describe('a composite action of the repository', () => {
  it('runs with what it is told', async () => {
    const action =
      'inputs: { path: { default: . } }\nruns:\n  using: composite\n  steps:\n    - run: ruff check ${{ inputs.path }}\n      shell: bash\n';
    const steps = ['uses: ./.github/actions/lint\nwith: { path: src }'];
    await check({ [CI]: proposed(...steps), '.github/actions/lint/action.yml': action }, [
      'ruff: ruff check --output-format=json src',
    ]);
  });
});

describe('what an action of the repository itself has done', () => {
  it('is looked at only where CI runs it', async () => {
    await check({ [CI]: proposed('run: ruff check .', 'uses: ./', named('Verify', 'test -f out.txt || exit 1')) }, [
      'ruff: ruff check --output-format=json .',
    ]);
  });
});

describe('pipelines of other services', () => {
  it('are read like workflows: Woodpecker and Drone', async () => {
    const text = `steps:
  lint:
    image: x
    commands: [apk add git, ruff check .]
    when: { event: pull_request }
  no_todo:
    commands: ['! grep -R TODO src']
  publish:
    commands: [mypy .]
    when: { event: tag }
  notify:
    commands: [diff a b]
    when: [{ event: pull_request, status: [failure] }]
`;
    await check({ '.woodpecker.yml': text }, [
      'ruff: ruff check --output-format=json .',
      'no-todo: bash -e -c ! grep -R TODO src',
    ]);
    const drone =
      'kind: pipeline\nsteps:\n  - { name: a, commands: [ruff check .] }\n---\nkind: pipeline\ntrigger: { event: [tag] }\nsteps:\n  - { name: b, commands: [mypy .] }\n';
    await check({ '.drone.yml': drone }, ['ruff: ruff check --output-format=json .']);
  });

  it('are read like workflows: Azure Pipelines, with their templates', async () => {
    const text = `variables: { folder: src }
stages:
  - stage: Lint
    jobs:
      - job: Lint
        steps:
          - script: ruff check $(folder)
            displayName: Lint
          - \${{ if eq(variables['x'], 1) }}:
              - bash: diff a b
                displayName: Same on $(Agent.OS)
          - template: templates/test.yml
            parameters: { marks: fast }
          - task: Npm@1
            inputs: { command: custom, customCommand: run lint }
          - script: mypy .
            condition: failed()
`;
    const template = 'parameters: [{ name: marks, default: slow }]\nsteps:\n  - script: pytest -m ${{ parameters.marks }}\n';
    const manifest = JSON.stringify({ scripts: { lint: 'eslint .' } });
    const files = { 'azure-pipelines.yml': text, 'templates/test.yml': template, 'package.json': manifest };
    const found = await gatesOf(files);
    assert.deepEqual(
      found.map((gate) => gate.split(' ')[0]),
      ['eslint:', 'ruff:', 'same-on:', 'pytest:'],
    );
    assert.match(found.join('\n'), /ruff check --output-format=json src/);
    assert.match(found.join('\n'), /pytest -m fast/);
    await check({ 'azure-pipelines.yml': `pr: none\ntrigger: none\n${text}` }, []);
  });

  it('are read like workflows: Buildkite, Travis, AppVeyor, Cirrus, SourceHut', async () => {
    const ruff = ['ruff: ruff check --output-format=json .'];
    await check(
      {
        '.buildkite/pipeline.yml':
          'steps:\n  - group: all\n    steps:\n      - { label: ":python: Lint", command: ruff check . }\n',
      },
      ruff,
    );
    await check({ '.travis.yml': 'script:\n  - ruff check .\n' }, ruff);
    await check(
      {
        '.travis.yml': 'jobs:\n  include:\n    - { name: lint, script: ruff check . }\n    - { stage: deploy, script: mypy . }\n',
      },
      ruff,
    );
    await check({ 'appveyor.yml': 'test_script:\n  - cmd: ruff check .\n  - ps: if ($x) { mypy . }\n' }, ruff);
    await check({ '.cirrus.yml': 'lint_task:\n  style_script: [pip install ruff, ruff check .]\n' }, ruff);
    await check({ '.builds/a.yml': 'tasks:\n  - lint: ruff check .\n' }, ruff);
  });

  it('are read like workflows: commands, parameters and filters of CircleCI', async () => {
    const text = `commands:
  lint:
    parameters: { path: { default: . } }
    steps:
      - run: ruff check << parameters.path >>
jobs:
  a:
    steps:
      - checkout
      - lint: { path: src }
      - when: { condition: x, steps: [{ run: { name: Same, command: diff a b } }] }
      - run: { command: mypy ., when: on_fail }
  b:
    steps: [{ run: { name: Others, command: diff c d } }]
workflows:
  all: { jobs: [a] }
  night: { triggers: [], jobs: [b] }
`;
    const found = await gatesOf({ '.circleci/config.yml': text });
    assert.deepEqual(found.slice(0, 2), ['ruff: ruff check --output-format=json src', 'same: bash -e -c diff a b']);
    assert.ok(!found.some((gate) => gate.includes('diff c d')));
  });

  it('are none where a script asks for what only the service has', async () => {
    const script = '#!/bin/sh\nbuildkite-agent artifact download a .\n./a --test\n';
    const files = { '.buildkite/pipeline.yml': 'steps: [{ label: Test, command: ci/test.sh }]\n', 'ci/test.sh': script };
    await check(files, []);
  });
});

describe('a job that measures or fuzzes what is proposed', () => {
  it('counts for what only looks at sources', async () => {
    const text = proposed('run: cargo fuzz build', 'run: cargo test').replace('  check:', '  fuzz:');
    await check({ [CI]: text }, ['cargo-fuzz-build: cargo fuzz build']);
    await check({ [CI]: text.replace('on: [pull_request]', 'on: [push]') }, []);
  });
});

describe('documentation that CI makes of what is proposed', () => {
  it('is a gate by the task that makes it, though nobody knows what is in it', async () => {
    const noxfile = 'import nox\n\n@nox.session\ndef docs(session):\n    session.run(*command())\n';
    const text = proposed('run: python -m nox -s docs').replace('  check:', '  docs:');
    await check({ [CI]: text, 'noxfile.py': noxfile }, ['script:nox-s-docs: nox -s docs']);
    await check({ [CI]: text.replace('on: [pull_request]', 'on: [push]'), 'noxfile.py': noxfile }, []);
    const served = noxfile.replace('def docs', 'def docs_serve');
    await check({ [CI]: text.replace('-s docs', '-s docs_serve'), 'noxfile.py': served }, []);
  });
});

describe('a job for checks of releases', () => {
  it('checks', async () => {
    const text = proposed('run: cargo publish --dry-run').replace('  check:', '  check-publish:');
    await check({ [CI]: text, 'Cargo.toml': '[package]\nname = "a"\n' }, [
      'cargo-publish: cargo publish --dry-run',
      'cargo-test: cargo test --message-format=json',
    ]);
    await check({ [CI]: text.replace('check-publish', 'publish'), 'Cargo.toml': '[package]\nname = "a"\n' }, [
      'cargo-test: cargo test --message-format=json',
    ]);
  });
});

describe('what only the service can repeat', () => {
  it('is no gate: what it is told of the event, scripts that are told what to do', async () => {
    const files = { 'ci/check-title.sh': '#!/bin/sh\ntest -n "$TITLE"\n', 'ci/test.sh': '#!/bin/sh\n./tool "$1"\n' };
    const told = 'run: ci/check-title.sh\nenv: { TITLE: "${{ github.event.pull_request.title }}" }';
    await check({ [CI]: proposed(told), ...files }, []);
    await check({ [CI]: proposed(named('Fetch', 'ci/test.sh download')), ...files }, []);
    await check({ [CI]: proposed(named('Test', 'ci/test.sh unit')), ...files }, ['ci-test: ci/test.sh unit']);
  });
});

describe('a call that only installs what a script needs', () => {
  it('is no gate, the script without it is one', async () => {
    const steps = ['run: ./ci/vet-proto.py -install && ./ci/vet-proto.py'];
    await check({ [CI]: proposed(...steps), 'ci/vet-proto.py': '' }, ['ci-vet-proto: ./ci/vet-proto.py']);
  });
});

describe('a configuration that a matrix names', () => {
  it('is a check of its own', async () => {
    const text =
      'on: pull_request\njobs:\n  types:\n    strategy: { matrix: { of: [a, b] } }\n    steps:\n      - run: phpstan analyse --configuration=${{ matrix.of }}.neon\n';
    const found = await gatesOf({ [CI]: text });
    assert.equal(found.filter((gate) => /--configuration=[ab]\.neon/.test(gate)).length, 2);
  });
});

describe('a job for an analysis of the service', () => {
  it('checks nothing', async () => {
    await check({ [CI]: proposed('uses: github/codeql-action/init@v3', 'run: make build') }, []);
  });
});

describe('a plugin of Woodpecker', () => {
  it('that is called after a tool runs it', async () => {
    const text =
      'steps:\n  - { name: a, image: "woodpeckerci/plugin-editorconfig-checker:0.3" }\n  - { name: b, image: woodpeckerci/plugin-codecov }\n';
    await check({ '.woodpecker/static.yaml': text }, ['editorconfig-checker: editorconfig-checker']);
  });
});

describe('what a shell script builds', () => {
  it('counts where it does nothing else', async () => {
    const build = 'cargo build --all-features\n';
    const files = { 'Cargo.toml': '[package]\nname = "a"\n', 'ci/all.sh': `#!/bin/sh\n${build}` };
    const alone = await gatesOf({ ...files, [CI]: proposed('run: ci/all.sh') });
    assert.equal(alone.filter((gate) => gate.startsWith('build:')).length, 1);
    const both = await gatesOf({ ...files, 'ci/all.sh': `#!/bin/sh\n${build}cargo clippy\n`, [CI]: proposed('run: ci/all.sh') });
    assert.equal(both.filter((gate) => gate.startsWith('build:')).length, 0);
  });
});

describe('tests with a database of the service', () => {
  it('are the same whichever that is', async () => {
    const job = (name: string) =>
      `  ${name}:\n    services: { db: { image: ${name} } }\n    steps: [{ run: pytest tests, env: { DB: ${name} } }]\n`;
    const text = `on: [pull_request]\njobs:\n${job('mysql')}${job('pgsql')}`;
    assert.equal((await gatesOf({ [CI]: text })).length, 1);
  });
});

describe('well-known actions', () => {
  const said = (uses: string, inputs: Readonly<Record<string, string>> = {}) =>
    (commandsOfAction(uses, inputs) ?? []).map((argv) => argv.join(' '));

  it('run their tool with what they are told', () => {
    assert.deepEqual(said('EmbarkStudios/cargo-deny-action@v2', { command: 'check bans' }), ['cargo deny check bans']);
    assert.deepEqual(said('crate-ci/typos@v1', { config: 'a.toml', files: 'src docs' }), ['typos --config a.toml src docs']);
    assert.deepEqual(said('pre-commit/action@v3', { extra_args: 'mypy --all-files' }), ['pre-commit run mypy --all-files']);
    assert.deepEqual(said('streetsidesoftware/cspell-action@v6', { files: '**/*.md\nsrc/**' }), ['cspell **/*.md src/**']);
    assert.deepEqual(said('ibiqlik/action-yamllint@v3', { strict: 'true' }), ['yamllint --strict .']);
    assert.deepEqual(said('gradle/gradle-build-action@v2', { arguments: 'check --info' }), ['gradlew check --info']);
    assert.deepEqual(said('gradle/gradle-build-action@v2'), []);
    assert.deepEqual(said('reviewdog/action-shellcheck@v1'), ['shellcheck']);
    assert.deepEqual(said('luizm/action-sh-checker@v1', { sh_checker_shfmt_disable: '1' }), ['shellcheck']);
    assert.deepEqual(said('wearerequired/lint-action@v2', { eslint: 'true', black: 'false' }), ['eslint .']);
    assert.deepEqual(said('creyD/prettier_action@v4', { dry: 'True', prettier_options: '--check src' }), [
      'prettier --check src',
    ]);
    assert.deepEqual(said('creyD/prettier_action@v4'), []);
  });
});

describe('builds that differ in how they are made', () => {
  it('are one', async () => {
    const steps = ['run: cmake --build build', 'run: cmake --build ../out --parallel 2', 'run: ctest --test-dir build'];
    const found = await gatesOf({ [CI]: proposed(...steps), 'CMakeLists.txt': '' });
    assert.equal(found.filter((gate) => gate.startsWith('build:')).length, 1);
    const manifest = JSON.stringify({ scripts: { build: 'tool' } });
    const twice = await gatesOf({
      [CI]: proposed('run: npm run build', 'run: npm run build -- --parallel=2'),
      'package.json': manifest,
    });
    assert.equal(twice.length, 1);
  });
});
