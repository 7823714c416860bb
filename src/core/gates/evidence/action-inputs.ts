/** What workflows tell actions. Pure. */
import { parse } from 'unbash';
import { holeFor, literal, withoutHoles } from '../script-words.js';

/** What a workflow tells an action. */
export type Inputs = Readonly<Record<string, string>>;

/** The words of a line of arguments, as a shell would give them; what only the service knows is left out. */
export function words(text: string | undefined): readonly string[] {
  if (text === undefined || text.includes('${{')) return [];
  const script = parse(`: ${text.replace(/\s+/g, ' ')}`);
  const [only] = script.commands;
  const given = only?.command.type === 'Command' ? only.command.args : [];
  const all = given.map((word) => (word.type === 'Word' ? (literal(word)?.value ?? holeFor(word).value) : ''));
  return script.errors?.length
    ? text.split(/\s+/).filter((word) => word !== '')
    : withoutHoles(all, { valueOptions: ['--root-dir', '--base-url'] });
}

/** The lines of an input that is a list. */
export function lines(text: string | undefined): readonly string[] {
  return text === undefined || text.includes('${{')
    ? []
    : text
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean);
}

/** What is said, or else the usual. */
export function orElse(said: readonly string[], usual: readonly string[]): readonly string[] {
  return said.length > 0 ? said : usual;
}
