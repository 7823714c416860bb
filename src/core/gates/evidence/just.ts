/** Justfiles: what their recipes run. Pure. No library reads them outside of just itself, so this reads recipes and plain variables. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { shellMention } from './commands.js';

/** A mention a line of each recipe. Recipes in other languages and with arguments that have to be given are left out. */
export function readJustfile({ file, text }: EvidenceFile): readonly Mention[] {
  const variables = new Map<string, string>();
  const mentions: Mention[] = [];
  let recipe: { name: string; needs: readonly string[]; plain: boolean } | undefined;
  let inExpression = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (inExpression) {
      inExpression = !line.includes('}}');
      continue;
    }
    inExpression = line.lastIndexOf('{{') > line.lastIndexOf('}}');
    if (/^\s/.test(line) && line.trim() !== '') {
      const command = line.trim();
      if (command.startsWith('#!') && recipe) recipe.plain = false;
      if (!recipe?.plain || command.startsWith('#')) continue;
      const { name, needs } = recipe;
      const runner = { program: 'just', args: [name] };
      const text = expanded(command.replace(/^[@-]+/, ''), variables);
      mentions.push(
        shellMention(
          { text, quoted: command, line: index + 1 },
          { file, name, role: 'task', runner, ...(needs.length > 0 ? { needs } : {}) },
        ),
      );
      continue;
    }
    const assigned = /^(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(["'])(.*)\2\s*$/.exec(line);
    if (assigned) variables.set(assigned[1] ?? '', assigned[3] ?? '');
    const heading = /^@?([A-Za-z_][\w-]*)((?:\s+[^:]+)?)\s*:(?!=)\s*(.*?)\s*(?:#.*)?$/.exec(line);
    if (heading) {
      const required = (heading[2] ?? '').split(/\s+/).some((word) => word !== '' && !/[=*]/.test(word));
      const needs =
        (heading[3] ?? '')
          .split('&&')[0]
          ?.split(/\s+/)
          .filter((word) => /^[A-Za-z_][\w-]*$/.test(word)) ?? [];
      recipe = required ? undefined : { name: heading[1] ?? '', needs, plain: true };
      // What only names others is a recipe, too.
      if (recipe && needs.length > 0) {
        const { name } = recipe;
        const rest = { file, name, role: 'task', runner: { program: 'just', args: [name] }, needs } as const;
        mentions.push(shellMention({ text: '', quoted: line.trim(), line: index + 1 }, rest));
      }
    } else if (line.trim() !== '' && !line.startsWith('#') && !line.startsWith('[')) recipe = undefined;
  }
  return mentions;
}

/** With plain variables in their places; what just works out by itself, or what goes over several lines, is known to it alone. */
function expanded(line: string, variables: ReadonlyMap<string, string>): string {
  const text = line.replace(/\{\{\s*([\w-]*)\s*\}\}/g, (_, name: string) => variables.get(name) ?? '$EXPRESSION');
  return /\{\{|\}\}/.test(text) ? '$EXPRESSION' : text;
}
