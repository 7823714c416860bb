/** What calls of coverage.py, pytest-cov and diff-cover do: measure, turn what was measured into another form, or look at whether it is enough. Pure. */
import { startOfMeasured, unwrapped } from './script-wrappers.js';

/** A call that has to do with coverage. */
export type CoverageCall =
  /** Tests are run. `under`: by a program that measures them, whose own words `args` are; else they measure by themselves. */
  | { readonly kind: 'measures'; readonly under: boolean; readonly program: string; readonly args: readonly string[] }
  | { readonly kind: 'turns'; readonly program: string; readonly args: readonly string[] }
  /** `fails`: whether it does where too little is covered, as its own words say; undefined where they say nothing of it. */
  | { readonly kind: 'looks'; readonly program: string; readonly args: readonly string[]; readonly fails?: boolean };

/** What a call does, its program first, whatever starts it; undefined for a call about something else, or with words that nobody knows. */
export function coverageCall(words: readonly string[]): CoverageCall | undefined {
  const [program = '', ...args] = plain(words);
  if (args.some((arg) => arg.includes('$'))) return undefined;
  if (program === 'pytest' || program === 'py.test')
    return args.some((arg) => /^--cov(?:=|$)/.test(arg)) ? { kind: 'measures', under: false, program, args } : undefined;
  if (program === 'diff-cover') {
    const said = thresholdOf(args);
    return said !== undefined && said > 0 ? { kind: 'looks', program, args, fails: true } : undefined;
  }
  if (program !== 'coverage') return undefined;
  const [command = ''] = args;
  if (command === 'run') {
    const end = startOfMeasured(args.slice(1));
    return end < 0 ? undefined : { kind: 'measures', under: true, program, args: args.slice(0, end + 1) };
  }
  const said = thresholdOf(args);
  if (command === 'report' || (said !== undefined && said > 0 && /^(?:xml|json|html|lcov)$/.test(command)))
    return { kind: 'looks', program, args, ...(said === undefined ? {} : { fails: said > 0 }) };
  return /^(?:combine|xml|json|lcov)$/.test(command) ? { kind: 'turns', program, args } : undefined;
}

/** Without what starts it: `uv run python -m coverage report` → `coverage report`. */
function plain(words: readonly string[], left = 5): readonly string[] {
  const [program = '', ...args] = words;
  if (/^python[\d.]*$/.test(program) && args[0] === '-m' && /^(?:coverage|pytest)$/.test(args[1] ?? '')) return args.slice(1);
  const inner = program === 'coverage' || left === 0 ? undefined : unwrapped(words.map((value) => ({ value, glob: false })));
  return inner
    ? plain(
        inner.map(({ value }) => value),
        left - 1,
      )
    : words;
}

/** How much of a hundred has to be covered. */
function thresholdOf(args: readonly string[]): number | undefined {
  const at = args.findIndex((arg) => /^--fail-under(?:=|$)/.test(arg));
  const value = at < 0 ? Number.NaN : Number(args[at]?.split('=')[1] ?? args[at + 1]);
  return Number.isNaN(value) ? undefined : value;
}
