/** What a template of a batch is, and what several of them say the same way. Pure. */

export interface BatchTemplate {
  /** As it is named on the command line, and in the name of its file. */
  readonly id: string;
  /** A few words, for lists. */
  readonly title: string;
  /** One sentence: what it is for. */
  readonly description: string;
  /** JSONC that runs as it is; its comments say what to change. */
  readonly text: string;
}

/** Says at an agent of a template who ought to stand there. */
export const STAND_IN_HINT = '// A small program stands in. Put "claude", "codex" or "editor" here in its place.';

/**
 * An agent of the command line that reads its prompt, so that a template runs where there is no agent. `says` is an expression of
 * JavaScript without double quotes and backslashes, in which `words` is how many words the prompt has.
 */
export function standIn(says: string): string {
  const script = `const words = fs.readFileSync(0, 'utf8').split(' ').length; console.log(${says})`;
  return `{ "argv": ["node", "-e", "${script}"] }`;
}
