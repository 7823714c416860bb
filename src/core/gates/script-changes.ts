/** Calls that change the repository, a database or something elsewhere: what makes them is no check, whatever its name says. Pure. */
import { followScripts } from './script-runners.js';
import type { Task } from './script-tasks.js';
import { callsIn } from './script-words.js';

/** By program: what its arguments begin with, or hold, when it changes things. */
const CHANGES: Readonly<Record<string, RegExp>> = {
  git: /^(?:\S+ )*?(?:push|clean|checkout|reset|commit|tag|add|rm|stash|rebase|merge|restore|switch|pull|am|apply|cherry-pick)\b(?!.*--(?:check|dry-run))/,
  npm: /^(?:publish|version|dist-tag|deprecate|unpublish|login)\b(?!.*--dry-run)/,
  pnpm: /^(?:publish|version)\b(?!.*--dry-run)/,
  yarn: /^(?:npm )?(?:publish|version)\b(?!.*--dry-run)/,
  changeset: /^(?:version|publish|tag)\b/,
  lerna: /^(?:publish|version)\b/,
  twine: /^upload\b/,
  cargo: /^(?:publish|owner|yank)\b(?!.*--dry-run)/,
  gem: /^push\b/,
  docker: /^(?:push|login)\b/,
  kubectl: /^(?:apply|delete|create|replace|patch|scale)\b/,
  helm: /^(?:install|upgrade|uninstall|push)\b/,
  terraform: /^(?:apply|destroy|import)\b/,
  serverless: /^(?:deploy|remove)\b/,
  vercel: /^/,
  netlify: /^deploy\b/,
  gh: /^(?:release|pr|issue|api|workflow) /,
  ncu: /(?:^|\s)(?:-u|--upgrade)\b/,
  'npm-check-updates': /(?:^|\s)(?:-u|--upgrade)\b/,
  'npm-check': /(?:^|\s)(?:-u|-y|--update)/,
  prisma: /^(?:migrate (?:reset|deploy|dev)|db (?:push|seed))\b/,
  knex: /^(?:migrate|seed):/,
  codecov: /^/,
  coveralls: /^/,
  dropdb: /^/,
  curl: /(?:^|\s)(?:-X\s?(?:POST|PUT|PATCH|DELETE)|-d\b|--data|-F\b|-T\b|--upload-file)/i,
  ssh: /^/,
  scp: /^/,
  // Not from one folder to another.
  rsync: /\S:\S|(?:^|\s)(?:-e|--rsh)\b|\$/,
};

/** Options by which a linter writes down what it is not to find any more, whatever starts it. */
const SUPPRESSES = /^--(?:prune-suppressions|suppress-all|suppress-rule|generate-baseline|update-baseline)$/;

/** Whether the command makes such a call. */
export function changesInLine(command: Task['lines'][number]['command']): boolean {
  const calls = command.kind === 'argv' ? [command.argv] : callsIn(command.text);
  return calls.some(isChange);
}

/** Whether the script, its pre and post scripts, or one that they call makes such a call. */
export function changesThings(name: string, scripts: ReadonlyMap<string, string>): boolean {
  let changes = false;
  followScripts(name, scripts, (text) => {
    const calls = callsIn(text);
    changes ||= calls.some(isChange);
    return calls.flatMap((call) => calledScripts(call, scripts));
  });
  return changes;
}

/** Whether the call, its program first, changes what others see, or what cannot be had back. */
export function isChange(words: readonly string[]): boolean {
  const start = /^(?:npx|bunx|sudo|env|cross-env|exec)$/.test(words[0] ?? '') ? 1 : 0;
  const [program = '', ...args] = words.slice(start);
  if (args.some((arg) => SUPPRESSES.test(arg))) return true;
  const rule = Object.hasOwn(CHANGES, program) ? CHANGES[program] : undefined;
  return rule?.test(args.join(' ')) ?? false;
}

/** Scripts that a package manager or npm-run-all is told to run. */
function calledScripts([program = '', ...args]: readonly string[], scripts: ReadonlyMap<string, string>): readonly string[] {
  return /^(?:npm|pnpm|yarn|bun|run-s|run-p|npm-run-all2?)$/.test(program) ? args.filter((arg) => scripts.has(arg)) : [];
}
