import assert from 'node:assert/strict';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

/** A workflow that runs for what is proposed. */
const proposed = (...steps: readonly string[]) => `on: [pull_request]\n${workflow(...steps)}`;

async function check(files: Readonly<Record<string, string>>, expected: readonly string[], message?: string): Promise<void> {
  assert.deepEqual(await gatesOf(files), expected, message);
}

describe('targets of make', () => {
  it('stand in files that a Makefile includes, and are asked for by a second name, or by none', async () => {
    const files = {
      Makefile:
        'all: lint check_metrics\ninclude make/common.mk\n-include local.mk\n.PHONY: check_metrics\ncheck_metrics:\n\t./metrics | sort\n',
      'make/common.mk': 'RUFF ?= ruff\n%: common-% ;\ncommon-lint: common-types\n\t$(RUFF) check .\ncommon-types:\n\tmypy src\n',
      [CI]: proposed('run: make'),
    };
    const found = await detected(files);
    assert.deepEqual(
      found.map(({ id }) => id),
      ['script:make-check-metrics', 'mypy', 'ruff'],
    );
    const ruff = found.find(({ id }) => id === 'ruff');
    assert.deepEqual(
      ruff?.evidence.map(({ file, line }) => `${file}:${line}`),
      ['make/common.mk:4', `${CI}:5`],
    );
  });

  it('that run for what only make can list stay whole', async () => {
    await check(
      {
        Makefile:
          'MODULES := $(shell find . -name go.mod)\nlint: $(MODULES:%=lint/%)\nlint/%: DIR=$*\nlint/%:\n\t@cd $(DIR) && golangci-lint run\n',
        [CI]: proposed('run: make lint'),
        '.golangci.yml': '',
      },
      ['script:make-lint: make lint'],
    );
  });

  it('call recipes by their names', async () => {
    await check(
      {
        Makefile: 'define checked\n@echo $(1)\nruff check $(1)\nendef\nlint:\n\t$(call checked,src)\n',
        [CI]: proposed('run: make lint'),
      },
      ['ruff: ruff check --output-format=json'],
    );
  });

  it('in other folders are found there, where the root only hands them on', async () => {
    await check(
      {
        Makefile: 'lint-core:\n\t$(MAKE) -C core lint\n',
        'core/Makefile': 'lint:\n\truff check a\n',
        [CI]: proposed('run: make lint-core'),
      },
      ['core/ruff: ruff check --output-format=json'],
    );
  });

  it('are one check, with whatever values of variables they are called', async () => {
    await check(
      {
        Makefile: 'test:\n\t./run $(SUITE) | ./show\n',
        [CI]: proposed('run: make test SUITE=a', 'run: make test SUITE=b', 'run: make test'),
      },
      ['script:make-test: make test'],
    );
  });

  it('whose names say nothing check where CI runs them and their commands compare, or fail for what they find', async () => {
    const Makefile = [
      'ci: unused license generate format image notes',
      'unused:\n\t./tidy\n\tgit diff --exit-code',
      'license:\n\t@found=$$(grep -L Copyright *.c); if [ -n "$$found" ]; then exit 1; fi',
      'generate:\n\t./generate\n\tgit diff --exit-code',
      'format:\n\t./format',
      'image:\n\tdocker build . || exit 1',
      'notes:\n\t./notes > out.txt',
    ].join('\n');
    const whole = ['script:make-unused: make unused', 'script:make-license: make license'];
    await check({ Makefile, [CI]: proposed('run: make ci') }, whole);
    await check({ Makefile }, []);
  });

  it('that need something running stay whole: only they start it', async () => {
    await check(
      {
        Makefile: 'e2e-test: start-cluster\n\tgo test ./e2e\nstart-cluster:\n\tkind create cluster\n',
        [CI]: proposed('run: make e2e-test'),
        'go.mod': 'module a\n',
      },
      ['script:make-e2e-test: make e2e-test'],
    );
  });

  it('wait for no target that only brings in tools', async () => {
    await check(
      {
        Makefile: 'lint: install-tools\n\truff check .\ninstall-tools:\n\t./scripts/tools | sh\n',
        [CI]: proposed('run: make lint'),
      },
      ['ruff: ruff check --output-format=json'],
    );
  });

  it('that check before one of which nothing is known are gates', async () => {
    await check(
      {
        Makefile: '.PHONY: build/dev\nbuild: build/dev\nbuild/dev: lint\n\t$(ENGINE) run x | y\nlint:\n\truff check .\n',
        [CI]: proposed('run: make build'),
      },
      ['ruff: ruff check --output-format=json'],
    );
  });
});

describe('builds', () => {
  it('of the same sources are one, and that which tests need', async () => {
    const steps = ['cmake -B build', 'cmake --build build -j 4', 'ctest --test-dir build'];
    const others = [
      'cmake --build build-asan --config Debug',
      'make -C build-32 -j2',
      'cmake --build build --target all',
      'ctest --test-dir build-asan',
    ];
    const found = await detected({
      [CI]: proposed(...[...steps, ...others].map((line) => `run: ${line}`)),
      'CMakeLists.txt': '',
    });
    assert.deepEqual(
      found.map(({ id, needs }) => [id, needs]),
      [
        ['build:cmake', []],
        ['ctest', ['build:cmake']],
      ],
    );
  });

  it('by make alone are builds, unless make checks, which builds before', async () => {
    await check({ 'Makefile.am': '', [CI]: proposed('run: ./configure', 'run: make -j4', 'run: CC=clang make V=1') }, [
      'build:make: make -j4',
    ]);
    await check({ 'Makefile.am': '', [CI]: proposed('run: make', 'run: make check VERBOSE=yes') }, [
      'make-check: make check VERBOSE=yes',
    ]);
  });

  it('by a target of that name count where CI runs it', async () => {
    await check(
      {
        Makefile: 'build:\n\t./compile | tee log\nbuild-image:\n\t./image | tee log\n',
        [CI]: proposed('run: make build build-image'),
      },
      ['build:make-build: make build'],
    );
  });

  it('run checks as their targets say', async () => {
    await check(
      {
        [CI]: proposed('run: cmake --build build --target check_format', 'run: cmake --build build --target unit_tests_main'),
        'CMakeLists.txt': '',
      },
      ['check-format: cmake --build build --target check_format', 'build:cmake: cmake --build build --target unit_tests_main'],
    );
  });
});

describe('a step in a folder that a build makes', () => {
  it('is told of it from outside', async () => {
    await check({ [CI]: proposed(run('mkdir build', 'cd build', '../configure', 'make check')) }, [
      'make-check: make -C build check',
    ]);
    await check({ [CI]: proposed('run: make -C build distcheck') }, ['make-distcheck: make -C build distcheck']);
    await check({ 'meson.build': '', [CI]: proposed(run('cd _build', 'meson test --verbose')) }, [
      'meson-test: meson test -C _build --verbose',
    ]);
    await check({ [CI]: proposed('run: make test\nworking-directory: libs/other') }, []);
  });

  it('may start a program of tests, which is left to what runs all of them', async () => {
    const one = 'run: ./build/unit_tests --all';
    await check({ [CI]: proposed(one) }, ['unit-tests: ./build/unit_tests --all']);
    await check({ [CI]: proposed(one, 'run: make check') }, ['make-check: make check']);
  });
});

describe('tasks of Task', () => {
  it('take the values that they have where nobody sets them', async () => {
    const Taskfile = `version: '3'
vars:
  FORMAT: '{{if .CI}}github-actions{{else}}pkgname{{end}}'
tasks:
  test:
    cmds:
      - gotestsum -f '{{.FORMAT}}' {{.ARGS | default "./..."}}
`;
    await check(
      {
        'Taskfile.yml': Taskfile,
        'go.mod': 'module a\n',
        [CI]: proposed("run: task test --output group --output-group-begin '::group::'"),
      },
      // How gotestsum shows them is not what is tested.
      ['go-test: go test -json ./...'],
    );
  });
});

describe('a check in a folder that is not there', () => {
  it('says what has to be done before', async () => {
    const [gate] = await detected({ [CI]: proposed('run: make -C build check') });
    assert.ok(gate?.availability.kind === 'unavailable');
    assert.match(
      gate.availability.reason,
      /^(?:build is made by configuring a build, and is not there\.|.*not (?:installed|found).*)$/,
    );
  });
});
