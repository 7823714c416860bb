/** pom.xml: what `mvn` runs when it is told nothing. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { readXml, type XmlElement } from '../parsers/xml.js';

/** One mention of the default goals of the build, where the project names some. */
export function readPom({ file, text }: EvidenceFile): readonly Mention[] {
  const goals = below(below(readXml(text), 'build'), 'defaultGoal')?.text.trim() ?? '';
  // What a property says is known to Maven alone.
  const argv = goals.split(/\s+/).filter((goal) => goal !== '');
  if (argv.length === 0 || argv.some((goal) => goal.includes('$'))) return [];
  const line = text.slice(0, text.indexOf('<defaultGoal>')).split('\n').length;
  const runner = { program: 'mvn', args: [] };
  const command = { kind: 'argv', argv: ['mvn', ...argv] } as const;
  return [
    { file, line, text: `<defaultGoal>${goals}</defaultGoal>`, cwd: '', env: {}, role: 'task', name: 'verify', runner, command },
  ];
}

function below(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}
