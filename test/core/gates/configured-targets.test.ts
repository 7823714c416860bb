import assert from 'node:assert/strict';
import { detected } from '../../support/detected.js';

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
});
