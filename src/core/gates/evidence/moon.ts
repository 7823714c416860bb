/** moon.yml: tasks of a project of moon. Pure. */
import { shellWord } from '../../shell-text.js';
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { readYaml, type YamlNode } from './yaml.js';

/** A mention a task that has a command of its own. */
export function readMoon(input: EvidenceFile): readonly Mention[] {
  const { file } = input;
  return (readYaml(input)?.get('tasks')?.entries() ?? []).flatMap(([name, task]) => {
    const text = task.get('script')?.text() ?? commandOf(task);
    if (text === '' || task.get('options')?.get('persistent')?.text() === 'true') return [];
    const env = task.get('env')?.strings() ?? {};
    const runner = { program: 'moon', args: ['run', `:${name}`] };
    return [
      {
        file,
        line: task.line,
        text: `${name}: ${text}`,
        command: { kind: 'shell', text },
        cwd: '',
        env,
        role: 'task',
        name,
        runner,
      },
    ];
  });
}

function commandOf(task: YamlNode): string {
  return ['command', 'args']
    .flatMap((key) => {
      const node = task.get(key);
      const words = (node?.items() ?? []).flatMap((item) => item.text() ?? []);
      return words.length > 0 ? words.map(shellWord) : (node?.text() ?? []);
    })
    .join(' ')
    .trim();
}
