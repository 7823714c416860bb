import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { type Choices, createChoices } from '../../src/vscode/choices.js';
import { createGatesProvider, type GatesNode, type GatesProvider } from '../../src/vscode/gates-view.js';
import { memento, openSession, type SessionRig } from '../support/editor-session.js';

const { Checked, Unchecked } = vscode.TreeItemCheckboxState;

describe('The Gates view', () => {
  let rig: SessionRig;
  let choices: Choices;
  let memory: vscode.Memento;
  let provider: GatesProvider;
  beforeEach(async () => {
    rig = await openSession();
    memory = memento();
    choices = createChoices(memory);
    provider = createGatesProvider({ session: rig.session, choices });
  });
  afterEach(async () => {
    provider.dispose();
    choices.dispose();
    await rig.dispose();
  });

  const children = async (node?: GatesNode) => (await provider.getChildren(node)) ?? [];
  const row = async (id: string): Promise<GatesNode> => {
    const groups = await children();
    const rows: GatesNode[] = [...groups, ...(await Promise.all(groups.map(children))).flat()];
    const found = rows.find((node) => (node.kind === 'gate' ? node.gate.id : node.category) === id);
    assert.ok(found, `no row ${id}`);
    return found;
  };
  const item = async (id: string) => provider.getTreeItem(await row(id));
  const checkedRows = async (...ids: string[]) => Promise.all(ids.map(async (id) => (await item(id)).checkboxState));
  const icon = async (id: string) => ((await item(id)).iconPath as vscode.ThemeIcon).id;

  it('detects only when it is asked for rows', async () => {
    rig.detects([rig.gate('a')]);
    const detected = () => rig.session.detection?.gates.length;
    assert.equal(detected(), undefined);
    await children();
    assert.equal(detected(), 1);
  });

  it('groups gates by category, tests first', async () => {
    rig.detects([rig.gate('b'), rig.gate('a', { category: 'test' }), rig.gate('c')]);
    const groups = await children();
    assert.deepEqual(
      groups.map((node) => provider.getTreeItem(node)).map((each) => (each as vscode.TreeItem).label),
      ['Tests', 'Lint'],
    );
    assert.deepEqual(
      (await children(groups[1])).map((node) => node.kind === 'gate' && node.gate.id),
      ['b', 'c'],
    );
  });

  it('has no rows where nothing was detected, so that the welcome shows', async () => {
    assert.deepEqual(await children(), []);
  });

  it('checks every gate until the user unchecks it, and remembers that', async () => {
    rig.detects([rig.gate('a'), rig.gate('b')]);
    assert.deepEqual(await checkedRows('a', 'b', 'lint'), [Checked, Checked, Checked]);
    provider.check([[await row('a'), Unchecked]]);
    assert.deepEqual(await checkedRows('a', 'b'), [Unchecked, Checked]);
    const later = createChoices(memory);
    assert.equal(later.isChecked(rig.gate('a').id), false);
    assert.equal(later.isChecked(rig.gate('new').id), true);
    later.dispose();
  });

  it('checks a group exactly while all its gates are', async () => {
    rig.detects([rig.gate('a'), rig.gate('b'), rig.gate('t', { category: 'test' })]);
    provider.check([[await row('a'), Unchecked]]);
    assert.deepEqual(await checkedRows('lint', 'test'), [Unchecked, Checked]);
    provider.check([[await row('a'), Checked]]);
    assert.deepEqual(await checkedRows('lint'), [Checked]);
  });

  it('checks and unchecks all gates of a group with it', async () => {
    rig.detects([rig.gate('a'), rig.gate('b'), rig.gate('t', { category: 'test' })]);
    provider.check([[await row('lint'), Unchecked]]);
    assert.deepEqual(await checkedRows('a', 'b', 't'), [Unchecked, Unchecked, Checked]);
    provider.check([[await row('lint'), Checked]]);
    assert.deepEqual(await checkedRows('a', 'b'), [Checked, Checked]);
  });

  it('shows a gate without its tool greyed, without checkbox, and what to install', async () => {
    rig.detects([rig.gate('a', { unavailable: true }), rig.gate('b')]);
    const shown = await item('a');
    assert.match(String(shown.description), /not installed/);
    assert.equal(shown.checkboxState, undefined);
    assert.equal(shown.resourceUri?.scheme, 'volley-gate');
    assert.equal(shown.contextValue, 'gate unavailable');
    const node = await row('a');
    const resolved = await provider.resolveTreeItem?.(shown as vscode.TreeItem, node, new vscode.CancellationTokenSource().token);
    assert.ok(resolved?.tooltip instanceof vscode.MarkdownString);
    assert.match(resolved.tooltip.value, /npm install test-tool/);
  });

  it('shows a gate live, then its outcome, duration and findings', async () => {
    const gate = rig.gate('a');
    rig.detects([gate]);
    assert.equal(await icon('a'), 'circle-large-outline');
    assert.equal((await item('a')).contextValue, 'gate available idle');
    const activity = rig.start([gate]);
    await rig.until(() => rig.session.live(gate.id)?.phase === 'running');
    assert.equal(await icon('a'), 'loading~spin');
    assert.equal((await item('a')).contextValue, 'gate available active ran');
    assert.match(String((await item('a')).description), /running/);
    await rig.release('a', { exitCode: 1, findings: ['a.ts(2,5): error TS2322: No.', 'a.ts(3,5): error TS2322: No.'] });
    await activity.finished;
    assert.equal(await icon('a'), 'error');
    assert.equal((await item('a')).contextValue, 'gate available idle ran');
    assert.match(String((await item('a')).description), /^failed · [\d.]+ m?s · 2 findings · Test Tool · node gate\.mjs /);
  });

  it('shows that a gate waits for a slot', async () => {
    const gates = [rig.gate('a'), rig.gate('b')];
    rig.detects(gates);
    const activity = rig.start(gates, { slots: 1 });
    const states = () => gates.map(({ id }) => rig.session.live(id)?.phase).sort();
    await rig.until(() => states().join() === 'queued,running');
    assert.deepEqual([await icon('a'), await icon('b')].sort(), ['clock', 'loading~spin']);
    await rig.session.cancel();
    await activity.finished;
    assert.equal(await icon('a'), 'circle-slash');
  });

  it('offers the output only of a gate that really ran', async () => {
    const gates = [rig.gate('a'), rig.gate('b')];
    rig.detects(gates);
    const activity = rig.start(gates, { slots: 1 });
    const states = () => gates.map(({ id }) => rig.session.live(id)?.phase);
    await rig.until(() => states().includes('running') && states().includes('queued'));
    const [running, queued] = states()[0] === 'running' ? ['a', 'b'] : ['b', 'a'];
    assert.equal((await item(running)).contextValue, 'gate available active ran');
    assert.equal((await item(queued)).contextValue, 'gate available active');
    await rig.session.cancel();
    await activity.finished;
    assert.equal((await item(running)).contextValue, 'gate available idle ran');
    assert.equal((await item(queued)).contextValue, 'gate available idle');
  });

  it('does not offer to cancel one gate of a verification', async () => {
    const gate = rig.gate('a');
    rig.detects([gate]);
    const activity = rig.session.verify({ gates: [gate], scope: { kind: 'workspace' }, slots: 2, pairs: 1 });
    await rig.until(() => rig.session.live(gate.id)?.phase === 'running');
    assert.equal((await item('a')).contextValue, 'gate available measured ran');
    await rig.session.cancel();
    await activity?.finished;
  });

  it('names the folder of a gate where there are several', async () => {
    const elsewhere = { ...rig.gate('b'), folder: { name: 'server', path: '/server' } };
    rig.detects([rig.gate('a')]);
    assert.doesNotMatch(String((await item('a')).description), /workspace/);
    rig.detects([rig.gate('a'), elsewhere]);
    await rig.session.refresh();
    assert.match(String((await item('a')).description), /^workspace · /);
    assert.match(String((await item('b')).description), /^server · /);
  });

  it('says of a group how many of its gates passed, as they end', async () => {
    rig.detects([rig.gate('a'), rig.gate('b')]);
    const description = async () => (await item('lint')).description;
    assert.equal(await description(), '2 of 2 checked');
    let drawn = false;
    provider.onDidChangeTreeData?.((nodes) => {
      drawn ||= [nodes].flat().some((node) => node?.kind === 'category');
    });
    await rig.runToEnd(rig.gate('a'));
    assert.equal(await description(), '1 of 2 passed');
    assert.ok(drawn);
  });

  it('draws again only the rows of gates that changed', async () => {
    rig.detects([rig.gate('a'), rig.gate('b')]);
    await children();
    const drawn: unknown[] = [];
    provider.onDidChangeTreeData?.((nodes) => drawn.push(nodes));
    const activity = rig.start([rig.gate('b')]);
    await rig.until(() => rig.session.live(rig.gate('b').id)?.phase === 'running');
    const ids = drawn.flat().map((node) => (node as { gate?: { id: string } } | undefined)?.gate?.id);
    assert.deepEqual([...new Set(ids)], ['b']);
    await rig.session.cancel();
    await activity.finished;
  });

  it('says in the tooltip what runs, where, and what it was detected from, as text', async () => {
    rig.detects([rig.gate('a', { name: '**[x](command:evil)**' })]);
    const node = await row('a');
    const shown = new vscode.TreeItem('a');
    await provider.resolveTreeItem?.(shown, node, new vscode.CancellationTokenSource().token);
    const tooltip = shown.tooltip as vscode.MarkdownString;
    assert.ok(!tooltip.isTrusted);
    assert.match(tooltip.value, /node gate\.mjs/);
    assert.match(tooltip.value, /package\.json:3/);
    assert.ok(!tooltip.value.includes('[x](command:evil)'), 'names are not markup');
    assert.ok(tooltip.value.includes('\\*src\\*'), 'nor is evidence');
  });
});
