// `npm start`: from a fresh clone to the main job on real input, and, for somebody who watches, to the editor.
// @ts-check
import { spawn } from 'node:child_process';
import path from 'node:path';
import { newestHost, onPath, serverIsSupported } from './install-host.mjs';
import { main, root, run, UserError } from './processes.mjs';
import { build, ensureDependencies, sample } from './setup.mjs';

await main(async () => {
  await ensureDependencies();
  await build();
  await demonstrate(['list'], [0]);
  // The sample has known defects: a gate that fails there is the right result.
  await demonstrate(['verify', '--pairs', '2', '--html', path.join(root, 'volley-report.html'), '--findings'], [0, 1]);
  if (process.stdin.isTTY && process.stdout.isTTY && !process.env['CI']) await openEditor();
  return 0;
});

/**
 * Runs the command line in the sample workspace.
 *
 * @param {readonly string[]} args
 * @param {readonly number[]} expected exit codes that mean it did its work
 */
async function demonstrate(args, expected) {
  process.stdout.write(`\n$ volley ${args.join(' ')}    (in ${path.relative(root, sample)})\n`);
  const { exitCode } = await run([process.execPath, path.join(root, 'dist', 'cli.cjs'), ...args], { cwd: sample });
  if (expected.includes(exitCode)) return;
  if (exitCode === 130) process.exit(exitCode);
  throw new UserError(`volley ${args[0]} ended with exit code ${exitCode}.`, 'What it wrote above says why.');
}

/** Opens the extension on the sample workspace: in the desktop editor, or in one that a browser shows. */
async function openEditor() {
  const code = await onPath('code');
  if (code && process.platform !== 'win32') {
    process.stdout.write('\nOpening VS Code with the extension on the sample workspace.\n');
    const { exitCode } = await run([code, `--extensionDevelopmentPath=${root}`, sample]);
    if (exitCode === 0) return;
    process.stdout.write(`VS Code could not be opened (exit code ${exitCode}); trying the one for browsers.\n`);
  }
  if (serverIsSupported()) await serveEditor();
  else process.stdout.write('\nTo see the extension, open this folder in VS Code and press F5.\n');
}

/** Stays until Ctrl-C or until the server ends by itself. */
async function serveEditor() {
  const { serverUrl, startServer } = await import('./editor-host.mjs');
  const server = await startServer({ version: newestHost, extensions: [root] });
  const url = serverUrl(server, sample);
  process.stdout.write(`\nVS Code with the extension on the sample workspace: ${url}\nPress Ctrl-C to end it.\n`);
  await openInBrowser(url);
  await server.ended;
  await server.stop();
}

/**
 * A convenience: the address stands in the terminal, so nothing is lost when no browser comes up.
 *
 * @param {string} url
 */
async function openInBrowser(url) {
  const opener = await onPath(process.platform === 'darwin' ? 'open' : 'xdg-open');
  const hasDisplay = process.platform === 'darwin' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  // On its own: it may become the user's browser, which stays when we end.
  if (opener && hasDisplay)
    spawn(opener, [url], { detached: true, stdio: 'ignore' })
      .on('error', () => {})
      .unref();
}
