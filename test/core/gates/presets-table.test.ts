import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { WORKERS_PLACEHOLDER } from '../../../src/core/gate-model.js';
import { PARSER_NAMES } from '../../../src/core/gates/parser-names.js';
import { PARSERS } from '../../../src/core/gates/parsers.js';
import type { Preset } from '../../../src/core/gates/preset.js';
import { PRESETS } from '../../../src/core/gates/presets.js';

const golden = path.join(import.meta.dirname, '../../fixtures/golden');

function each(title: string, check: (preset: Preset) => void): void {
  it(title, () => {
    for (const preset of PRESETS) {
      try {
        check(preset);
      } catch (error) {
        throw new Error(`${preset.id}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });
}

describe('The table of tools', () => {
  it('has each id once', () => {
    const ids = PRESETS.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
    for (const id of ids) assert.match(id, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  it('never answers from the cache what commits decide, which no file tells', () => {
    const asking = PRESETS.filter(({ asksGit }) => asksGit).map(({ id }) => id);
    assert.deepEqual(asking.sort(), ['commitlint', 'gitleaks', 'pre-commit']);
  });

  it('lists the names of all parsers', () => {
    assert.deepEqual(PARSER_NAMES, Object.keys(PARSERS));
  });

  each('has a parser, a program, documentation and a way to install for every tool', (preset) => {
    assert.ok(Object.hasOwn(PARSERS, preset.parser), preset.parser);
    assert.ok(preset.programs.length > 0);
    assert.match(preset.documentation, /^https:\/\/\S+$/);
    assert.ok(preset.install.length > 0);
  });

  each('calls checks what it would call itself', ({ defaultOptions, isCalledBy, isCheck, isFix }) => {
    assert.ok(isCalledBy(defaultOptions));
    assert.ok(isCheck(defaultOptions) || defaultOptions.length === 0, `isCheck(${defaultOptions.join(' ')})`);
    assert.ok(!isFix(defaultOptions));
  });

  each('tells a fix from a check', ({ defaultOptions, fix, isCheck, isFix }) => {
    const options = fix?.(defaultOptions);
    if (!options) return;
    assert.ok(!isCheck(options), `isCheck(${options.join(' ')})`);
    assert.ok(isFix(options), `isFix(${options.join(' ')})`);
  });

  each('divides by files only what takes files, and says why when it never divides', ({ sharding, takes }) => {
    if (sharding.kind === 'files') assert.ok(takes.length > 0);
    if (sharding.kind === 'never') assert.match(sharding.reason, /^[a-z].*[^.]$/);
  });

  each('needs files only where it takes some', ({ needsFiles, takes, defaultTargets }) => {
    if (needsFiles) assert.ok(takes.length > 0 && defaultTargets.length === 0);
  });

  each('says how many workers where it says that there are any', ({ workers }) => {
    if (!workers) return;
    const told = [...workers.options, ...Object.values(workers.env)];
    if (told.length > 0) assert.ok(told.some((text) => text.includes(WORKERS_PLACEHOLDER)));
  });

  each('reads its configuration', ({ configFiles, reads }) => {
    if (reads.includes('**')) return;
    assert.ok(configFiles.length === 0 || reads.length > 1, 'a narrow list of what it reads has to hold its configuration');
  });

  each('says truly what its parser was tested on', ({ id, testedOn }) => {
    const folder = path.join(golden, id);
    const cases = existsSync(folder)
      ? readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'expected.json')))
      : [];
    assert.ok(cases.length > 0, 'there is no golden file');
    const ran = cases.some((name) => existsSync(path.join(folder, name, 'call.json')));
    assert.equal(testedOn, ran ? 'real tool' : 'documentation');
  });
});
