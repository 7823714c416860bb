/** Reading and rewriting the options of a command line, as the presets need it. Pure. */

/** Whether one of `names` is given, alone (`--fix`) or with a value attached (`--watch=src`). */
export function given(args: readonly string[], ...names: readonly string[]): boolean {
  return args.some((arg) => names.some((name) => arg === name || arg.startsWith(`${name}=`)));
}

/**
 * `options` without some of them, the others in their order. `flags` stand alone (`--color`, also `--color=always`); `values`
 * are followed by a value or have it attached (`-f json`, `--format json`, `--format=json`, `-fjson`).
 */
export function without(
  options: readonly string[],
  unwanted: { readonly flags?: readonly string[]; readonly values?: readonly string[] },
): readonly string[] {
  const flags = unwanted.flags ?? [];
  const values = unwanted.values ?? [];
  const kept: string[] = [];
  for (let index = 0; index < options.length; index += 1) {
    const option = options[index] ?? '';
    if (given([option], ...flags)) continue;
    if (values.includes(option)) {
      const next = options[index + 1];
      if (next !== undefined && !next.startsWith('-')) index += 1;
    } else if (!values.some((name) => attached(option, name))) {
      kept.push(option);
    }
  }
  return kept;
}

/** The values of options, `--a b` and `--a=b` alike. */
export function valuesOf(options: readonly string[], names: readonly string[]): readonly string[] {
  return options.flatMap((option, index) => {
    const [name = '', ...inline] = option.split('=');
    if (!names.includes(name)) return [];
    return [inline.length > 0 ? inline.join('=') : (options[index + 1] ?? '')];
  });
}

/** Whether the next argument is the value of this one, unless that starts with a dash. */
export function takesNext(
  { valueOptions, flagOptions }: { readonly valueOptions: readonly string[]; readonly flagOptions?: readonly string[] },
  option: string,
): boolean {
  if (valueOptions.includes(option)) return true;
  return flagOptions !== undefined && /^--\w[^=]*$/.test(option) && !flagOptions.includes(option);
}

/** The index of the first argument that is no option and no value of one; -1 when there is none. */
export function operandAt(args: readonly string[], valueOptions: readonly string[]): number {
  return args.findIndex((arg, index) => !arg.startsWith('-') && !valueOptions.includes(args[index - 1] ?? ''));
}

function attached(option: string, name: string): boolean {
  if (name.startsWith('--')) return option.startsWith(`${name}=`) || option.startsWith(`${name}.`);
  return option.startsWith(name) && !option.startsWith('--') && option.length > name.length;
}
