/** Travis, AppVeyor, Cirrus and SourceHut: services whose jobs are lists of scripts. Pure. */
import type { EvidenceFile } from '../evidence.js';
import type { Mention } from '../mention.js';
import { literals } from './environment.js';
import { commandsAt, pipelineMentions, type Runs } from './pipeline.js';
import { plainCalls } from './power-shell.js';
import { readYaml, type YamlNode } from './yaml.js';

/** Travis: the `script` of the whole file and of each job that has its own. */
export function readTravis(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const include = (root?.get('jobs') ?? root?.get('matrix'))?.get('include')?.items() ?? [];
  const own = include.filter(
    (job) => job.get('script') !== undefined && !/^(?:deploy|release)$/i.test(job.get('stage')?.text() ?? ''),
  );
  const jobs = [...(root ? [root] : []), ...own];
  return jobs.flatMap((job) => {
    const name = job === root ? 'script' : (job.get('name')?.text() ?? job.get('stage')?.text() ?? 'script');
    // Each line counts, whatever became of those before it.
    return commandsAt(job.get('script')).flatMap((lines) =>
      pipelineMentions({ file: input.file, job: name, line: lines[0]?.line ?? job.line, commands: [lines], runs: runsIf(job) }),
    );
  });
}

function runsIf(job: YamlNode): Runs {
  const condition = job.get('if')?.text() ?? '';
  return /\btag\b(?!.*(?:blank|is not present))/.test(condition)
    ? 'otherwise'
    : /\btype\s*(?:=|!=)\s*(?:push|pull_request)/.test(condition)
      ? 'after push'
      : 'for review';
}

/** AppVeyor: its scripts of builds and tests; of those of PowerShell the plain calls. */
export function readAppVeyor(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  return ['build_script', 'test_script'].flatMap((key) => {
    const node = root?.get(key);
    const items = node === undefined ? [] : node.items().length > 0 ? node.items() : [node];
    return items.flatMap((item) => {
      const power = item.get('ps') ?? item.get('pwsh');
      const plain = commandsAt(['cmd', 'sh', 'bash'].map((shell) => item.get(shell)).find((each) => each !== undefined) ?? item);
      return pipelineMentions({
        file: input.file,
        job: key === 'build_script' ? 'build' : 'test',
        line: item.line,
        commands: power === undefined ? plain : [plainCalls(power.lines())],
        runs: 'for review',
      });
    });
  });
}

/** Cirrus: each `…_script` of each `…_task`. */
export function readCirrus(input: EvidenceFile): readonly Mention[] {
  const tasks = (readYaml(input)?.entries() ?? []).filter(([key]) => /(?:^|_)task$/.test(key));
  return tasks.flatMap(([key, task]) => {
    const name = task.get('name')?.text() ?? task.get('alias')?.text() ?? key.replace(/_?task$/, '');
    const env = literals({ ...task.get('environment')?.strings(), ...task.get('env')?.strings() });
    const secret = Object.values({ ...task.get('env')?.strings(), ...task.get('environment')?.strings() }).some((value) =>
      value.startsWith('ENCRYPTED['),
    );
    const tags = /\bCIRRUS_TAG\s*!=\s*['"]/.test(task.get('only_if')?.text() ?? '');
    return task.entries().flatMap(([part, script]) => {
      const title = /^(.*?)_?script$/.exec(part)?.[1];
      if (title === undefined) return [];
      return pipelineMentions({
        ...{ file: input.file, job: name === '' ? 'task' : name, line: script.line, env, secret },
        ...(title === '' ? {} : { title: title.replaceAll('_', ' ') }),
        commands: commandsAt(script),
        runs: tags ? 'otherwise' : 'for review',
      });
    });
  });
}

/** SourceHut: its tasks, each a name with a script. */
export function readSourceHut(input: EvidenceFile): readonly Mention[] {
  const root = readYaml(input);
  const secret = root?.get('secrets') !== undefined;
  const env = literals(root?.get('environment')?.strings() ?? {});
  return (root?.get('tasks')?.items() ?? []).flatMap((item) =>
    item.entries().flatMap(([name, script]) =>
      pipelineMentions({
        file: input.file,
        job: name,
        line: script.line,
        env,
        secret,
        commands: commandsAt(script),
        runs: 'for review',
      }),
    ),
  );
}
