/** Detects again when a file changes from which gates are detected, but only once somebody asked for gates at all. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Session } from './session.js';

/** Writing one file often means writing several, and an installation writes for a while. */
const DEBOUNCE_MS = 500;

/** Configuration files of the tools that Volley knows, and what an installation leaves. */
const WATCHED = [
  'volley.jsonc',
  'package.json',
  'package-lock.json',
  '.package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'bun.lock',
  'uv.lock',
  'poetry.lock',
  '.modules.yaml',
  '.yarn-integrity',
  '.yarn-state.yml',
  'tsconfig*.json',
  'eslint.config.*',
  '.eslintrc*',
  '.prettierrc*',
  'prettier.config.*',
  'biome.json',
  'biome.jsonc',
  '.biome.json',
  '.biome.jsonc',
  '.mocharc.*',
  'vitest.config.*',
  'vite.config.*',
  'ava.config.*',
  'xo.config.*',
  '.xo-config*',
  'pyproject.toml',
  'setup.cfg',
  'tox.ini',
  'pytest.ini',
  '.pytest.ini',
  'pytest.toml',
  '.pytest.toml',
  'conftest.py',
  'mypy.ini',
  '.mypy.ini',
  '.flake8',
  'pyvenv.cfg',
  'requirements*.txt',
] as const;

/** Follows the workspace from the first detection on. */
export function watchConfiguration(session: Session): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  let timer: NodeJS.Timeout | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void session.refresh(), DEBOUNCE_MS);
  };
  const onFile = (uri: vscode.Uri) => {
    if (concernsDetection(uri.path)) later();
  };
  const start = () => {
    const watcher = vscode.workspace.createFileSystemWatcher(`**/{${WATCHED.join(',')}}`);
    subscriptions.push(watcher, watcher.onDidChange(onFile), watcher.onDidCreate(onFile), watcher.onDidDelete(onFile));
    subscriptions.push(vscode.workspace.onDidChangeWorkspaceFolders(later));
  };
  const waiting = session.onDidChange((change) => {
    if (!change.detection) return;
    waiting.dispose();
    start();
  });
  return {
    dispose() {
      clearTimeout(timer);
      vscode.Disposable.from(waiting, ...subscriptions).dispose();
    },
  };
}

/** What packages bring along is their own business; only the list of what is installed counts. */
export function concernsDetection(file: string): boolean {
  return !/\/(node_modules|\.git|\.venv|venv)\//.test(file) || INSTALLED.test(file);
}

/** What an installation writes last: npm, pnpm, Yarn 1, Yarn with node_modules, and a virtual environment. */
const INSTALLED = /\/node_modules\/\.(package-lock\.json|modules\.yaml|yarn-integrity|yarn-state\.yml)$|\/pyvenv\.cfg$/;

/** Whether gates are detected from a file of this name. */
export function isConfiguration(file: string): boolean {
  return concernsDetection(file) && NAMES.test(path.posix.basename(file));
}

const NAMES = new RegExp(`^(${WATCHED.map((glob) => glob.replaceAll('.', '\\.').replaceAll('*', '.*')).join('|')})$`);
