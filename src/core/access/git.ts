/** What git's commands touch: the work tree, and the repository beside it. Pure. */
import { ANYTHING, type Argument, literal, names, readOptions } from './argument.js';
import { type Call, directory, hasAny, infers, type Row, reads, readsWhole, valuesOf, writes, writesWhole } from './call.js';
import { EVERYTHING, isWithin } from './footprint.js';

/** Which files of the repository are looked at, and whether the index is refreshed. */
type Sub = (call: Call, args: readonly Argument[]) => void;

export const git: Row = (call) => {
  let index = 0;
  let at = call;
  let refreshes = true;
  for (; index < call.args.length; index += 1) {
    const text = call.args[index]?.text;
    if (text === undefined || !text.startsWith('-')) break;
    const next = call.args[index + 1];
    if (text === '-C') {
      at = { ...at, cwd: directory(at, next ?? ANYTHING) };
      index += 1;
    } else if (text === '-c') {
      if (!SETTINGS.test(next?.text ?? ''))
        call.footprint.barrier(`it is not known what git does with the setting ${next?.text ?? ''}`);
      index += 1;
    } else if (text === '--no-optional-locks') refreshes = false;
    else if (text === '--version' || text === '--help') return;
    else if (
      !/^(?:--no-pager|-P|-p|--paginate|--literal-pathspecs|--no-replace-objects|--no-lazy-fetch|--icase-pathspecs)$/.test(text)
    ) {
      call.footprint.barrier(`it is not known what ${text} makes git do`);
    }
  }
  const name = call.args[index]?.text;
  const args = call.args.slice(index + 1);
  const sub = name !== undefined && Object.hasOwn(SUBS, name) ? SUBS[name] : undefined;
  if (!sub) {
    call.footprint.barrier(
      name === undefined ? 'it is not known which command of git it is' : `it is not known what git ${name} does`,
    );
    return;
  }
  if (args.some((word) => word.loose)) call.footprint.barrier('it is not known what its options make git do');
  for (const output of outputs(args)) writes(at, output);
  if (
    args.some(({ text }) =>
      /^(?:--upload-pack|--receive-pack|--exec|--ext-diff|--open-files-in-pager|-i|--interactive|--edit-todo)(?:=|$)/.test(
        text ?? '',
      ),
    ) &&
    !/^(?:grep|log|shortlog|branch|show|tag)$/.test(name ?? '')
  )
    call.footprint.barrier('it starts another program');
  readsRepository(at);
  sub(refreshes ? at : { ...at, footprint: at.footprint }, args);
};

/** Settings for one call that neither start a program nor move the work tree. */
const SETTINGS =
  /^(?:user\.(?:name|email)|color\.\w+|core\.(?:quote[pP]ath|autocrlf|abbrev|longpaths)|core\.pager=(?:cat|less)?|advice\.\w+|init\.defaultBranch|(?:commit|tag)\.gpg[sS]ign|http\.\w+|protocol\.\w+\.allow|safe\.directory|diff\.(?:renames|renameLimit|noprefix|mnemonicPrefix|algorithm)|pull\.(?:rebase|ff)|fetch\.\w+|merge\.conflict[sS]tyle|log\.\w+|gc\.auto)(?:=|$)/;

function outputs(args: readonly Argument[]): readonly Argument[] {
  return args.flatMap((word, index) => {
    const text = word.text ?? word.glob;
    if (text === '--output') return args.slice(index + 1, index + 2);
    return text.startsWith('--output=') ? [{ glob: word.glob.slice('--output='.length) }] : [];
  });
}

/** Where the repository of each directory may lie: in it or above, but not above the folder. */
function repositories(call: Call): readonly string[] {
  const { folder } = call.footprint;
  if (call.cwd === undefined) return [EVERYTHING];
  const result = new Set<string>();
  for (const start of call.cwd) {
    if (isWithin(folder, start)) result.add(`${folder}/.git`);
    const isInside = isWithin(start, folder);
    let at = start;
    while (at !== '' && (!isInside || isWithin(at, folder))) {
      result.add(`${at === '/' ? '' : at}/.git`);
      at = at.slice(0, at.lastIndexOf('/'));
    }
  }
  return [...result];
}

function readsRepository(call: Call): void {
  for (const place of repositories(call)) call.footprint.reads.add(place);
  const home = call.env['HOME'];
  if (home !== undefined)
    for (const file of ['.gitconfig', '.config/git']) call.footprint.read(literal(`${home}/${file}`), call.cwd);
}

function writesRepository(call: Call): void {
  for (const place of repositories(call)) call.footprint.writes.add(place);
}

/** Nothing but the repository, and two files of the work tree that say how it is shown. */
const history: Sub = (call) => {
  const { folder } = call.footprint;
  for (const file of ['.mailmap', '.gitattributes']) call.footprint.reads.add(`${folder}/${file}`);
};
const tree: Sub = (call, args) => {
  readsWhole(call);
  reads(call, ...readOptions(args, { valued: new Set() }).operands);
};
/** They refresh what the index knows of the work tree, in passing. */
const refreshing: Sub = (call, args) => {
  tree(call, args);
  call.footprint.locks.add('git index');
};
/** Hooks and filters may do more than git itself: so it is said by custom. */
const everything: Sub = (call, args) => {
  infers(call);
  tree(call, args);
  writesWhole(call);
  writesRepository(call);
};
const repositoryOnly: Sub = (call) => {
  history(call, []);
  writesRepository(call);
};
const index: Sub = (call, args) => {
  tree(call, args);
  writesRepository(call);
};
const unknown: Sub = (call) => call.footprint.barrier('it starts other programs');

/** Reads when it only lists: without operands but for `words`, or with one of `options`. */
function listsOr(words: readonly string[], options: string, otherwise: Sub): Sub {
  return (call, args) => {
    const { operands, given } = readOptions(args, { valued: new Set() });
    const first = operands[0]?.text;
    const isList =
      operands.length === 0
        ? !hasAny(given, ...CHANGES)
        : (first !== undefined && words.includes(first)) || hasAny(given, ...names(options));
    (isList && !hasAny(given, ...CHANGES) ? history : otherwise)(call, args);
  };
}
const CHANGES = [
  '-d',
  '-D',
  '-m',
  '-M',
  '-f',
  '--delete',
  '--move',
  '--force',
  '--edit-description',
  '--unset-upstream',
  '-u',
  '--set-upstream-to',
  '-e',
  '--edit',
  '--add',
  '--unset',
  '--unset-all',
  '--replace-all',
  '--write-commit-graph',
];

const paths: Sub = (call, args) => {
  const dashes = args.findIndex(({ text }) => text === '--');
  const files = args.slice(dashes + 1);
  if (dashes < 0 || files.length === 0 || files.some((word) => word.many)) return everything(call, args);
  writes(call, ...files);
  writesRepository(call);
};

const restore: Sub = (call, args) => {
  const { operands, given } = readOptions(args, { valued: names('-s --source') });
  if (
    operands.length === 0 ||
    operands.some((word) => word.many || /^:/.test(word.text ?? '')) ||
    given.has('--pathspec-from-file')
  )
    return everything(call, args);
  writesRepository(call);
  if (!hasAny(given, '-S', '--staged') || hasAny(given, '-W', '--worktree')) writes(call, ...operands);
};

const removeOrMove: Sub = (call, args) => {
  const { operands, given } = readOptions(args, { valued: new Set() });
  if (operands.some((word) => word.many || /^:|\*/.test(word.text ?? '')) || given.has('--pathspec-from-file'))
    return everything(call, args);
  writesRepository(call);
  reads(call, ...operands);
  if (!given.has('--cached')) writes(call, ...operands);
};

const clone: Sub = (call, args) => {
  infers(call);
  const { operands, given } = readOptions(args, {
    valued: names(
      '-b --branch --depth -o --origin -c --config --reference --separate-git-dir --template -u --upload-pack --filter --shallow-since --shallow-exclude -j --jobs --reference-if-able',
    ),
  });
  if (hasAny(given, '-c', '--config', '--template', '-u', '--upload-pack'))
    call.footprint.barrier('it is not known what its options make git do');
  writes(call, ...valuesOf(given, '--separate-git-dir'));
  const [url, place] = operands;
  if (url?.text === undefined) writes(call, place ?? ANYTHING);
  else {
    if (!/:/.test(url.text)) reads(call, url);
    writes(
      call,
      place ??
        literal(
          url.text
            .replace(/\/+$/, '')
            .replace(/(?:\/\.git|\.git|\.bundle)$/, '')
            .replace(/^.*[/:]/, ''),
        ),
    );
  }
};

const worktree: Sub = (call, args) => {
  const [first] = args;
  if (first?.text === 'list') return;
  everythingInRepository(call, args);
  const { operands } = readOptions(args.slice(1), { valued: names('-b -B --reason') });
  if (/^(?:add|remove|move|repair)$/.test(first?.text ?? '')) writes(call, ...operands);
};
const everythingInRepository: Sub = (call) => {
  infers(call);
  readsWhole(call);
  writesRepository(call);
};

const config: Sub = (call, args) => {
  const { operands, given } = readOptions(args, { valued: names('--type --default --comment') });
  if (hasAny(given, '-f', '--file', '--blob', '-e', '--edit'))
    call.footprint.barrier('it is not known which settings it changes');
  const isGet =
    hasAny(given, '--get', '--get-all', '--get-regexp', '-l', '--list', '--get-urlmatch') ||
    operands.length < 2 ||
    /^(?:get|list)$/.test(operands[0]?.text ?? '');
  if (isGet && !hasAny(given, '--unset', '--unset-all', '--remove-section', '--rename-section', '--add', '--replace-all')) return;
  if (!hasAny(given, '--global', '--system')) return writesRepository(call);
  const home = call.env['HOME'];
  if (home === undefined || given.has('--system')) call.footprint.barrier('it changes settings outside of the folder');
  else writes(call, literal(`${home}/.gitconfig`), literal(`${home}/.config/git`));
};

const stash: Sub = (call, args) => {
  const first = args[0]?.text;
  if (first === 'list' || first === 'show') return history(call, args);
  if (first === 'drop' || first === 'clear' || first === 'store') return repositoryOnly(call, args);
  everything(call, args);
};

const reset: Sub = (call, args) => {
  if (args.some(({ text }) => text === undefined || /^--(?:hard|merge|keep|recurse)/.test(text))) everything(call, args);
  else index(call, args);
};

const commit: Sub = (call, args) => {
  const { given } = readOptions(args, {
    valued: names(
      '-m --message -F --file -C -c --author --date -t --template --fixup --squash --reedit-message --reuse-message --trailer --cleanup',
    ),
    attached: names('-S -u'),
  });
  reads(call, ...valuesOf(given, '-F', '--file', '-t', '--template'));
  // Without the hooks that may mend files, it only records them.
  if (hasAny(given, '-n', '--no-verify')) {
    infers(call);
    index(call, args);
  } else everything(call, args);
};

const describe: Sub = (call, args) =>
  (args.some(({ text }) => text === undefined || /^--(?:dirty|broken)/.test(text)) ? refreshing : history)(call, args);

const archive: Sub = (call, args) => {
  const { given } = readOptions(args, { valued: names('-o --output --format --prefix --remote --add-file --add-virtual-file') });
  if (hasAny(given, '--remote', '--exec', '--add-virtual-file'))
    call.footprint.barrier('it is not known what its options make git do');
  writes(call, ...valuesOf(given, '-o'));
  reads(call, ...valuesOf(given, '--add-file'));
  tree(call, []);
};

const formatPatch: Sub = (call, args) => {
  const { given } = readOptions(args, { valued: names('-o --output-directory') });
  history(call, args);
  const places = valuesOf(given, '-o', '--output-directory');
  if (places.length > 0) writes(call, ...places);
  else if (!given.has('--stdout')) writes(call, literal('.'));
};

const apply: Sub = (call, args) => {
  const { operands, given } = readOptions(args, { valued: names('--exclude --include --directory -p -C') });
  reads(call, ...operands.filter(({ text }) => text !== '-'));
  if (given.has('--unsafe-paths') || given.has('--build-fake-ancestor'))
    call.footprint.barrier('it is not known what its options make git do');
  if (hasAny(given, '--check', '--stat', '--numstat', '--summary') && !given.has('--apply')) tree(call, []);
  else everything(call, []);
};

const bundle: Sub = (call, args) => {
  writes(
    call,
    ...args
      .slice(1)
      .filter(({ text }) => !text?.startsWith('-'))
      .slice(0, 1),
  );
};

const submodule: Sub = (call, args) => {
  const first = args.find(({ text }) => !text?.startsWith('-'))?.text;
  if (first === 'foreach') unknown(call, args);
  else (first === 'status' || first === 'summary' || first === undefined ? tree : everything)(call, args);
};
const rebase: Sub = (call, args) =>
  (args.some(({ text }) => text === undefined || /^(?:-x|--exec|-i|--interactive|--edit-todo)/.test(text))
    ? unknown
    : everything)(call, args);
const push: Sub = (call, args) => {
  everythingInRepository(call, args);
  reads(call, ...readOptions(args, { valued: new Set() }).operands);
};
const grep: Sub = (call, args) =>
  (args.some(({ text }) => text === undefined || /^(?:-O|--open-files)/.test(text)) ? unknown : tree)(call, args);
const init: Sub = (call, args) => {
  const { operands, given } = readOptions(args, { valued: names('-b --initial-branch --object-format') });
  if (hasAny(given, '--template', '--separate-git-dir')) call.footprint.barrier('it is not known what its options make git do');
  writes(call, ...(operands.length > 0 ? operands : [literal('.git')]));
  writesRepository(call);
};
const nothing: Sub = () => {};

const rows = (text: string, sub: Sub) => Object.fromEntries(text.split(' ').map((name) => [name, sub]));

const SUBS: Readonly<Record<string, Sub>> = {
  ...rows('log show rev-parse rev-list shortlog cat-file ls-tree ls-remote for-each-ref name-rev merge-base whatchanged show-ref show-branch count-objects diff-tree cherry range-diff verify-commit verify-tag var get-tar-commit-id merge-tree patch-id', history),
  ...rows('version help check-ref-format stripspace interpret-trailers-x column', nothing),
  ...rows('ls-files check-ignore check-attr blame annotate fsck diff-files diff-index', tree),
  ...rows('status diff', refreshing),
  ...rows('merge pull cherry-pick revert am checkout switch clean read-tree checkout-index sparse-checkout lfs mv-x', everything),
  ...rows('gc prune repack update-ref pack-refs maintenance fetch', repositoryOnly),
  ...rows('add stage update-index write-tree commit-tree', index),
  ...rows('bisect filter-branch difftool mergetool hook send-email daemon gui citool instaweb credential', unknown),
  branch: listsOr([], '-a -r -l --list --all --remotes --show-current --contains --merged --no-merged --points-at', repositoryOnly),
  tag: listsOr([], '-l --list --contains --merged --points-at -n', repositoryOnly),
  remote: listsOr(['show', 'get-url'], '', repositoryOnly),
  reflog: listsOr(['show'], '', repositoryOnly),
  notes: listsOr(['show', 'list'], '', repositoryOnly),
  'symbolic-ref': (call, args) => (readOptions(args, { valued: names('-m') }).operands.length < 2 && !args.some(({ text }) => text === '-d' || text === '--delete') ? history : repositoryOnly)(call, args),
  checkout: (call, args) => (args.some(({ text }) => text === '--') ? paths : everything)(call, args),
  restore, rm: removeOrMove, mv: removeOrMove, clone, worktree, config, stash, reset, commit, describe, archive, 'format-patch': formatPatch, apply, bundle, submodule, rebase, push, grep, init,
}; // biome-ignore format: a table is read by rows
