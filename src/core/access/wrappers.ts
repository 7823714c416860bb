/** Programs that start another one. Pure. */
import { ANYTHING, type Argument, literal, names, readOptions, UNKNOWN } from './argument.js';
import { type Call, directory, hasAny, type Row, reads, type Table, valuesOf, writesAt } from './call.js';
import { isDangerousVariable } from './variables.js';

/** What stands after its own options and `skip` operands is started. */
function wrapper(values: string, skip = 0, flags = ''): Row {
  const allowed = names(flags);
  const valued = names(values);
  return (call) => {
    let index = 0;
    for (; index < call.args.length; index += 1) {
      const text = call.args[index]?.text;
      if (text === undefined || !text.startsWith('-') || text === '-') break;
      if (text === '--') {
        index += 1;
        break;
      }
      const name = text.split('=')[0] ?? text;
      if (valued.has(name)) index += text.includes('=') ? 0 : 1;
      else if (
        !allowed.has(name) &&
        ![...valued].some((known) => /^-\w$/.test(known) && text.startsWith(known)) &&
        !/^-\d+$/.test(text)
      )
        call.footprint.barrier(`it is not known what ${name} makes it do`);
    }
    if (call.args.slice(index, index + skip).some((word) => word.many || word.loose))
      call.footprint.barrier('it is not known which program it starts');
    call.start(call.args.slice(index + skip));
  };
}

const xargs: Row = (call) => {
  const valued = names('-I -n -P -L -d -s -E -a --arg-file --max-args --max-procs --max-lines --delimiter --max-chars --replace');
  const attached = names('-i -e -l');
  const { operands, given } = readOptions(call.args, { valued, attached, stopsAtOperand: true });
  const known = names('-0 --null -r --no-run-if-empty -t --verbose -x --exit -p');
  for (const name of given.keys())
    if (!known.has(name) && !valued.has(name) && !attached.has(name))
      call.footprint.barrier(`it is not known what ${name} makes it do`);
  reads(call, ...valuesOf(given, '-a', '--arg-file'));
  const [replaced] = valuesOf(given, '-I', '-i', '--replace');
  const isReplaced = hasAny(given, '-I', '-i', '--replace');
  const isListed = call.fed && !hasAny(given, '-a', '--arg-file', '-d', '--delimiter');
  const item: Argument = { glob: isListed ? `${call.footprint.folder}/**` : UNKNOWN, many: true };
  if (operands.length === 0) return;
  if (isReplaced) call.start(operands.map((word) => withItem(word, replaced?.text ?? '{}', { glob: item.glob })));
  else call.start([...operands, item]);
};

/** The word with each place of an item filled. */
export function withItem(word: Argument, place: string, item: Argument): Argument {
  if (word.text === place) return item;
  const { glob: placed } = literal(place);
  if (place === '' || !word.glob.includes(placed)) return word;
  return { ...(word.many ? { many: true } : {}), glob: word.glob.split(placed).join(UNKNOWN) };
}

const find: Row = (call) => {
  const start = call.args.findIndex(
    (word, index) =>
      /^(?:-(?![HLPO])|[(!])/.test(word.text ?? word.glob) && !/^-[HLP]$|^-O\d|^-D$/.test(word.text ?? '') && index >= 0,
  );
  const before = (start < 0 ? call.args : call.args.slice(0, start)).filter((word) => !/^-[HLP]$|^-O\d$/.test(word.text ?? ''));
  const roots = before.length > 0 ? before : [literal('.')];
  if (before.some((word) => word.loose)) call.footprint.barrier('it is not known what it finds and does');
  reads(call, ...roots);
  const rest = start < 0 ? [] : call.args.slice(start);
  for (let index = 0; index < rest.length; index += 1) index += findAction(call, rest, index, roots);
};

const FIND_READS = /^-(?:(?:a|c)?newer|newer[aBcm][aBcm]|samefile|files0-from)$/;
const FIND_VALUES =
  /^-(?:name|iname|path|ipath|wholename|iwholename|regex|iregex|regextype|type|xtype|size|perm|user|group|uid|gid|mtime|atime|ctime|mmin|amin|cmin|maxdepth|mindepth|links|inum|lname|ilname|printf|fstype|used|context|newer..)$/;
const FIND_FLAGS =
  /^(?:-(?:and|a|or|o|not|print|print0|prune|quit|empty|ls|depth|d|mount|xdev|follow|readable|writable|executable|true|false|nouser|nogroup|daystart|noleaf|ignore_readdir_race|noignore_readdir_race|warn|nowarn)|[()!,])$/;

/** Answers how many words after it belong to it. */
function findAction(call: Call, rest: readonly Argument[], index: number, roots: readonly Argument[]): number {
  const text = rest[index]?.text;
  if (text === undefined) {
    call.footprint.barrier('it is not known what it finds and does');
    return 0;
  }
  if (text === '-delete') {
    for (const root of roots) call.footprint.write(root, call.cwd);
    return 0;
  }
  if (FIND_READS.test(text)) {
    reads(call, ...rest.slice(index + 1, index + 2));
    return 1;
  }
  if (/^-fprint0?$|^-fls$|^-fprintf$/.test(text)) {
    for (const file of rest.slice(index + 1, index + 2)) call.footprint.write(file, call.cwd);
    return text === '-fprintf' ? 2 : 1;
  }
  if (text === '-exec' || text === '-ok') {
    const end = rest.findIndex(
      (word, at) => at > index && (word.text === ';' || (word.text === '+' && rest[at - 1]?.text === '{}')),
    );
    if (end < 0) call.footprint.barrier('it is not known what it finds and does');
    else for (const root of roots) call.start(rest.slice(index + 1, end).map((word) => withItem(word, '{}', below(root))));
    return Math.max(0, end - index);
  }
  if (FIND_VALUES.test(text)) return 1;
  if (!FIND_FLAGS.test(text)) call.footprint.barrier(`it is not known what ${text} makes it do`);
  return 0;
}

function below(root: Argument): Argument {
  return { glob: root.glob.includes(UNKNOWN) ? UNKNOWN : `${root.glob === '' ? '.' : root.glob}/**`, many: true };
}

const fd: Row = (call) => {
  const at = call.args.findIndex((word) => /^(?:-x|-X|--exec|--exec-batch)$/.test(word.text ?? ''));
  const own = at < 0 ? call.args : call.args.slice(0, at);
  const valued = names(
    '-e --extension -t --type -d --max-depth -E --exclude -g --size -S -c --color -j --threads --changed-within --changed-before --min-depth --max-results',
  );
  const { operands, loose } = readOptions(own, { valued });
  if (loose || own.some((word) => /^(?:-x|-X|--exec)/.test(word.text ?? word.glob)))
    call.footprint.barrier('it is not known what it finds and does');
  const roots = operands.length > 1 ? operands.slice(1) : [literal('.')];
  reads(call, ...roots);
  if (at < 0) return;
  const command = call.args.slice(at + 1).filter((word) => word.text !== ';');
  const isPlaced = command.some((word) => /\{[/.]*\}/.test(word.text ?? ''));
  for (const root of roots) {
    const item = below(root);
    call.start(
      isPlaced
        ? command.map((word) => (/\{[/.]*\}/.test(word.text ?? '') ? { glob: UNKNOWN, many: true } : word))
        : [...command, item],
    );
  }
};

const env: Row = (call) => {
  const own = call.args;
  let index = 0;
  let cwd = call.cwd;
  for (; index < own.length; index += 1) {
    const word = own[index] as Argument;
    const text = word.text ?? word.glob;
    if (text === '-i' || text === '-' || text === '--ignore-environment' || text === '-0') continue;
    if (text === '-u' || text === '--unset') index += 1;
    else if (/^--unset=/.test(text)) continue;
    else if (text === '-C' || text === '--chdir') {
      index += 1;
      cwd = directory({ ...call, cwd }, own[index] ?? ANYTHING);
    } else if (text === '--') {
      index += 1;
      break;
    } else if (text.startsWith('-')) call.footprint.barrier(`it is not known what ${text} makes it do`);
    else if (/^[A-Za-z_]\w*=/.test(text) && !word.loose) {
      const name = text.slice(0, text.indexOf('='));
      // `env -i PATH=/bin` gives the usual programs their usual place.
      const isUsual = name === 'PATH' && /=(?:\/(?:usr\/(?:local\/)?)?s?bin:?)+$/.test(text);
      if (isDangerousVariable(name) && !isUsual) call.footprint.barrier(`it changes ${name}`);
    } else break;
  }
  if (index < own.length) call.start(own.slice(index), cwd);
};

const nohup: Row = (call) => {
  writesAt(call, 'nohup.out');
  const home = call.env['HOME'];
  if (home !== undefined) call.footprint.write(literal(`${home}/nohup.out`), call.cwd);
  call.start(call.args);
};

const shell: Row = (call) => {
  const { args } = call;
  let index = 0;
  let line = false;
  for (; index < args.length; index += 1) {
    const text = args[index]?.text;
    if (text === undefined || !/^[-+]/.test(text)) break;
    if (text === '-o' || text === '+o') index += 1;
    else if (/^-[euxvfn]*c$/.test(text)) line = true;
    else if (/^-[euxvf]*o$/.test(text)) index += 1;
    else if (/^(?:-n)$/.test(text)) {
      reads(call, ...args.slice(index + 1));
      return;
    } else if (text === '--version') return;
    else if (!/^[-+][euxvf]+$|^--(?:norc|noprofile|posix)$/.test(text))
      call.footprint.barrier(`it is not known what ${text} makes the shell do`);
  }
  const text = args[index]?.text;
  if (!line || text === undefined)
    call.footprint.barrier(line ? 'it runs a text that is made while it runs' : 'it runs a script');
  else call.shell(text);
};

const command: Row = (call) => {
  if (/^-[vV]$/.test(call.args[0]?.text ?? '')) return;
  const rest = call.args[0]?.text === '-p' || call.args[0]?.text === '--' ? call.args.slice(1) : call.args;
  if (/^(?:cd|eval|source|\.|export|read|unset|exec|exit|set)$/.test(rest[0]?.text ?? ''))
    call.footprint.barrier('it calls a command of the shell in a way that is not followed');
  if (rest.length > 0) call.start(rest);
};

/** Its coverage is written into the folder, or where options say. */
const coverage: Row = (call) => {
  const valued = names(
    '-r --reporter -n --include -x --exclude -e --extension --reports-dir --report-dir -o --temp-directory --temp-dir -t --branches --lines --functions --statements',
  );
  const { operands, given } = readOptions(call.args.slice(0, firstOperand(call.args, valued) + 1), {
    valued,
    stopsAtOperand: true,
  });
  writesAt(call, 'coverage', '.nyc_output');
  for (const place of valuesOf(given, '--reports-dir', '--report-dir', '-o', '--temp-directory', '--temp-dir', '-t'))
    call.footprint.write(place, call.cwd);
  const known = names(
    '--all -a --check-coverage --per-file --clean --no-clean --skip-full --source-map --exclude-after-remap --100 --silent -s --cache --no-cache --hook-require --nycrc-path',
  );
  for (const name of given.keys())
    if (!known.has(name) && !valued.has(name)) call.footprint.barrier(`it is not known what ${name} makes it do`);
  const first = operands[0]?.text;
  if (first === 'report' || first === 'check-coverage') call.footprint.customary = true;
  else call.start(call.args.slice(firstOperand(call.args, valued)));
};

function firstOperand(args: readonly Argument[], valued: ReadonlySet<string>): number {
  for (let index = 0; index < args.length; index += 1) {
    const text = args[index]?.text ?? '';
    if (!text.startsWith('-')) return index;
    if (valued.has(text)) index += 1;
  }
  return args.length;
}

export const WRAPPERS: Table = {
  sudo: wrapper('-u --user -g --group -p -C -h -T', 0, '-E -n -H -S -k -b --preserve-env --non-interactive'),
  doas: wrapper('-u', 0, '-n'),
  time: wrapper('-f --format', 0, '-p -v --verbose'),
  nice: wrapper('-n --adjustment'),
  ionice: wrapper('-c -n', 0, '-t'),
  timeout: wrapper('-k --kill-after -s --signal', 1, '--foreground --preserve-status -v --verbose'),
  gtimeout: wrapper('-k --kill-after -s --signal', 1, '--foreground --preserve-status -v --verbose'),
  stdbuf: wrapper('-i -o -e --input --output --error'),
  setsid: wrapper('', 0, '-w -f --wait --fork'),
  caffeinate: wrapper('-t', 0, '-i -d -s -m -u'),
  unbuffer: wrapper('', 0, '-p'),
  chronic: wrapper(''),
  watch: (call) => {
    const { operands } = readOptions(call.args, { valued: names('-n --interval'), stopsAtOperand: true });
    if (operands.some(({ text }) => text === undefined)) call.footprint.barrier('it runs a text that is made while it runs');
    else call.shell(operands.map(({ text }) => text).join(' '));
  },
  'cross-env': env,
  nohup,
  env,
  command,
  xargs,
  find,
  fd,
  fdfind: fd,
  sh: shell,
  bash: shell,
  dash: shell,
  zsh: (call) => (call.args[0]?.text === '-n' ? reads(call, ...call.args.slice(1)) : call.footprint.barrier('it runs a script')),
  c8: coverage,
  nyc: coverage,
  busybox: (call) => call.start(call.args),
  'xvfb-run': wrapper('-n --server-num -s --server-args', 0, '-a --auto-servernum'),
};
