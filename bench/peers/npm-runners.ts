/** Runners that npm has packages of, started as their documentation has it, without `npx` before them. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectories } from './debian-runners.js';
import { type Job, lineOf } from './job-set.js';
import type { Places, Runner } from './runner.js';

export const concurrently: Runner = {
  id: 'concurrently',
  name: 'concurrently',
  source: { kind: 'npm', packageName: 'concurrently', version: '9.2.5' },
  note: 'with `--group` where output is to be grouped',
  orders: false,
  caches: false,
  limits: true,
  async prepare({ jobs, slots, grouped = false }, { folder, programs }) {
    const options = ['-m', String(slots), ...(grouped ? ['--group'] : []), '-n', jobs.map(({ id }) => id).join(',')];
    return { argv: [path.join(programs, 'concurrently'), ...options, ...jobs.map(lineOf)], cwd: folder };
  },
};

export const npmRunAll: Runner = {
  id: 'npm-run-all2',
  name: 'npm-run-all2',
  source: { kind: 'npm', packageName: 'npm-run-all2', version: '8.0.4' },
  note: 'with `--continue-on-error`; with `--aggregate-output` where output is to be grouped',
  orders: false,
  caches: false,
  limits: true,
  async prepare({ jobs, slots, grouped = false }, places) {
    await writePackage(places, { scripts: Object.fromEntries(jobs.map((job) => [`job:${job.id}`, lineOf(job)])) });
    const options = ['--parallel', '--max-parallel', String(slots), '--continue-on-error'];
    const aggregated = grouped ? ['--aggregate-output'] : [];
    return { argv: [path.join(places.programs, 'npm-run-all'), ...options, ...aggregated, 'job:*'], cwd: places.folder };
  },
};

export const wireit: Runner = {
  id: 'wireit',
  name: 'wireit',
  source: { kind: 'npm', packageName: 'wireit', version: '0.14.13' },
  note: 'started by `npm run`, as it has to be; with `WIREIT_FAILURES=continue`',
  orders: true,
  caches: true,
  limits: true,
  async prepare({ jobs, slots, cached = false }, places) {
    const tasks = jobs.map((job) => [
      job.id,
      {
        command: lineOf(job),
        ...(job.needs ? { dependencies: job.needs } : {}),
        ...(cached ? { files: [job.input], output: [job.output] } : {}),
      },
    ]);
    const all = { dependencies: jobs.map(({ id }) => id) };
    await writePackage(places, {
      scripts: Object.fromEntries(['all', ...jobs.map(({ id }) => id)].map((id) => [id, 'wireit'])),
      wireit: Object.fromEntries([['all', all], ...tasks]),
    });
    await makeDirectories(jobs, places.folder);
    const env = { WIREIT_PARALLEL: String(slots), WIREIT_FAILURES: 'continue', WIREIT_LOGGER: 'quiet-ci' };
    return { argv: ['npm', 'run', '--silent', 'all'], cwd: places.folder, env };
  },
};

export const turbo: Runner = {
  id: 'turbo',
  name: 'turbo',
  source: { kind: 'npm', packageName: 'turbo', version: '2.11.11' },
  note: 'with `--continue`; without telemetry and notice of updates',
  orders: true,
  caches: true,
  limits: true,
  async prepare({ jobs, slots, cached = false, grouped = false }, places) {
    const tasks = jobs.map(({ id, needs = [], input, output }) => [
      id,
      { dependsOn: needs, cache: cached, ...(cached ? { inputs: [input], outputs: [output] } : {}) },
    ]);
    await writePackage(places, { scripts: Object.fromEntries(jobs.map((job) => [job.id, lineOf(job)])) });
    await writeFile(path.join(places.folder, 'turbo.json'), JSON.stringify({ tasks: Object.fromEntries(tasks) }));
    await makeDirectories(jobs, places.folder);
    const options = ['--continue', `--concurrency=${slots}`, ...(grouped ? ['--log-order=grouped'] : [])];
    const env = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
    return {
      argv: [path.join(places.programs, 'turbo'), 'run', ...jobs.map(({ id }) => id), ...options],
      cwd: places.folder,
      env,
    };
  },
};

export const nx: Runner = {
  id: 'nx',
  name: 'nx, with its daemon',
  source: { kind: 'npm', packageName: 'nx', version: '24.0.6' },
  note: 'a project a job; its daemon runs before anything is measured, and is ended afterwards',
  orders: true,
  caches: true,
  limits: true,
  async prepare({ jobs, slots, cached = false }, places) {
    await writePackage(places, {});
    await writeFile(path.join(places.folder, 'nx.json'), JSON.stringify({ analytics: false }));
    for (const job of jobs) {
      const target = {
        executor: 'nx:run-commands',
        options: { command: lineOf(job) },
        cache: cached,
        dependsOn: (job.needs ?? []).map((project) => ({ projects: [project], target: 'go' })),
        ...(cached ? { inputs: [`{workspaceRoot}/${job.input}`], outputs: [`{workspaceRoot}/${job.output}`] } : {}),
      };
      await writeIn(places.folder, `projects/${job.id}/project.json`, { name: job.id, targets: { go: target } });
    }
    await makeDirectories(jobs, places.folder);
    const env = { NX_TUI: 'false', NX_NO_CLOUD: 'true', NX_DAEMON: 'true', NX_SKIP_NX_CACHE: cached ? 'false' : 'true' };
    const argv = [path.join(places.programs, 'nx'), 'run-many', '-t', 'go', `--parallel=${slots}`];
    return { argv, cwd: places.folder, env };
  },
  tidy: ({ argv }) => [argv[0] ?? 'nx', 'daemon', '--stop'],
};

export const lage: Runner = {
  id: 'lage',
  name: 'lage',
  source: { kind: 'npm', packageName: 'lage', version: '2.17.0' },
  note: 'a package a job; with `--continue`',
  orders: true,
  caches: true,
  limits: true,
  async prepare({ jobs, slots, cached = false }, places) {
    const { folder } = places;
    await writePackage(places, { workspaces: ['packages/*'] });
    const configuration = {
      npmClient: 'npm',
      pipeline: { go: { dependsOn: ['^go'], cache: cached, outputs: ['made/**'] } },
      cacheOptions: { outputGlob: ['made/**'], environmentGlob: ['lage.config.js'] },
    };
    await writeFile(path.join(folder, 'lage.config.js'), `module.exports = ${JSON.stringify(configuration)};\n`);
    const locked: Record<string, object> = { '': { name: 'jobs', workspaces: ['packages/*'] } };
    for (const job of jobs) {
      const dependencies = Object.fromEntries((job.needs ?? []).map((need) => [need, '1.0.0']));
      const manifest = { name: job.id, version: '1.0.0', scripts: { go: lageLine(job, cached) }, dependencies };
      await writeIn(folder, `packages/${job.id}/package.json`, manifest);
      if (cached) await writeFile(path.join(folder, 'packages', job.id, 'input.txt'), `${job.id}\n`);
      locked[`packages/${job.id}`] = { name: job.id, version: '1.0.0', dependencies };
    }
    await writeIn(folder, 'package-lock.json', { name: 'jobs', lockfileVersion: 3, packages: locked });
    const options = ['--continue', '--concurrency', String(slots), ...(cached ? [] : ['--no-cache'])];
    return { argv: [path.join(places.programs, 'lage'), 'go', ...options], cwd: folder };
  },
};

/** Its scripts run in their packages, and what is cached has to lie there. */
function lageLine(job: Job, cached: boolean): string {
  return cached ? 'mkdir -p made && cp input.txt made/output.txt' : `cd ../.. && exec ${lineOf(job)}`;
}

export const lefthook: Runner = {
  id: 'lefthook',
  name: 'lefthook',
  source: { kind: 'npm', packageName: 'lefthook', version: '2.2.2' },
  note: 'starts all jobs at once',
  orders: false,
  caches: false,
  limits: false,
  async prepare({ jobs }, { folder, programs }) {
    const commands = jobs.map((job) => `    ${job.id}:\n      run: ${JSON.stringify(lineOf(job))}\n`);
    await writeFile(path.join(folder, 'lefthook.yml'), `go:\n  parallel: true\n  commands:\n${commands.join('')}`);
    return { argv: [path.join(programs, 'lefthook'), 'run', 'go', '--force'], cwd: folder };
  },
};

async function writePackage({ folder, modules }: Places, more: object): Promise<void> {
  const manifest = { name: 'jobs', version: '1.0.0', private: true, packageManager: 'npm@10.9.0', ...more };
  await writeIn(folder, 'package.json', manifest);
  // Some runners are looked for where the workspace is.
  await symlink(modules, path.join(folder, 'node_modules'), 'dir');
}

async function writeIn(folder: string, file: string, value: object): Promise<void> {
  const place = path.join(folder, file);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, JSON.stringify(value));
}
