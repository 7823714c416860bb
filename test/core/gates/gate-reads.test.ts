import assert from 'node:assert/strict';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Reads } from '../../../src/core/gate-model.js';
import { type ReadsOptions, readsOfGate } from '../../../src/core/gates/gate-reads.js';
import { PRESETS } from '../../../src/core/gates/presets.js';
import { realDisk } from '../../../src/core/gates/resolve.js';
import { inTemporaryDirectory } from '../../support/processes.js';

interface Asked {
  readonly options?: readonly string[];
  readonly program?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** In a folder two below a home folder. */
async function inHome(
  use: (place: { home: string; folder: string; of(id: string, asked?: Asked): Promise<Reads | undefined> }) => Promise<void>,
) {
  await inTemporaryDirectory(async (temporary) => {
    const home = await realpath(temporary);
    const folder = path.join(home, 'src/repository');
    await mkdir(folder, { recursive: true });
    const of = (id: string, { options = [], program = ['/opt/none/bin/tool'], env = {} }: Asked = {}) => {
      const preset = PRESETS.find((each) => each.id === id);
      assert.ok(preset);
      const asked: ReadsOptions = {
        ...{ preset, category: preset.category, program, directory: folder, folder, options, targets: [], own: [] },
        ...{ env: { HOME: home, PATH: '/opt/none/bin', ...env }, disk: realDisk() },
      };
      return readsOfGate(asked);
    };
    await use({ home, folder, of });
  });
}

describe('What a gate reads', () => {
  it('is also what the user has set for the tool, and what lies in directories above the workspace', async () => {
    await inHome(async ({ home, folder, of }) => {
      const also = async (id: string, asked?: Asked) => new Set((await of(id, asked))?.also);
      const cases: readonly [id: string, file: string][] = [
        ['mypy', '.config/mypy/config'],
        ['black', '.config/black'],
        ['ruff', '.config/ruff/ruff.toml'],
        ['shellcheck', '.shellcheckrc'],
        ['prettier', '.prettierrc'],
        ['prettier', 'src/.editorconfig'],
        ['hadolint', 'src/.hadolint.yaml'],
        ['eslint', 'src/eslint.config.js'],
        ['tsc', 'src/node_modules/.package-lock.json'],
        ['cargo-clippy', '.cargo/config.toml'],
        ['pytest', '.python-version'],
        ['ruff', '.config/git/ignore'],
      ];
      for (const [id, file] of cases) assert.ok((await also(id)).has(path.join(home, file)), `${file} of ${id}`);
      assert.ok((await also('ruff')).has(path.join(folder, '.git/info/exclude')));
      assert.ok((await also('actionlint')).has('/opt/none/bin/shellcheck'));
      assert.ok((await also('ruff', { env: { XDG_CONFIG_HOME: '/conf' } })).has('/conf/ruff/ruff.toml'));
    });
  });

  it('is the environment of its tool, and all of it for a test', async () => {
    await inHome(async ({ of }) => {
      assert.ok((await of('eslint'))?.env.includes('ESLINT*'));
      assert.ok((await of('ruff-format'))?.env.includes('RUFF*'));
      assert.ok(!(await of('eslint'))?.env.includes('*'));
      assert.ok((await of('node-test'))?.env.includes('*'));
    });
  });

  it('is not known where the project is made of what lies outside of its repository', async () => {
    await inHome(async ({ home, folder, of }) => {
      const reads = async (name: string, text: string) => {
        await writeFile(path.join(folder, name), text);
        const found = await of('tsc');
        await writeFile(path.join(folder, name), '');
        return found !== undefined;
      };
      assert.equal(await reads('tsconfig.json', '{ "extends": "./base.json", "include": ["a/../b", "..."] }'), true);
      assert.equal(await reads('tsconfig.json', '{ "extends": "../base.json" }'), false);
      assert.equal(await reads('Cargo.toml', 'crate = { path = "../crate" }'), false);
      assert.equal(await reads('go.mod', 'replace a => ../a'), false);
      await mkdir(path.join(home, 'src/.git'));
      assert.equal(await reads('tsconfig.json', '{ "extends": "../base.json" }'), true, 'the repository counts as a whole');
      assert.equal(await reads('tsconfig.json', '{ "extends": "../../base.json" }'), false);
    });
  });

  it('is not known where the tool asks git, or loads what is worked on elsewhere', async () => {
    await inHome(async ({ home, folder, of }) => {
      assert.equal(await of('jest', { options: ['--onlyChanged'] }), undefined);
      assert.equal(await of('vitest', { options: ['--changed=main'] }), undefined);
      assert.equal(await of('golangci-lint', { options: ['--new-from-rev=HEAD'] }), undefined);
      assert.equal(await of('gitleaks', { options: ['git'] }), undefined);
      assert.ok(await of('gitleaks', { options: ['dir', '.'] }));
      const library = path.join(folder, '.venv/lib/python3.12/site-packages');
      const information = path.join(library, 'plugin-1.dist-info');
      await mkdir(information, { recursive: true });
      const program = [path.join(folder, '.venv/bin/pytest')];
      const installed = async (place: string) => {
        const text = JSON.stringify({ url: `file://${place}`, dir_info: { editable: true } });
        await writeFile(path.join(information, 'direct_url.json'), text.replaceAll(':{', ': {').replaceAll(':true', ': true'));
        return of('pytest', { program });
      };
      const own = await installed(folder);
      // A package that is installed later is told by its directory.
      assert.ok(own?.also.includes(library));
      assert.equal(await installed(path.join(home, 'plugin')), undefined);
    });
  });
});
