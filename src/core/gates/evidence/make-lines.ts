/** From a line of a recipe to the commands that a shell gets. Pure. */
import { LONGEST_LINE } from './make-parse.js';
import { expand, type Piece, piecesOf, UNKNOWN, type Values } from './make-values.js';

/** The line as a shell gets it; undefined when any of it is only known to make. */
export function wholeLine(line: string, target: string, variables: ReadonlyMap<string, string>): string | undefined {
  if (line.length > LONGEST_LINE) return undefined;
  const whole = expand(line, { variables, target, exact: true });
  return whole.includes(UNKNOWN) ? undefined : whole.trim();
}

/**
 * The commands of a line: several where it names a recipe. What is not known stays as it is written, or is `$EXPRESSION` where a part of a
 * value is not; of a program of which only the folder is not known, its name is left.
 */
export function commandLines(line: string, values: Values): readonly string[] {
  if (line.length > LONGEST_LINE) return [line];
  return lookedUp(piecesOf(withoutModifiers(line)), values)
    .split('\n')
    .map((each) => withoutModifiers(each.trim()))
    .filter((each) => !each.startsWith('#'));
}

/** `@` is not to show it, `-` not to mind how it ends, `+` to run it in any case. */
function withoutModifiers(line: string): string {
  // What make is told to do where it is anyway.
  return line.replace(/^[@+-]+\s*/, '').replace(/\bmake\s+(?:-C\s*|--directory[= ])\.\/?(?=\s)/g, 'make');
}

function lookedUp(pieces: readonly Piece[], values: Values): string {
  let text = '';
  for (let index = 0; index < pieces.length; index += 1) {
    const piece = pieces[index];
    if (piece === undefined || piece.kind === 'text') {
      text += piece?.text ?? '';
      continue;
    }
    const next = pieces[index + 1];
    const behind = next?.kind === 'text' ? (/^[\w./-]+/.exec(next.text)?.[0] ?? '') : '';
    const program = COMMAND_BEGINS.test(text) ? programIn(piece, behind, values) : undefined;
    text += program ?? shown(piece, values);
    if (program !== undefined && next && behind !== '') {
      text += next.text.slice(behind.length);
      index += 1;
    }
  }
  return text.trim();
}

function shown({ text, inside }: Extract<Piece, { kind: 'reference' }>, values: Values): string {
  const value = expand(text, values);
  if (!value.includes(UNKNOWN)) return value;
  // What make alone knows of a rule: what it is made from.
  if (/^[<^?*+|]$/.test(inside)) return '$EXPRESSION';
  return value.replaceAll(UNKNOWN, '').trim() === '' ? text : value.replaceAll(UNKNOWN, '$EXPRESSION');
}

/** Where a command begins, behind what is set for it. */
const COMMAND_BEGINS = /(?:^|&&|\|\||[;|(!]|\b(?:then|do|else))\s*(?:[A-Za-z_]\w*=\S*\s+)*$/;

/** The program that a reference and what follows it name, with what else its value says; undefined where it is no such. */
function programIn(piece: Extract<Piece, { kind: 'reference' }>, behind: string, values: Values): string | undefined {
  const value = expand(piece.text, values).trim();
  const [first = '', ...others] = value.split(/\s+/);
  const rest = others.map((word) => ` ${word.replaceAll(UNKNOWN, '$EXPRESSION')}`).join('');
  const word = first + (others.length === 0 ? behind : '');
  if (others.length > 0 && behind !== '') return undefined;
  const [, folder = '', name] = /^(.*)\/([\w.-]+)$/s.exec(word) ?? [];
  if (name !== undefined && (folder.includes(UNKNOWN) || OF_TOOLS.test(folder))) return isOwnFile(name) ? undefined : name + rest;
  if (value !== UNKNOWN && value !== '') return undefined;
  const called = piece.inside
    .trim()
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/-(?:bin|cmd|exe|binary|path)$/, '');
  return behind === '' && TOOLS.test(called) ? called : undefined;
}

/** Folders into which a project puts programs of others. */
const OF_TOOLS = /(?:^|\/)(?:\.[\w-]+|bin|_?tools?|\.?venv\/\w+)(?:\/bin)?$/;

/** A program of the repository itself has an ending. */
function isOwnFile(name: string): boolean {
  return /\.(?:sh|bash|py|pl|rb|js|mjs|ts)$/.test(name);
}

/** Programs after which variables are called. */
const TOOLS =
  /^(?:go|gofmt|gofumpt|goimports|golangci-lint|golint|staticcheck|govulncheck|gosec|gotestsum|ginkgo|revive|misspell|python3?|pytest|mypy|ruff|black|flake8|pylint|isort|pyright|tox|nox|uv|poetry|pre-commit|npm|npx|yarn|pnpm|node|cargo|shellcheck|shfmt|yamllint|codespell|hadolint|actionlint|markdownlint|buf|helm|kubeconform|cmake|ctest|ninja|meson|clang-format|clang-tidy|cppcheck|bats|rspec|rubocop|bundle|mix|rebar3|dialyzer)$/;
