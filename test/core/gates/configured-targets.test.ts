import assert from 'node:assert/strict';
import { detected, run, workflow } from '../../support/detected.js';

describe('Targets of a tool', () => {
  const scripts = (test: string) => JSON.stringify({ scripts: { test } });

  it('are those of its configuration, where that names some and its call none', async () => {
    const targetsOf = async (call: string, files: Readonly<Record<string, string>>) => {
      const [gate] = await detected({ 'package.json': scripts(call), ...files });
      return gate?.files.kind === 'files' ? gate.files.targets.join(' ') : undefined;
    };
    assert.equal(await targetsOf('cspell --no-progress', { 'cspell.json': '{ "version": "0.2" }' }), '.');
    assert.equal(await targetsOf('cspell --no-progress', { 'cspell.json': '{ "files": ["docs/**"] }' }), '');
    assert.equal(await targetsOf('cspell --no-progress', { 'cspell.config.yaml': 'version: "0.2"\nfiles:\n  - docs/**\n' }), '');
    assert.equal(await targetsOf('cspell src', { 'cspell.json': '{ "files": ["docs/**"] }' }), 'src');
    assert.equal(await targetsOf('markdownlint-cli2', { '.markdownlint-cli2.yaml': 'config: {}\n' }), '**/*.md #node_modules');
    assert.equal(await targetsOf('markdownlint-cli2', { '.markdownlint-cli2.jsonc': '{\n  "globs": ["docs/*.md"] }' }), '');
    assert.equal(await targetsOf('markdownlint-cli2', { '.markdownlint-cli2.mjs': 'export default {\n  globs: ["a"] };' }), '');
  });

  it('are all files that git knows of where the call is handed some that only it knows while it runs', async () => {
    const filesIn = async (line: string) => {
      const [gate] = await detected({ '.github/workflows/ci.yml': workflow(run(line)) });
      assert.equal(gate?.files.kind, 'files', line);
      return gate?.files.kind === 'files' ? [gate.files.targets.join(' '), gate.files.needsFiles === true] : [];
    };
    assert.deepEqual(await filesIn("flake8 $(git ls-files '*.py')"), ['', true]);
    assert.deepEqual(await filesIn('yamllint -s $(git ls-files)'), ['', true]);
    assert.deepEqual(await filesIn("git ls-files -z '*.py' | xargs -0 black --check"), ['', true]);
    assert.deepEqual(await filesIn('flake8 src $MORE'), ['src', false]);
    assert.deepEqual(await filesIn('yamllint -c $CONFIG'), ['.', false]);
    assert.deepEqual(await filesIn('yamllint -s'), ['.', false]);
  });
});
