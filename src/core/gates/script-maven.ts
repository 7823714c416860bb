/** Command lines of Maven: several goals in one call are several checks. Pure. */

/** Options that take the next argument as their value. */
const VALUES =
  /^(?:-P|--activate-profiles|-pl|--projects|-f|--file|-s|--settings|-gs|--global-settings|-t|--toolchains|-T|--threads|-l|--log-file|-D|--define|-b|--builder|-rf|--resume-from)$/;

/** Phases and goals of plugins (`checkstyle:check`) among the arguments, in their order. */
export function mavenGoals(args: readonly string[]): readonly string[] {
  return args.filter((arg, index) => !arg.startsWith('-') && !VALUES.test(args[index - 1] ?? ''));
}

/**
 * What a call checks, without what it does besides: `install` is `verify`, after which what was made is put where other builds of the user
 * find it.
 */
export function withoutInstalling(args: readonly string[]): readonly string[] {
  const goals = mavenGoals(args);
  if (!goals.includes('install') || !runsTests(args)) return args;
  const isSaid = goals.includes('verify');
  return args.flatMap((arg) => (arg !== 'install' || !goals.includes(arg) ? [arg] : isSaid ? [] : ['verify']));
}

/** A part of a call of Maven. */
export interface MavenCall {
  readonly args: readonly string[];
  /** The goal of a plugin for which it is made; absent where its phases are what checks. */
  readonly goal?: string;
}

/**
 * The calls that together do what one does. Where its phases run tests, they are one with the goals beside them (`verify javadoc:jar`),
 * and each goal that checks by its name follows by itself; else each such goal comes with the phases that CI puts before it, which make
 * what it looks at. What reports or publishes is left out. Undefined for a call of which nothing can be told apart.
 */
export function mavenCalls(args: readonly string[], isCheck: (goal: string) => boolean): readonly MavenCall[] | undefined {
  const goals = mavenGoals(args);
  const plugins = goals.filter((goal) => goal.includes(':'));
  if (plugins.length === 0 || goals.length < 2) return undefined;
  const only = (kept: readonly string[]) => args.filter((arg) => !goals.includes(arg) || kept.includes(arg));
  const phases = goals.filter((goal) => !goal.includes(':'));
  const checks = plugins.filter(isCheck);
  const tests = runsTests(args);
  const beside = plugins.filter((goal) => !checks.includes(goal) && !isForOthers(goal));
  const whole =
    phases.length > 0 && (tests || checks.length === 0) ? [{ args: only([...phases, ...(tests ? beside : [])]) }] : [];
  return [...whole, ...checks.map((goal) => ({ args: only(tests ? [goal] : [...phases, goal]), goal }))];
}

/** Names of profiles that a call activates and that by their names are about what is tested, not about how or with what. */
export function mavenProfiles(args: readonly string[]): readonly string[] {
  const lists = args.flatMap((arg, index) => {
    const inline = /^(?:-P|--activate-profiles=)(.+)$/.exec(arg)?.[1];
    return inline ?? (/^(?:-P|--activate-profiles)$/.test(args[index - 1] ?? '') ? arg : []);
  });
  return lists.flatMap((list) => list.split(',')).filter((name) => /^\w/.test(name) && !ABOUT_HOW.test(name));
}

/** The same tests elsewhere: as the service runs them, with a version of the language, measured, with what is published made as well. */
const ABOUT_HOW =
  /^(?:(?:ci|github|gha|travis|jenkins|default|all|dev|release|sign|publish|deploy|coverage|jacoco|cov|sonar|snapshots?|(?:jdk|java|jvm|scala|spark|spring)[-_.]?[\d.x+]*)(?:$|[-_.]))+$/i;

/** Whether one of the phases of a call runs tests, and the call does not leave them out. */
export function runsTests(args: readonly string[]): boolean {
  const skips = args.some((arg) => /^-D(?:maven\.test\.skip(?:\.exec)?|skipTests)(?:=true)?$/.test(arg));
  return !skips && mavenGoals(args).some((goal) => /^(?:test|package|integration-test|verify|install)$/.test(goal));
}

/** Whether a goal serves those who read, or get what was made. */
function isForOthers(goal: string): boolean {
  return goal.split(/[^a-z]+/i).some((word) => FOR_OTHERS.test(word));
}

const FOR_OTHERS =
  /^(?:sonar|coveralls|codecov|report|site|deploy|stage|release|publish|push|sign|set|run|start|stop|exec|copy|update|format|apply|dependency|help|versions?|scm)$/i;
