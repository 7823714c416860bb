/** Where tasks of pixi stand, and in which environment each is run. Pure. */
import { record } from './commands.js';

/** Tasks of one feature, by their names. */
export interface PixiTable {
  readonly tasks: Readonly<Record<string, unknown>>;
  /** Options of `pixi run` by which they are there: none for those of the default environment. */
  readonly environment: readonly string[];
}

/**
 * The tables of tasks in what a manifest says of pixi: those for all, and those of features, each also of single platforms. A task that
 * several tables have is in the first alone, and one of a feature that no environment has in none.
 */
export function pixiTables(pixi: unknown): readonly PixiTable[] {
  const root = record(pixi);
  const environments = Object.entries(record(root['environments']));
  const byDefault = featuresOf(record(root['environments'])['default']);
  const seen = new Set<string>();
  const tableOf = (value: unknown, environment: readonly string[]): PixiTable => {
    const all = tasksOf(value).filter(([name]) => !seen.has(name));
    for (const [name] of all) seen.add(name);
    return { tasks: Object.fromEntries(all), environment };
  };
  const common = tableOf(root, []);
  const features = Object.entries(record(root['feature'])).flatMap(([name, feature]) => {
    if (byDefault.includes(name)) return [tableOf(feature, [])];
    const having = environments.filter(([, environment]) => featuresOf(environment).includes(name)).map(([each]) => each);
    const environment = having.find((each) => each === name) ?? having[0];
    return environment === undefined ? [] : [tableOf(feature, ['-e', environment])];
  });
  return [common, ...features];
}

/** Its own tasks, then those of single platforms. */
function tasksOf(value: unknown): readonly (readonly [string, unknown])[] {
  const { tasks, target } = record(value);
  const own = Object.entries(record(tasks));
  const others = Object.values(record(target)).flatMap((each) => Object.entries(record(record(each)['tasks'])));
  const names = new Set(own.map(([name]) => name));
  return [...own, ...others.filter(([name]) => !names.has(name) && names.add(name))];
}

/** An environment is a list of features, or a table with one. */
function featuresOf(environment: unknown): readonly string[] {
  const features = Array.isArray(environment) ? environment : record(environment)['features'];
  return [features].flat().filter((each): each is string => typeof each === 'string');
}
