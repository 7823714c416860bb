import assert from 'node:assert/strict';
import { checkOfHook } from '../../../src/core/gates/evidence/known-hooks.js';
import { CI, detected, gatesOf, run, workflow } from '../../support/detected.js';

const HOOKS = '.pre-commit-config.yaml';
const hooksOf = (...hooks: readonly string[]) =>
  `repos:\n  - repo: https://github.com/x/y\n    hooks:\n${hooks.map((hook) => `      - { ${hook} }\n`).join('')}`;
const localHooks = (...hooks: readonly string[]) =>
  `repos:\n  - repo: local\n    hooks:\n${hooks.map((hook) => `      - { ${hook} }\n`).join('')}`;

describe('a hook of pre-commit', () => {
  it('is the check that its name says, with what the project adds to it, and without what mends', () => {
    const check = (id: string, args: readonly string[], expected: string | undefined) =>
      assert.equal(checkOfHook(id, args)?.join(' '), expected, `${id} ${args.join(' ')}`);
    check('reuse', [], 'reuse lint');
    check('reuse', ['annotate', '--license', 'MIT'], 'reuse annotate --license MIT');
    check('reuse', ['lint', '--quiet'], 'reuse lint --quiet');
    check('semgrep', ['scan', '--config', 'auto', '--error'], 'semgrep scan --config auto --error');
    check('semgrep', ['--config', 'auto', '--error'], 'semgrep scan --config auto --error');
    check('fmt', ['--all', '--', '--check'], 'cargo fmt --all -- --check');
    check('clippy', ['--', '-D', 'warnings'], 'cargo clippy -- -D warnings');
    check('shfmt', ['-d', '-w', '-i', '2'], 'shfmt -d -i 2');
    check('rubocop', ['-A', '--force-exclusion'], 'rubocop --force-exclusion');
    check('terraform_fmt', ['--args=-write', '--hook-config=--retry=3'], 'terraform fmt -check -recursive');
    check('docformatter', ['-i', '--wrap-summaries', '100'], 'docformatter --check --recursive . --wrap-summaries 100');
    check('vulture', ['src', 'vulture'], 'vulture src vulture');
    check('nobody-knows', [], undefined);
    check('constructor', [], undefined);
  });

  it('whose arguments have it change files is no gate', async () => {
    assert.deepEqual(await gatesOf({ [HOOKS]: hooksOf('id: reuse, args: [annotate, --license, MIT]') }), []);
    assert.deepEqual(await gatesOf({ [HOOKS]: hooksOf('id: reuse') }), ['reuse: reuse lint']);
  });

  it('that starts a program of the repository is a gate by its program where that is called a check', async () => {
    const files = {
      [HOOKS]: localHooks(
        'id: check-changes, name: Check CHANGES, language: system, entry: ./tools/check_changes.py, pass_filenames: false',
        'id: sync, language: system, entry: ./tools/sync.py, pass_filenames: false',
        'id: message, language: system, entry: ./tools/check_message.py, stages: [commit-msg]',
        'id: validate-schema, language: system, entry: python tools/schema.py, pass_filenames: false',
      ),
      'tools/check_changes.py': '',
      'tools/sync.py': '',
      'tools/check_message.py': '',
      'tools/schema.py': '',
    };
    assert.deepEqual(
      (await detected(files)).map(({ id, command }) => `${id}: ${command.argv.slice(1).join(' ')}`),
      ['tools-check-changes: ', 'sync: run sync --all-files --color=never', 'schema: tools/schema.py'],
    );
  });

  it('that takes files is run by pre-commit, unless its tool is known to find them itself', async () => {
    const files = {
      [HOOKS]: localHooks(
        'id: headers, language: system, entry: tools/check_headers.py --year',
        'id: types, language: system, entry: mypy src',
      ),
      'tools/check_headers.py': '',
    };
    assert.deepEqual(
      (await gatesOf(files)).map((each) => each.replace(/ --show.*/, '')),
      ['tools-check-headers: pre-commit run headers --all-files', 'mypy: mypy src'],
    );
  });

  it('of a pattern that must not be there only looks, whatever other hooks are called', async () => {
    const text = `${localHooks('id: no-print, language: pygrep, entry: print', 'id: tidy rust, language: system, entry: make tidy')}ci: { autoupdate_schedule: monthly }\n`;
    const [gate] = await detected({ [HOOKS]: text, [CI]: workflow(run('true')) });
    assert.deepEqual(
      [gate?.command.argv.slice(1), gate?.command.env],
      [['run', '--all-files', '--color=never'], { SKIP: 'tidy rust' }],
    );
  });

  it('stands in prek.toml, too', async () => {
    const text = '[[repos]]\nrepo = "https://github.com/x/y"\nhooks = [{ id = "codespell" }, { id = "reuse" }]\n';
    assert.deepEqual(
      (await detected({ 'prek.toml': text })).map(({ id }) => id),
      ['codespell', 'reuse'],
    );
  });
});
