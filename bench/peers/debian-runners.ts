/** Runners that Debian has packages of. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Job, type JobSet, lineOf } from './job-set.js';
import type { Runner } from './runner.js';

export const xargs: Runner = {
  id: 'xargs',
  name: 'xargs -P',
  source: { kind: 'debian', packageName: 'findutils', program: 'xargs', versionOption: '--version' },
  orders: false,
  caches: false,
  limits: true,
  async prepare({ jobs, slots }, { folder }) {
    const [program = 'true'] = jobs[0]?.argv ?? [];
    if (jobs.some(({ argv }) => argv[0] !== program)) throw new Error('xargs calls one program.');
    // `true` takes no notice of its name.
    const lines = jobs.map(({ id, argv }) => (argv.length > 1 ? argv.slice(1).join(' ') : id));
    await writeFile(path.join(folder, 'arguments'), `${lines.join('\n')}\n`);
    return { argv: ['xargs', '-a', 'arguments', '-P', String(slots), '-L', '1', program], cwd: folder };
  },
};

export const parallel: Runner = {
  id: 'parallel',
  name: 'GNU parallel',
  source: { kind: 'debian', packageName: 'parallel', program: 'parallel', versionOption: '--version' },
  orders: false,
  caches: false,
  limits: true,
  async prepare({ jobs, slots }, { folder }) {
    await writeFile(path.join(folder, 'commands'), `${jobs.map(lineOf).join('\n')}\n`);
    return { argv: ['parallel', '--will-cite', '-a', 'commands', '-j', String(slots)], cwd: folder };
  },
};

export const make: Runner = {
  id: 'make',
  name: 'make -j',
  source: { kind: 'debian', packageName: 'make', program: 'make', versionOption: '--version' },
  note: 'with `-k`; with `-O` where output is to be grouped',
  orders: true,
  caches: true,
  limits: true,
  async prepare({ jobs, slots, cached = false, grouped = false }, { folder }) {
    const target = ({ id, output }: Job) => (cached && output !== undefined ? output : id);
    const rules = jobs.map((job) => {
      const before = cached && job.input !== undefined ? [job.input] : (job.needs ?? []);
      return `${target(job)}: ${before.join(' ')}\n\t@${lineOf(job)}\n`;
    });
    const all = jobs.map(target).join(' ');
    await writeFile(path.join(folder, 'Makefile'), `all: ${all}\n.PHONY: all ${cached ? '' : all}\n${rules.join('')}`);
    await makeDirectories(jobs, folder);
    return { argv: ['make', '-k', ...(grouped ? ['-O'] : []), `-j${slots}`], cwd: folder };
  },
};

export const ninja: Runner = {
  id: 'ninja',
  name: 'ninja',
  source: { kind: 'debian', packageName: 'ninja-build', program: 'ninja', versionOption: '--version' },
  note: 'with `-k 0`',
  orders: true,
  caches: true,
  limits: true,
  async prepare({ jobs, slots, cached = false }: JobSet, { folder }) {
    const rules = jobs.map((job) => {
      const before = cached && job.input !== undefined ? [job.input] : (job.needs ?? []);
      const target = cached && job.output !== undefined ? job.output : job.id;
      return `build ${target}: job ${before.join(' ')}\n  line = ${lineOf(job)}\n`;
    });
    // What makes no file is never up to date, so that it always runs.
    await writeFile(path.join(folder, 'build.ninja'), `rule job\n  command = $line\n${rules.join('')}`);
    await makeDirectories(jobs, folder);
    return { argv: ['ninja', '-k', '0', '-j', String(slots)], cwd: folder };
  },
};

/** Of the files that jobs make. */
export async function makeDirectories(jobs: readonly Job[], folder: string): Promise<void> {
  const directories = new Set(jobs.flatMap(({ output }) => (output === undefined ? [] : [path.dirname(output)])));
  for (const directory of directories) await mkdir(path.join(folder, directory), { recursive: true });
}
