// `npm run claims`: from a fresh clone to claims about parallel execution, each measured with real waiting (bench/claims/README.md).
// @ts-check
import path from 'node:path';
import { main, root, run, UserError } from './processes.mjs';
import { build, ensureDependencies } from './setup.mjs';

await main(async () => {
  if (process.platform === 'win32')
    throw new UserError('What stands in for slow tools are programs of a Unix shell.', 'Run it on Linux or macOS.');
  await ensureDependencies();
  await build({ minify: true });
  const program = path.join(root, 'bench', 'claims', 'run.ts');
  const { exitCode } = await run([process.execPath, '--import', 'tsx', program, ...process.argv.slice(2)], { cwd: root });
  return exitCode;
});
