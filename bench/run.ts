/**
 * `npm run bench`: Volley's own measurements, then Volley beside its peers. `npm run bench -- own`, `npm run bench -- peers [KIND…]`.
 * Installs and builds what is missing, so that a fresh clone will do. Nothing here passes or fails by what was measured.
 */
import path from 'node:path';
import process from 'node:process';
import { main, root, run, UserError } from '../scripts/processes.mjs';
import { build, ensureDependencies } from '../scripts/setup.mjs';

const PARTS: Readonly<Record<string, string>> = { own: 'own.ts', peers: 'peers/peers.ts', calibration: 'calibration.ts' };

await main(async () => {
  const [name, ...rest] = process.argv.slice(2);
  const names = name === undefined ? Object.keys(PARTS) : [name];
  if (name !== undefined && !(name in PARTS))
    throw new UserError(`There is no part ${name} of the benchmarks.`, `There are: ${Object.keys(PARTS).join(', ')}.`);
  await ensureDependencies();
  await build();
  let worst = 0;
  for (const part of names) {
    const program = path.join(root, 'bench', PARTS[part] ?? '');
    const { exitCode } = await run([process.execPath, '--import', 'tsx', program, ...rest]);
    // One part that could not be measured takes nothing from the others.
    worst = Math.max(worst, exitCode ?? 1);
  }
  return worst;
});
