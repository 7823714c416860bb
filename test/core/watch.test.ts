import assert from 'node:assert/strict';
import type { Gate } from '../../src/core/gate-model.js';
import type { Finding, GateId, OperationId, OperationState, Outcome, RunState } from '../../src/core/model.js';
import { createWatch } from '../../src/core/watch.js';

/** Gates named by the ending of the files that concern them, with runs that end when the test says so. */
function watching(...endings: readonly string[]) {
  const gates = endings.map((ending) => ({ id: ending as GateId, name: ending }) as Gate);
  const runs: { gates: string; files: readonly string[] | undefined; cancelled: string[]; end(state: RunState): void }[] = [];
  let launch: (() => void) | undefined;
  let busy = false;
  const watch = createWatch({
    gates,
    concerns: ({ id }, files) => {
      if (files.some((file) => file.endsWith(`${id}.config`))) return 'everything';
      return files.some((file) => file.endsWith(id)) ? 'files' : 'nothing';
    },
    start(wanted, files) {
      if (busy) return undefined;
      let end: (state: RunState) => void = () => {};
      const finished = new Promise<RunState>((resolve) => {
        end = resolve;
      });
      const cancelled: string[] = [];
      runs.push({ gates: wanted.map(({ id }) => id).join(' '), files, cancelled, end });
      return { finished, cancel: async (id) => void cancelled.push(id) };
    },
    settle(then) {
      launch = then;
    },
  });
  return {
    watch,
    runs,
    settled: () => launch?.(),
    block(value: boolean) {
      busy = value;
    },
    /** Ends the newest run. */
    async end(outcomes: Readonly<Record<string, Outcome['kind'] | readonly string[]>>) {
      const operations = Object.entries(outcomes).map(([id, result]): Partial<OperationState> => {
        if (typeof result === 'string') return { id: id as OperationId, outcome: { kind: result } as Outcome, findings: [] };
        const findings = result.map((file) => ({ file }) as Finding);
        return { id: id as OperationId, outcome: { kind: 'failed' }, findings };
      });
      runs.at(-1)?.end({ operations } as unknown as RunState);
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

const summaries = ({ runs }: ReturnType<typeof watching>) => runs.map(({ gates, files }) => [gates, files]);

describe('Watching', () => {
  it('begins with everything, and then runs the gates that a change concerns on what changed', async () => {
    const rig = watching('.ts', '.py');
    await rig.end({ '.ts': 'passed', '.py': 'passed' });
    rig.watch.changed(['/w/a.ts']);
    rig.watch.changed(['/w/b.ts', '/w/readme']);
    assert.equal(rig.runs.length, 1);
    rig.settled();
    assert.deepEqual(summaries(rig), [
      ['.ts .py', undefined],
      ['.ts', ['/w/a.ts', '/w/b.ts', '/w/readme']],
    ]);
    await rig.end({ '.ts': 'passed' });
    rig.watch.changed(['/w/readme']);
    rig.settled();
    assert.equal(rig.runs.length, 2);
  });

  it('checks everything anew when a gate is configured otherwise', async () => {
    const rig = watching('.ts', '.py');
    await rig.end({ '.ts': 'passed', '.py': 'passed' });
    rig.watch.changed(['/w/.ts.config']);
    rig.settled();
    assert.deepEqual(summaries(rig).at(-1), ['.ts', undefined]);
  });

  it('checks again where something was found, so that a gate which passes passes on all', async () => {
    const rig = watching('.ts');
    await rig.end({ '.ts': ['/w/old.ts'] });
    rig.watch.changed(['/w/a.ts']);
    rig.settled();
    await rig.end({ '.ts': ['/w/old.ts', '/w/a.ts'] });
    rig.watch.changed(['/w/a.ts']);
    rig.settled();
    await rig.end({ '.ts': 'errored' });
    rig.watch.changed(['/w/a.ts']);
    rig.settled();
    assert.deepEqual(
      rig.runs.map(({ files }) => files),
      [undefined, ['/w/a.ts', '/w/old.ts'], ['/w/a.ts', '/w/old.ts'], undefined],
    );
  });

  it('cancels what is outdated, lets the rest end, and loses nothing that was to be checked', async () => {
    const rig = watching('.ts', '.py');
    await rig.end({ '.ts': 'passed', '.py': 'passed' });
    rig.watch.changed(['/w/a.ts', '/w/a.py']);
    rig.settled();
    rig.watch.changed(['/w/b.ts']);
    rig.settled();
    assert.deepEqual(rig.runs[1]?.cancelled, ['.ts']);
    assert.equal(rig.runs.length, 2);
    await rig.end({ '.ts': 'cancelled', '.py': 'passed' });
    rig.settled();
    assert.deepEqual(rig.runs[2]?.gates, '.ts');
    assert.deepEqual(rig.runs[2]?.files, ['/w/a.py', '/w/a.ts', '/w/b.ts']);
  });

  it('remembers what could not be started or was cancelled by somebody else', async () => {
    const rig = watching('.ts');
    await rig.end({ '.ts': 'cancelled' });
    rig.settled();
    assert.equal(rig.runs.length, 1);
    rig.block(true);
    rig.watch.changed(['/w/a.ts']);
    rig.settled();
    rig.block(false);
    rig.watch.changed(['/w/b.ts']);
    rig.settled();
    assert.deepEqual(summaries(rig), [
      ['.ts', undefined],
      ['.ts', undefined],
    ]);
  });

  it('stops what runs and starts nothing more', async () => {
    const rig = watching('.ts', '.py');
    const stopping = rig.watch.stop();
    assert.deepEqual(rig.runs[0]?.cancelled, ['.ts', '.py']);
    await rig.end({ '.ts': 'cancelled', '.py': 'cancelled' });
    await stopping;
    rig.watch.changed(['/w/a.ts']);
    rig.settled();
    assert.equal(rig.runs.length, 1);
  });
});
