/** Command lines of Maven: several goals in one call are several checks. Pure. */

/** Options that take the next argument as their value. */
const VALUES =
  /^(?:-P|--activate-profiles|-pl|--projects|-f|--file|-s|--settings|-gs|--global-settings|-t|--toolchains|-T|--threads|-l|--log-file|-D|--define|-b|--builder|-rf|--resume-from)$/;

/** Phases and goals of plugins (`checkstyle:check`) among the arguments, in their order. */
export function mavenGoals(args: readonly string[]): readonly string[] {
  return args.filter((arg, index) => !arg.startsWith('-') && !VALUES.test(args[index - 1] ?? ''));
}

/**
 * The calls that together do what one does: its phases in one, then each goal of a plugin with the same options. Undefined for a call
 * of which nothing can be told apart.
 */
export function mavenCalls(args: readonly string[]): readonly (readonly string[])[] | undefined {
  const goals = mavenGoals(args);
  const plugins = goals.filter((goal) => goal.includes(':'));
  if (plugins.length === 0 || goals.length < 2) return undefined;
  const only = (kept: readonly string[]) => args.filter((arg) => !goals.includes(arg) || kept.includes(arg));
  const phases = goals.filter((goal) => !goal.includes(':'));
  return [...(phases.length > 0 ? [only(phases)] : []), ...plugins.map((plugin) => only([plugin]))];
}
