/**
 * Test runners, linters, type checkers, formatters and compilers. What runs the project's own code, or is configured by it, may do
 * anything in principle; told is what it does by custom: it reads the project, and writes its cache and its reports. Pure.
 */
import { literal, names, readOptions } from './argument.js';
import {
  hasAny,
  infers,
  locks,
  type Row,
  reads,
  readsAt,
  readsWhole,
  type Table,
  valuesOf,
  writes,
  writesAt,
  writesWhole,
} from './call.js';
import { check, onlySays, row } from './row.js';

const eslint = check({
  caches: ['.eslintcache'], fix: '--fix', writes: '-o --output-file --cache-file --cache-location', barrier: '--init --fix-type-x',
  values: '-c --config --ext --format -f --max-warnings --rule --plugin --parser --ignore-pattern --cache-strategy --resolve-plugins-relative-to --rulesdir --ignore-path', flags: '--fix-dry-run --fix-type',
}); // biome-ignore format: a row

const tsc: Row = (call) => {
  infers(call);
  // Names of its options are not sensitive to case.
  const args = call.args.map((word) => (word.text?.startsWith('-') ? literal(word.text.toLowerCase()) : word));
  const valued = names(
    '-p -project -outdir -outfile -declarationdir -tsbuildinfofile -rootdir -target -t -module -m -lib -jsx -moduleresolution -generatetrace -generatecpuprofile -types -maxnodemodulejsdepth',
  );
  const options = readOptions(args, { valued, oneDash: true });
  const { given, operands } = options;
  if (options.loose) call.footprint.barrier('an option may turn out to be anything');
  if (onlySays(options) || hasAny(given, '-v')) return;
  readsWhole(call);
  reads(call, ...operands, ...valuesOf(given, '-p', '-project'));
  writes(
    call,
    ...valuesOf(given, '-outdir', '-outfile', '-declarationdir', '-tsbuildinfofile', '-generatetrace', '-generatecpuprofile'),
  );
  if (given.has('-init')) writesAt(call, 'tsconfig.json');
  const noEmit = given.has('-noemit') && !operands.some(({ text }) => text === 'false');
  // A build writes what each project says.
  if (hasAny(given, '-b', '-build'))
    return given.has('-noemit') || given.has('-dry') ? locks(call, 'tsconfig.tsbuildinfo') : writesWhole(call);
  locks(call, 'tsconfig.tsbuildinfo');
  if (!noEmit && !hasAny(given, '-outdir', '-outfile', '-showconfig', '-listfilesonly')) writesWhole(call);
};

/** A test runner of Node; its coverage is a cache unless it is asked for. */
function tests(
  caches: readonly string[],
  more: {
    readonly values?: string;
    readonly writes?: string;
    readonly barrier?: string;
    readonly flags?: string;
    readonly snapshots?: string;
    readonly directories?: string;
    readonly skip?: number;
  } = {},
): Row {
  return check({
    caches, ...(more.skip ? { skip: more.skip } : {}),
    values: `-c --config -t --testNamePattern --reporter --reporters --project --environment --pool --maxWorkers --shard --testTimeout -g --grep -f --fgrep -R --require -r --timeout --spec --exclude --testPathPattern --selectProjects ${more.values ?? ''}`,
    writes: `${more.writes ?? ''} ${more.directories ?? ''}`, writesAll: more.snapshots ?? '', barrier: more.barrier ?? '', flags: `-i --runInBand --inspect ${more.flags ?? ''}`, roots: '--root --rootDir --dir --cwd',
    also: (call, { given }) => {
      const asked = [...given.keys()].filter((name) => /^--coverage(?:\.|$)|^--collectCoverage/.test(name));
      const places = valuesOf(given, ...names(more.directories));
      if (asked.length > 0) writes(call, ...(places.length > 0 ? places : [literal('coverage')]));
      else if (caches.includes('coverage')) locks(call, 'coverage');
    },
  }); // biome-ignore format: a row
}

const vitestRow = tests(['node_modules/.vite', 'node_modules/.vitest', 'coverage'], {
  writes: '--outputFile --outputFile.json --outputFile.junit',
  snapshots: '-u --update',
  directories: '--coverage.reportsDirectory',
  barrier: '--ui --browser --api',
  skip: 0,
});
const vitest: Row = (call) => {
  const [first, ...rest] = call.args;
  if (/^(?:run|watch|related|list|dev)$/.test(first?.text ?? '')) vitestRow({ ...call, args: rest });
  else if (first?.text === 'bench' || first?.text === 'init') call.footprint.barrier('it is not known what it writes');
  else vitestRow(call);
};

const node: Row = (call) => {
  const { args } = call;
  const has = (pattern: RegExp) => args.some(({ text }) => pattern.test(text ?? ''));
  if (args.length === 1 && has(/^(?:-v|--version|-h|--help)$/)) return;
  if (has(/^(?:-c|--check)$/)) return reads(call, ...args.filter(({ text }) => !text?.startsWith('-')));
  const isTest =
    has(/^--test$/) &&
    !has(
      /^(?:-e|--eval|-p|--print|--test-update-snapshots|--test-reporter-destination|--cpu-prof|--heap-prof|--prof|--trace-events-enabled|--diagnostic-dir|--report-dir)/,
    );
  if (!isTest || args.some((word) => word.loose)) return call.footprint.barrier('it runs a program of its own');
  infers(call);
  readsWhole(call);
  reads(call, ...args.filter(({ text }) => !text?.startsWith('-')));
};

const python: Row = (call) => {
  const args = call.args.filter(({ text }, index) => !(index === 0 && /^-[BEsSuIq]+$/.test(text ?? '')));
  const [first, module, ...rest] = args;
  if (args.length === 1 && /^(?:-V|--version|-h|--help)$/.test(first?.text ?? '')) return;
  const name = module?.text;
  if (first?.text !== '-m' || name === undefined) return call.footprint.barrier('it runs a program of its own');
  if (name === 'json.tool')
    return row({ operands: 'read', values: '--indent', also: (at, { operands }) => writes(at, ...operands.slice(1)) })({
      ...call,
      args: rest,
    });
  if (name === 'venv' || name === 'virtualenv') return row({ operands: 'write', values: '--prompt' })({ ...call, args: rest });
  if (name === 'compileall' || name === 'py_compile') return check({ fixUnless: '-x' })({ ...call, args: rest });
  if (name === 'unittest') return check({ values: '-s -p -t -k' })({ ...call, args: rest });
  if (Object.hasOwn(PYTHON, name) || name === 'pip') return call.start([literal(name), ...rest]);
  call.footprint.barrier('it runs a program of its own');
};

const pytest: Row = check({
  caches: ['.pytest_cache'], values: '-k -m -n -p -c -W -r --maxfail --durations --tb --ignore --deselect --cov-fail-under --timeout --dist --numprocesses --rootdir --confcutdir --import-mode -o --override-ini --ignore-glob --log-level --log-cli-level --color',
  writes: '--junitxml --junit-xml --html --report-log --log-file --resultlog --basetemp --json-report-file', writesAll: '--snapshot-update --inline-snapshot --force-regen --regen-all --update-snapshots', roots: '',
  flags: '-i --log-level', attached: '--cov --cov-report --cov-config',
  also: (call, { given }) => {
    if (!hasAny(given, '--cov', '--cov-report')) return;
    writesAt(call, '.coverage*', 'htmlcov', 'coverage.xml', 'coverage.json', 'coverage.lcov', 'lcov.info');
    for (const { glob } of valuesOf(given, '--cov-report')) if (glob.includes(':')) writes(call, { glob: glob.slice(glob.indexOf(':') + 1) });
  },
}); // biome-ignore format: a row

const rows: Readonly<Record<string, Row>> = {
  mypy: check({
    abbreviates: true,
    caches: ['.mypy_cache'],
    values:
      '-p --package -m --module -c --config-file --python-version --platform --exclude --follow-imports --python-executable --junit-format',
    writes:
      '--cache-dir --junit-xml --html-report --txt-report --xml-report --any-exprs-report --cobertura-xml-report --lineprecision-report --linecount-report',
    barrier: '--install-types',
    flags: '--config-file',
  }),
  pyright: check({
    values: '-p --project --pythonpath --pythonversion -v --venvpath --level',
    flags: '--outputjson --warnings',
    barrier: '--createstub --writebaseline',
  }),
  pylint: check({
    abbreviates: true,
    values: '--rcfile -j --disable --enable -d -e -f --output-format',
    writes: '--output',
    flags: '--output-format',
  }),
  bandit: check({ abbreviates: true, values: '-c -f -ll -x -s -t', writes: '-o --output', flags: '-i -ii' }),
  flake8: check({
    abbreviates: true,
    reads: 'files',
    configuration: ['tox.ini', '.flake8'],
    values: '--config --max-line-length --select --ignore --extend-ignore --exclude --format',
    writes: '--output-file',
  }),
  black: check({
    abbreviates: true,
    reads: 'files',
    fixUnless: '--check --diff --version',
    values:
      '-l --line-length -t --target-version --config --exclude --include --extend-exclude --force-exclude --stdin-filename -W --workers',
    barrier: '-c --code-x',
  }),
  isort: check({
    abbreviates: true,
    reads: 'files',
    configuration: ['.isort.cfg', 'tox.ini'],
    fixUnless: '--check-only --check -c --diff',
    values: '--profile -l --settings-file --sp --sl-x -m -p',
  }),
  ruff: (call) => {
    const [first, ...rest] = call.args;
    const at = { ...call, args: rest };
    const values =
      '--select --ignore --extend-select --config --line-length --target-version --exclude --output-format --per-file-ignores --cache-dir';
    if (first?.text === 'format')
      check({ reads: 'files', configuration: ['ruff.toml', '.ruff.toml'], fixUnless: '--check --diff', values })(at);
    else if (first?.text === 'check')
      check({
        fix: '--fix --fix-only --add-noqa --unsafe-fixes',
        values,
        writes: '-o --output-file --cache-dir',
        flags: '--output-format',
      })(at);
    else if (/^(?:rule|linter|version|config|--version)$/.test(first?.text ?? '')) return;
    else call.footprint.barrier('it is not known what it changes');
  },
  pytest,
  'py.test': pytest,
};

/** Programs of Python, which `python -m` starts too. */
const PYTHON: Table = rows;

const prettier = check({
  reads: 'files', configuration: ['.prettierrc*', 'prettier.config.*', '.prettierignore'], fix: '-w --write', writes: '--cache-location',
  values: '--config --ignore-path --parser --log-level --loglevel --plugin --tab-width --print-width --end-of-line --stdin-filepath --config-precedence', barrier: '--cache-x',
}); // biome-ignore format: a row

const biome: Row = (call) => {
  const [first, ...rest] = call.args;
  if (/^(?:--version|version|explain|rage)$/.test(first?.text ?? '')) return;
  if (!/^(?:check|lint|format|ci)$/.test(first?.text ?? '')) return call.footprint.barrier('it is not known what it changes');
  check({
    fix: '--write --fix --apply --apply-unsafe --unsafe',
    values: '--config-path --reporter --diagnostic-level --max-diagnostics --only --skip --colors --since',
    writes: '--report-file --reporter-file',
    barrier: '--suppress-x',
    writesAll: '--suppress',
    flags: '--config-path',
  })({ ...call, args: rest });
};

const cargo: Row = (call) => {
  infers(call);
  const args = call.args.filter(({ text }, index) => !(index === 0 && text?.startsWith('+')));
  const at = args.findIndex(
    ({ text }) => !/^(?:-v|-q|--verbose|--quiet|--locked|--offline|--frozen|--color=\w+)$/.test(text ?? ''),
  );
  const name = args[at]?.text;
  if (at < 0 || name === '--version' || name === '-V' || name === '--list' || name === 'version') return;
  const { given, operands, loose } = readOptions(
    args.filter((_, index) => index !== at),
    {
      valued: names(
        '-p --package --manifest-path --target --features -F --bin --test --example --bench -j --jobs --profile --message-format --exclude --color --target-dir --artifact-dir --out-dir',
      ),
    },
  );
  if (loose || name === undefined || hasAny(given, '--config', '--artifact-dir', '--out-dir', '-Z', '-C'))
    return call.footprint.barrier('it is not known what its options make it do');
  readsWhole(call);
  writes(call, ...valuesOf(given, '--target-dir'));
  if (
    !hasAny(given, '--locked', '--frozen') &&
    /^(?:build|b|check|c|test|t|clippy|nextest|bench|doc|d|tree|rustc|fetch|update|generate-lockfile|add|remove|rm|metadata|fix)$/.test(
      name,
    ) &&
    !given.has('--no-deps')
  )
    writesAt({ ...call, cwd: [...(call.cwd ?? []), call.footprint.folder] }, 'Cargo.lock');
  const inFolder = { ...call, cwd: [...(call.cwd ?? []), call.footprint.folder] };
  if (
    /^(?:tree|metadata|search|info|pkgid|locate-project|fetch|update|generate-lockfile|audit|deny|machete|outdated|verify-project)$/.test(
      name,
    )
  )
    return;
  if (name === 'fmt')
    return hasAny(given, '--check') ||
      operands.some(({ text }) => text === '--check') ||
      args.some(({ text }) => text === '--check')
      ? undefined
      : writesWhole(call);
  if (name === 'fix' || (name === 'clippy' && given.has('--fix'))) {
    locks(inFolder, 'target');
    return writesWhole(call);
  }
  if (/^(?:check|c|clippy|test|t|nextest)$/.test(name)) return locks(inFolder, 'target');
  if (/^(?:build|b|doc|d|bench|clean)$/.test(name)) {
    locks(inFolder, 'target');
    return writesAt(inFolder, 'target');
  }
  if (/^(?:add|remove|rm)$/.test(name))
    return writesAt({ ...call, cwd: [...(call.cwd ?? []), call.footprint.folder] }, 'Cargo.toml');
  call.footprint.barrier(`it is not known what cargo ${name} does`);
};

const go: Row = (call) => {
  infers(call);
  const [first, ...rest] = call.args;
  const { given, operands, loose } = readOptions(rest, {
    valued: names(
      '-o -run -bench -count -timeout -tags -ldflags -gcflags -coverprofile -cpuprofile -memprofile -blockprofile -mutexprofile -trace -outputdir -parallel -p -mod -modfile -coverpkg -cpu -skip -fuzz -fuzztime -benchtime -covermode -vettool -f -C -exec -toolexec -overlay -pkgdir',
    ),
    oneDash: true,
  });
  if (loose || hasAny(given, '-C', '-exec', '-toolexec', '-vettool', '-modfile', '-overlay', '-pkgdir'))
    return call.footprint.barrier('it is not known what its options make it do');
  const name = first?.text ?? '';
  const profiles = valuesOf(
    given,
    '-coverprofile',
    '-cpuprofile',
    '-memprofile',
    '-blockprofile',
    '-mutexprofile',
    '-trace',
    '-outputdir',
    '-o',
  );
  if (/^(?:version|help|env)$/.test(name))
    return given.has('-w') || given.has('-u') ? call.footprint.barrier('it changes settings') : undefined;
  if (!/^(?:test|build|vet|list|mod|fmt|get|doc)$/.test(name))
    return call.footprint.barrier(`it is not known what go ${name} does`);
  readsWhole(call);
  writes(call, ...profiles);
  if (given.has('-mod') && valuesOf(given, '-mod').some(({ text }) => text === 'mod')) writesAt(call, 'go.mod', 'go.sum');
  // A single program is written where it stands, by a name that go.mod says.
  if (name === 'build' && !given.has('-o')) writes(call, literal('.'));
  if (name === 'test' && (given.has('-c') || profiles.length > 0)) writesAt(call, '*.test');
  if (name === 'test' && given.has('-fuzz')) writesWhole(call);
  if (name === 'fmt') given.has('-n') ? undefined : writesWhole(call);
  if (name === 'get') writesAt({ ...call, cwd: [...(call.cwd ?? []), call.footprint.folder] }, 'go.mod', 'go.sum');
  const sub = operands[0]?.text ?? '';
  if (name === 'mod' && !/^(?:download|verify|graph|why)$/.test(sub))
    writesAt(
      { ...call, cwd: [...(call.cwd ?? []), call.footprint.folder] },
      'go.mod',
      'go.sum',
      ...(sub === 'vendor' ? ['vendor'] : []),
    );
};

const compiler: Row = (call) => {
  infers(call);
  const { given, operands, loose } = readOptions(call.args, {
    valued: names('-o -I -L -D -include -isystem -x -MF'),
    oneDash: true,
  });
  if (call.args.length === 1 && hasAny(given, '-version', '-v', '-dumpversion')) return;
  if (loose || operands.some(({ text }) => text?.startsWith('@')))
    return call.footprint.barrier('it is not known what its options make it write');
  readsWhole(call);
  reads(call, ...operands);
  const sure = [...given.keys()].every((name) =>
    /^-(?:o|I.*|L.*|D.*|l.*|O\w*|W.*|std|g\d?|f(?!profile|dump|callgraph|stack-usage|time-trace|save).*|m.*|c|E|pthread|pedantic|shared|static|include|isystem|x|fsyntax-only|w)$/.test(
      name,
    ),
  );
  writes(call, ...valuesOf(given, '-o'));
  if (hasAny(given, '-fsyntax-only', '-E') && sure) return;
  if (!given.has('-o') || !sure) writes(call, literal('.'));
};

const java = check({
  values: '-cp -classpath --class-path -source -target --release -encoding',
  writes: '-d -s -h',
  oneDash: true,
  also: (call, { given }) => (given.has('-d') ? undefined : writesWhole(call)),
});

const esbuild: Row = (call) => {
  infers(call);
  const { given, loose } = readOptions(call.args, { valued: new Set() });
  if (
    loose ||
    hasAny(given, '--serve', '--watch', '--servedir') ||
    [...given.keys()].some((name) => name.startsWith('--allow-overwrite'))
  )
    return call.footprint.barrier('it is not known what it writes');
  if (given.has('--version')) return;
  readsWhole(call);
  const outputs = valuesOf(given, '--outfile', '--metafile');
  writes(
    call,
    ...outputs,
    ...outputs.flatMap((file) => ['.map', '.LEGAL.txt'].map((ending) => ({ glob: file.glob + ending }))),
    ...valuesOf(given, '--outdir'),
  );
  // A style beside a script is named after it.
  writes(call, ...valuesOf(given, '--outfile').map((file) => ({ glob: file.glob.replace(/\.\w+$/, '.*') })));
};

const terraform: Row = (call) => {
  const [first, ...args] = call.args;
  if (first?.text === 'fmt') check({ fixUnless: '-check', oneDash: true })({ ...call, args });
  else call.footprint.barrier('it reaches beyond files');
};

const kubectl: Row = (call) => {
  const name = call.args.find(({ text }) => !text?.startsWith('-'))?.text ?? '';
  if (
    !/^(?:get|describe|logs|version|cluster-info|api-resources|explain|top|api-versions|auth)$/.test(name) ||
    call.args.some((word) => word.loose || /^--(?:raw|cache-dir|output-directory)/.test(word.text ?? ''))
  )
    call.footprint.barrier('it changes something outside of the folder');
  const { given } = readOptions(call.args, { valued: names('-f --filename --kubeconfig -k') });
  reads(call, ...valuesOf(given, '-f', '--filename', '--kubeconfig', '-k'));
  if (call.env['HOME'] !== undefined) reads(call, literal(`${call.env['HOME']}/.kube`));
};

const gh: Row = (call) => {
  const [first, second, ...rest] = call.args.map(({ text }) => text ?? '');
  if (first === '--version' || first === 'version') return;
  const isView =
    /^(?:pr|issue|run|repo|release|workflow|gist|label)$/.test(first ?? '') &&
    /^(?:view|list|status|checks|diff)$/.test(second ?? '');
  const isApi =
    first === 'api' &&
    !rest.some((text) => /^(?:-X|--method|-f|-F|--field|--raw-field|--input)/.test(text)) &&
    !second?.startsWith('-');
  const isSearch = first === 'search' || (first === 'auth' && second === 'status');
  if (
    (!isView && !isApi && !isSearch) ||
    call.args.some((word) => word.loose) ||
    rest.some((text) => /^(?:--web|-w)$/.test(text))
  )
    return call.footprint.barrier('it changes something outside of the folder');
  readsAt({ ...call, cwd: [...(call.cwd ?? []), call.footprint.folder] }, '.git');
};

export const CHECKS: Table = {
  ...PYTHON,
  python, python3: python, node, cargo, go, gcc: compiler, 'g++': compiler, cc: compiler, clang: compiler, 'clang++': compiler, javac: java, kubectl, terraform, gh,
  gofmt: (call) => row({ operands: 'read', update: '-w', values: '-r', barrier: '-cpuprofile', oneDash: true })(call),
  rustfmt: check({ reads: 'files', configuration: ['rustfmt.toml', '.rustfmt.toml'], fixUnless: '--check --version', values: '--edition --config --config-path', flags: '--config-path' }),
  rustc: (call) => (call.args.every(({ text }) => /^(?:-V|-vV|--version|--print=.*)$/.test(text ?? '')) ? undefined : call.footprint.barrier('it is not known what it writes')),
  'golangci-lint': (call) => (call.args[0]?.text === 'run' ? check({ caches: ['.golangci'], fix: '--fix', values: '-c --config --timeout -E -D --enable --disable --out-format', barrier: '--new-from-x', flags: '--out-format' })({ ...call, args: call.args.slice(1) }) : call.args[0]?.text === '--version' ? undefined : call.footprint.barrier('it is not known what it does')),
  staticcheck: check({ values: '-checks -f -tags -go', oneDash: true }), govulncheck: check({ oneDash: true, values: '-format -mode -tags -test-x' }),
  shellcheck: check({ values: '-s --shell -S --severity -e --exclude -f --format -P --source-path -i --include -o --enable', flags: '-o -i' }),
  shfmt: row({ operands: 'read', update: '-w --write', values: '-i -ln --indent --language-dialect', flags: '-i' }),
  hadolint: check({ values: '-c --config -f --format --ignore' }), yamllint: check({ values: '-c -d -f' }), actionlint: check({ values: '-config-file -format -ignore', oneDash: true }),
  deno: (call) => {
    const [first, ...rest] = call.args;
    const at = { ...call, args: rest };
    if (first?.text === 'fmt') check({ reads: 'files', configuration: ['deno.json', 'deno.jsonc'], fixUnless: '--check', values: '--config -c --ext --ignore' })(at);
    else if (first?.text === 'lint' || first?.text === 'check') check({ fix: '--fix', values: '--config -c --ignore --rules-tags' })(at);
    else if (first?.text !== '--version') call.footprint.barrier('it runs a program of its own');
  },
  php: (call) => (call.args[0]?.text === '-l' ? reads(call, ...call.args.slice(1)) : /^(?:-v|--version|-m)$/.test(call.args[0]?.text ?? '') ? undefined : call.footprint.barrier('it runs a program of its own')),
  ruby: (call) => (call.args[0]?.text === '-c' ? reads(call, ...call.args.slice(1)) : /^(?:-v|--version)$/.test(call.args[0]?.text ?? '') ? undefined : call.footprint.barrier('it runs a program of its own')),
  rubocop: check({ fix: '-a -A --autocorrect --autocorrect-all --auto-correct -x --fix-layout', writesAll: '--auto-gen-config --regenerate-todo', values: '-c --config -f --format --only --except', writes: '-o --out', caches: ['.rubocop_cache'] }),
  rspec: check({ values: '-t --tag -e --example -f --format -r -I --seed --order', writes: '-o --out', caches: ['.rspec_status'] }),
  phpstan: check({ values: '-c --configuration -l --level --memory-limit --error-format', barrier: '--generate-baseline -b', caches: ['.phpstan'], flags: '--configuration' }),
  phpunit: check({ values: '-c --configuration --filter --testsuite --group', barrier: '--coverage-html --coverage-clover --coverage-text --log-junit --testdox-html --testdox-text', caches: ['.phpunit.result.cache', '.phpunit.cache'] }),
  'bun-test': tests(['coverage']),
}; // biome-ignore format: a table is read by rows

/** Programs that packages of Node bring; `npx` starts only these. */
export const NODE_PROGRAMS: Table = {
  eslint, tsc, 'vue-tsc': tsc, prettier, biome, '@biomejs/biome': biome, vitest, esbuild, typescript: tsc,
  tsgo: tsc,
  jest: tests(['node_modules/.cache/jest', 'coverage'], { writes: '--outputFile', snapshots: '-u --updateSnapshot --init', directories: '--coverageDirectory', flags: '-o --onlyChanged --ci', barrier: '--clearCache --cacheDirectory' }),
  mocha: tests([], { values: '-u --ui --import -n --extension --recursive-x --file', barrier: '-O --reporter-options --reporter-option --compilers', flags: '--file --ignore-x' }),
  ava: tests(['node_modules/.cache/ava'], { values: '-m --match -T -C --concurrency --node-arguments', snapshots: '-u --update-snapshots' }),
  oxlint: check({ fix: '--fix --fix-suggestions --fix-dangerously', values: '-c --config -A -W -D -f --format --ignore-path --ignore-pattern', flags: '--init-x', barrier: '--init' }),
  stylelint: check({ fix: '--fix', caches: ['.stylelintcache'], values: '-c --config -f --formatter --ignore-path -i --config-basedir --custom-syntax', writes: '-o --output-file --cache-location', flags: '-i' }),
  xo: check({ fix: '--fix', caches: ['node_modules/.cache/xo-linter'], values: '--reporter --config' }), standard: check({ fix: '--fix', caches: ['node_modules/.cache/standard'], values: '--parser --plugin --env' }),
  tsd: check({ values: '-t -f --typings --files' }), knip: check({ writesAll: '--fix --fix-type --allow-remove-files', values: '--reporter --config -c -t --tsConfig -W', flags: '--format' }), depcheck: check({ values: '--ignores --ignore-patterns --specials' }), madge: check({ values: '--extensions --ts-config -x --exclude', barrier: '-i --image --image-x' }),
  markdownlint: check({ fix: '-f --fix', values: '-c --config -i --ignore -r --rules', writes: '-o --output', flags: '-i' }), 'markdownlint-cli2': check({ fix: '--fix', values: '--config' }), cspell: check({ values: '-c --config -r --root --locale -e', caches: ['.cspellcache'] }), publint: check({ }),
  'ts-unused-exports': check({}), 'type-coverage': check({ barrier: '--update' }), attw: check({ values: '-f --format', barrier: '--pack' }),
}; // biome-ignore format: a table is read by rows
