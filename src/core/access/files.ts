/** Programs of every day that read and write files. Pure. */
import { ANYTHING, type Argument, afterStart, literal, names, readOptions } from './argument.js';
import {
  type Call,
  hasAny,
  type Row,
  reads,
  readsAt,
  readsWhole,
  type Table,
  valuesOf,
  writes,
  writesAt,
  writesWhole,
} from './call.js';
import { awkIsPlain, perlIsPlain, sedFiles } from './file-scripts.js';
import { onlySays, row, update } from './row.js';

const none: Row = () => {};
const read = row({ operands: 'read', flags: '-i -o' });

/** `head -n 5 a` and its kin. */
const lines = row({ operands: 'read', values: '-n -c --lines --bytes -s --pid --sleep-interval', flags: '-i' });

const sed: Row = (call) => {
  const shape = { valued: names('-e --expression -f --file -l --line-length'), attached: names('-i --in-place -I') };
  const { operands, given, loose, many } = readOptions(call.args, shape);
  if (loose || given.has('-f') || given.has('--file')) call.footprint.barrier('it is not known what its script does');
  const isGiven = hasAny(given, '-e', '--expression');
  // `sed -i '' s/a/b/ file` as it is written for macOS: an empty name cannot be a script that changes something.
  const own = given.has('-i') && operands[0]?.text === '' ? operands.slice(1) : operands;
  const scripts = isGiven ? valuesOf(given, '-e', '--expression') : own.slice(0, 1);
  if (scripts.some((word) => word.many)) call.footprint.barrier('it is not known what its script does');
  for (const script of scripts) {
    const found = script.text === undefined ? undefined : sedFiles(script.text);
    if (found === undefined) call.footprint.barrier('it is not known what its script does');
    reads(call, ...(found?.reads ?? []).map(literal));
    writes(call, ...(found?.writes ?? []).map(literal));
  }
  const files = isGiven || many ? own : own.slice(1);
  const isInPlace = hasAny(given, '-i', '--in-place', '-I');
  reads(call, ...files);
  if (!isInPlace) return;
  writes(call, ...files);
  for (const suffix of valuesOf(given, '-i', '--in-place', '-I')) for (const file of files) writes(call, backup(file, suffix));
};

/** A suffix with a star or a slash names the backup another way. */
function backup(file: Argument, suffix: Argument): Argument {
  return suffix.text === undefined || /[*/]/.test(suffix.text) ? ANYTHING : { glob: file.glob + suffix.glob };
}

const awk: Row = (call) => {
  const { operands, given, loose, many } = readOptions(call.args, { valued: names('-F -v --field-separator --assign') });
  const program = operands[0]?.text;
  const options = [...given.keys()].every((name) =>
    /^(?:-F|-v|--field-separator|--assign|--posix|-S|--sandbox|--version)$/.test(name),
  );
  if (loose || many || !options || program === undefined || !awkIsPlain(program)) {
    // A list of files that nobody knows still follows the program.
    const onlyMany = many && !loose && options && operands[0]?.many === undefined && program !== undefined && awkIsPlain(program);
    if (!onlyMany) call.footprint.barrier('it is not known what its program does');
  }
  reads(call, ...operands.slice(1).filter((word) => !/^[A-Za-z_]\w*=/.test(word.text ?? '')));
};

const perl: Row = (call) => {
  const [options, code, ...files] = call.args;
  const inPlace = /^-(?:p|n)?i(\.\w+)?(?:p|n)?e?$/.exec(options?.text ?? '');
  const isEdit = inPlace && options?.text?.includes('p') && (options.text.endsWith('e') || code?.text === '-e');
  const script = options?.text?.endsWith('e') ? code : files[0];
  const rest = options?.text?.endsWith('e') ? files : files.slice(1);
  if (
    !isEdit ||
    script?.text === undefined ||
    !perlIsPlain(script.text) ||
    rest.some((word) => word.text?.startsWith('-') || word.loose)
  ) {
    if (!/^(?:-v|--version)$/.test(options?.text ?? '')) call.footprint.barrier('it runs a program of its own');
    return;
  }
  update(call, rest);
  if (inPlace[1]) writes(call, ...rest.map((file) => ({ glob: file.glob + inPlace[1] })));
};

/** The first word may be options without a dash, whose values then follow in their order. */
function withDashes(args: readonly Argument[]): readonly Argument[] {
  const [first, ...rest] = args;
  if (first?.text === undefined || !/^[A-Za-z]+$/.test(first.text)) return args;
  const result: Argument[] = [];
  let next = 0;
  for (const letter of first.text) {
    result.push(literal(`-${letter}`));
    if (/[fCTXbIgFHKLNV]/.test(letter)) result.push(...rest.slice(next, ++next));
  }
  return [...result, ...rest.slice(next)];
}

const tar: Row = (call) => {
  const args = withDashes(call.args);
  const valued = names(
    '-f --file -C --directory -T --files-from -X --exclude-from --exclude --strip-components --transform --xform --owner --group --mode --mtime --format --one-top-level -b -I --use-compress-program -g --listed-incremental',
  );
  const { operands, given, loose } = readOptions(args, { valued });
  const bad = [
    '-I',
    '--use-compress-program',
    '-g',
    '--listed-incremental',
    '--to-command',
    '-F',
    '--info-script',
    '--checkpoint-action',
    '--remove-files',
    '--transform',
    '--xform',
    '-P',
    '--absolute-names',
    '--index-file',
    '--rsh-command',
  ];
  if (loose || hasAny(given, ...bad)) call.footprint.barrier('it is not known what its options make it do');
  const archives = valuesOf(given, '-f', '--file').filter((file) => file.text !== '-' && !/^[^/]*:/.test(file.text ?? ''));
  const places = valuesOf(given, '-C', '--directory');
  const inside = (file: Argument) =>
    places.length === 0 ? [file] : places.map((place) => ({ glob: `${place.glob}/${file.glob}` }));
  const lists = valuesOf(given, '-T', '--files-from', '-X', '--exclude-from');
  reads(call, ...lists);
  if (hasAny(given, '-x', '--extract', '--get')) {
    reads(call, ...archives);
    const top = valuesOf(given, '--one-top-level');
    writes(call, ...(places.length > 0 ? places : top.length > 0 ? top : [{ glob: '.' }]));
  } else if (hasAny(given, '-c', '--create', '-r', '--append', '-u', '--update', '-A')) {
    writes(call, ...archives);
    // A name may be absolute, and a directory may count for only some of them.
    reads(call, ...operands, ...operands.flatMap(inside));
    if (lists.length > 0) reads(call, ANYTHING);
  } else if (hasAny(given, '-t', '--list', '-d', '--diff', '--compare')) {
    reads(call, ...archives);
    if (!hasAny(given, '-t', '--list')) readsAt(call, '.');
  } else if (!given.has('--version') && !given.has('--help'))
    call.footprint.barrier('it is not known what its options make it do');
};

const unzip: Row = (call) => {
  const { operands, given, loose } = readOptions(call.args, { valued: names('-d -x') });
  if (loose || operands.some((word) => word.many)) call.footprint.barrier('it is not known what its options make it do');
  reads(call, ...operands.slice(0, 1), ...operands.slice(0, 1).map((file) => ({ glob: `${file.glob}.zip` })));
  if (hasAny(given, '-l', '-t', '-p', '-Z', '-v', '-z')) return;
  writes(call, ...(given.has('-d') ? valuesOf(given, '-d') : [{ glob: '.' }]));
};

const zip: Row = (call) => {
  const { operands, given, loose, many } = readOptions(call.args, { valued: names('-x -i -b -t -n') });
  if (loose || many || hasAny(given, '-m', '--move', '-T', '--unzip-command', '-TT', '-O', '--out', '-b'))
    call.footprint.barrier('it is not known what its options make it do');
  const [archive, ...files] = operands;
  if (archive && archive.text !== '-') update(call, [archive, { glob: `${archive.glob}.zip` }]);
  reads(call, ...files);
  if (given.has('-@')) reads(call, ANYTHING);
};

/** A compressor: a file gives way to another with an ending more, or less. */
function compressor(endings: readonly string[], always?: 'unpack'): Row {
  return (call) => {
    const { operands, given, loose } = readOptions(call.args, {
      valued: names('-S --suffix -T --threads'),
      attached: names('-o'),
    });
    if (loose || hasAny(given, '-S', '--suffix', '-o', '--output-dir-flat', '--output-dir-mirror'))
      call.footprint.barrier('it is not known what its options make it write');
    reads(call, ...operands);
    if (hasAny(given, '-c', '--stdout', '--to-stdout', '-l', '--list', '-t', '--test')) return;
    if (hasAny(given, '-r', '--recursive')) writes(call, ...operands);
    if (!hasAny(given, '-k', '--keep')) writes(call, ...operands);
    const unpacks = always === 'unpack' || hasAny(given, '-d', '--decompress', '--uncompress');
    for (const file of operands) {
      if (!unpacks) writes(call, ...endings.map((ending) => ({ glob: `${file.glob}${ending}` })));
      else writes(call, unpacked(file, endings));
    }
  };
}

function unpacked(file: Argument, endings: readonly string[]): Argument {
  const ending = endings.find((each) => file.glob.endsWith(each));
  return { glob: ending ? file.glob.slice(0, -ending.length) : `${file.glob}*` };
}

const dd: Row = (call) => {
  for (const word of call.args) {
    const text = word.text ?? word.glob;
    if (word.loose) call.footprint.barrier('it is not known what it writes');
    if (text.startsWith('if=')) reads(call, afterStart(word, 3));
    else if (text.startsWith('of=')) writes(call, afterStart(word, 3));
  }
};

const split: Row = (call) => {
  const { operands, given, loose, many } = readOptions(call.args, {
    valued: names('-l -b -C -n -a --lines --bytes --line-bytes --number --suffix-length --additional-suffix -t --separator'),
    attached: names('-d -x'),
  });
  if (loose || many || given.has('--filter')) call.footprint.barrier('it is not known what it writes');
  reads(call, ...operands.slice(0, 1));
  writesAt(call, `${operands[1]?.glob ?? 'x'}*`);
};

const csplit: Row = (call) => {
  const { operands, given, loose } = readOptions(call.args, { valued: names('-f --prefix -b --suffix-format -n --digits') });
  if (loose || hasAny(given, '-b', '--suffix-format')) call.footprint.barrier('it is not known what it writes');
  reads(call, ...operands.slice(0, 1));
  const prefixes = valuesOf(given, '-f', '--prefix');
  writes(call, ...(prefixes.length > 0 ? prefixes : [literal('xx')]).map((prefix) => ({ glob: `${prefix.glob}*` })));
};

const patch: Row = (call) => {
  const { operands, given, loose, many } = readOptions(call.args, {
    valued: names('-p -i --input -o --output -r --reject-file -d --directory -b --strip -F --fuzz -B -V -z -Y -D'),
  });
  if (loose || many || hasAny(given, '-B', '-V', '-z', '-Y')) call.footprint.barrier('it is not known what it writes');
  reads(call, ...valuesOf(given, '-i', '--input'), ...operands.slice(1));
  const [file] = operands;
  if (!file || operands.length === 0 || hasAny(given, '-d', '--directory')) {
    readsWhole(call);
    writesWhole(call);
    writes(call, ...valuesOf(given, '-d', '--directory'), ...operands);
  } else update(call, [file, { glob: `${file.glob}.orig` }, { glob: `${file.glob}.rej` }]);
  writes(call, ...valuesOf(given, '-o', '--output', '-r', '--reject-file'));
};

const CURL_VALUES =
  '-A --user-agent -b --cookie -e --referer -H --header -m --max-time -u --user -x --proxy -w --write-out --connect-timeout --retry --retry-delay --retry-max-time -r --range --url --resolve --cacert --interface --limit-rate -C --continue-at --max-redirs --ciphers --dns-servers -y -Y -z --time-cond --noproxy --proto --proto-redir --oauth2-bearer --aws-sigv4 --speed-limit --speed-time --max-filesize --retry-all-errors-x --proxy-user --connect-to';
const CURL_FLAGS =
  /^(?:-[sSfLkIviNgG4601#BjlnpqaRZ]|--(?:silent|show-error|fail|fail-with-body|location|insecure|head|verbose|include|no-buffer|globoff|get|ipv4|ipv6|compressed|http\d.*|progress-bar|tlsv1.*|retry-connrefused|retry-all-errors|create-dirs|no-progress-meter|ssl-reqd|tcp-nodelay|path-as-is|parallel|raw|location-trusted|create-file-mode|remote-time|version|help|-[a-z]))$/;

const curl: Row = (call) => {
  const outputs =
    '-o --output -D --dump-header -c --cookie-jar --trace --trace-ascii --stderr --libcurl --etag-save --hsts --alt-svc --output-dir';
  const { operands, given, loose } = readOptions(call.args, {
    valued: names(`${CURL_VALUES} ${outputs} -X --request -E --cert --key --netrc-file --etag-compare`),
  });
  if (loose) call.footprint.barrier('it is not known what its options make it do');
  const known = new Set([
    ...names(
      `${CURL_VALUES} ${outputs} -E --cert --key --netrc-file --etag-compare -O --remote-name --remote-name-all -J --remote-header-name`,
    ),
  ]);
  for (const name of given.keys()) {
    if (name === '-X' || name === '--request') {
      if (valuesOf(given, '-X', '--request').some(({ text }) => !/^(?:GET|HEAD|OPTIONS)$/.test(text ?? '')))
        call.footprint.barrier('it changes something on a server');
    } else if (!known.has(name) && !CURL_FLAGS.test(name)) call.footprint.barrier(`it is not known what ${name} makes it do`);
  }
  const places = valuesOf(given, '--output-dir');
  const named = valuesOf(given, ...names(outputs)).filter(({ text }) => text !== '-');
  writes(call, ...named, ...places.flatMap((place) => named.map((file) => ({ glob: `${place.glob}/${file.glob}` }))));
  reads(
    call,
    ...valuesOf(given, '-E', '--cert', '--key', '--netrc-file', '--etag-compare', '--cacert', '-b', '--cookie').filter(
      ({ text }) => !text?.includes('='),
    ),
  );
  readsAt(call, `${call.env['HOME'] ?? ''}/.curlrc`);
  for (const url of [...operands, ...valuesOf(given, '--url')])
    if (/^file:/i.test(url.text ?? url.glob) || url.text === undefined)
      reads(call, /^file:\/\//i.test(url.text ?? '') ? afterStart(url, 7) : ANYTHING);
  if (hasAny(given, '-O', '--remote-name', '--remote-name-all', '-J', '--remote-header-name'))
    remoteNames(call, operands, places, given);
};

function remoteNames(
  call: Call,
  urls: readonly Argument[],
  places: readonly Argument[],
  given: ReadonlyMap<string, unknown>,
): void {
  const isServers = hasAny(given, '-J', '--remote-header-name');
  for (const url of urls) {
    const name = /^[^?#]*\/([\w.-]+)$/.exec(url.text ?? '')?.[1];
    const file = isServers || name === undefined ? '*' : name;
    writes(call, { glob: file }, ...places.map((place) => ({ glob: `${place.glob}/${file}` })));
  }
}

const wget: Row = (call) => {
  const values =
    '-t --tries -T --timeout -U --user-agent --header -e --execute -l --level -A -R -D --waitretry -w --wait --limit-rate --retry-connrefused-x';
  const outputs = '-O --output-document -o --output-file -a --append-output -P --directory-prefix --save-cookies';
  const { operands, given, loose } = readOptions(call.args, { valued: names(`${values} ${outputs} -i --input-file`) });
  if (
    loose ||
    hasAny(
      given,
      '-e',
      '--execute',
      '--post-data',
      '--post-file',
      '--method',
      '--body-data',
      '--body-file',
      '--use-askpass',
      '-b',
      '--background',
    )
  )
    call.footprint.barrier('it is not known what its options make it do');
  reads(call, ...valuesOf(given, '-i', '--input-file'));
  const documents = valuesOf(given, '-O', '--output-document');
  writes(call, ...valuesOf(given, ...names(outputs)).filter(({ text }) => text !== '-'));
  if (given.has('--spider') || onlySays({ operands, given, loose, many: false })) return;
  // The server decides the name, and an old file of that name gives another.
  if (documents.length === 0 && !hasAny(given, '-P', '--directory-prefix')) writesAt(call, '.');
};

const rsync: Row = (call) => {
  const { operands, given, loose, many } = readOptions(call.args, {
    valued: names(
      '-e --rsh --exclude --include -f --filter --exclude-from --include-from --files-from --chmod --chown --max-size --min-size --bwlimit --timeout',
    ),
  });
  const isRemote = operands.some(({ text }) => text === undefined || /^[^/]+:/.test(text) || text.startsWith('rsync:'));
  if (loose || many || isRemote || hasAny(given, '-e', '--rsh', '--rsync-path', '--remove-source-files'))
    call.footprint.barrier('it reaches another machine, or does what is not known');
  if (
    [...given.keys()].some((name) =>
      /^--(?:log-file|backup-dir|temp-dir|partial-dir|write-batch|only-write-batch|read-batch|link-dest|compare-dest|copy-dest|suffix)/.test(
        name,
      ),
    )
  )
    call.footprint.barrier('it is not known what its options make it write');
  reads(call, ...valuesOf(given, '--exclude-from', '--include-from', '--files-from'), ...operands);
  if (operands.length > 1) writes(call, ...operands.slice(-1));
};

const test: Row = (call) => {
  call.args.forEach((word, index) => {
    const before = call.args[index - 1]?.text ?? '';
    const next = call.args[index + 1]?.text ?? '';
    if (word.loose && call.args.length < 4) reads(call, word);
    else if (/^-(?:[a-hkprstuwxGLNOS]|nt|ot|ef)$/.test(before) || /^-(?:nt|ot|ef)$/.test(next)) reads(call, word);
  });
};

const install = row({
  operands: 'copy',
  values: '-m --mode -o --owner -g --group -S --suffix',
  into: '-t --target-directory',
  barrier: '-b --backup -S --suffix -s --strip --strip-program',
});
const makeDirectory: Row = (call) => {
  if (!hasAny(readOptions(call.args, { valued: names('-m -o -g') }).given, '-d', '--directory')) return install(call);
  row({ operands: 'write', values: '-m --mode -o --owner -g --group' })(call);
};

const ln: Row = (call) => {
  const { operands, given, loose, many } = readOptions(call.args, { valued: names('-t --target-directory -S --suffix') });
  if (loose || hasAny(given, '-b', '--backup', '-S', '--suffix')) call.footprint.barrier('it is not known what it writes');
  const into = valuesOf(given, '-t', '--target-directory');
  const last = many
    ? operands
    : into.length > 0
      ? into
      : operands.length > 1
        ? operands.slice(-1)
        : [{ glob: (operands[0]?.glob ?? '').replace(/\/+$/, '').replace(/^.*\//, '') }];
  reads(call, ...operands);
  writes(call, ...last);
};

const grep = row({
  operands: 'read', skip: 1, skipUnless: '-e -f --regexp --file', here: '-r -R --recursive --dereference-recursive',
  values: '-e --regexp -m --max-count -A --after-context -B --before-context -C --context --include --exclude --exclude-dir --label --group-separator',
  reads: '-f --file --exclude-from', flags: '-o -i --only-matching --exclude-dir',
}); // biome-ignore format: a table is read by rows
const rg = row({
  operands: 'read', skip: 1, skipUnless: '-e -f --regexp --file --files --type-list', here: true,
  values: '-e --regexp -m --max-count -A --after-context -B --before-context -C --context -g --glob --iglob -t --type -T --type-not -d --max-depth -M --max-columns -j --threads -r --replace -E --encoding --sort --sortr --max-filesize --color --colors --context-separator --path-separator --type-add --engine --dfa-size-limit --regex-size-limit',
  reads: '-f --file --ignore-file', flags: '-o -i --only-matching --ignore-case', barrier: '--pre --hostname-bin --debug-file',
}); // biome-ignore format: a table is read by rows

const json: Row = (call) => {
  const two = names('--arg --argjson --slurpfile --rawfile');
  const rest: Argument[] = [];
  for (let index = 0; index < call.args.length; index += 1) {
    const word = call.args[index] as Argument;
    if (!two.has(word.text ?? '')) {
      rest.push(word);
      continue;
    }
    if (/file$/.test(word.text ?? '')) reads(call, ...call.args.slice(index + 2, index + 3));
    index += 2;
  }
  const args = rest.findIndex(({ text }) => text === '--args' || text === '--jsonargs');
  row({ operands: 'read', skip: 1, skipUnless: '-f --from-file', values: '--indent', reads: '-f --from-file -L', flags: '-i' })({
    ...call,
    args: args < 0 ? rest : rest.slice(0, args),
  });
};

const yq = row({
  operands: 'read',
  values: '-I --indent -p --input-format -o --output-format',
  reads: '--from-file',
  update: '-i --inplace -y-in-place',
  barrier: '-s --split-exp --split-exp-file',
  flags: '-o',
});
const yqRow: Row = (call) => {
  const { operands } = readOptions(call.args, { valued: names('-I --indent -p --input-format -o --output-format --from-file') });
  const isPlain = operands[0]?.text !== undefined && !/\b(?:load\w*|env\w*|strload|system)\b/.test(operands[0].text);
  if (!isPlain && operands.length > 0) call.footprint.barrier('its expression may read other files');
  // The expression is no file, but some versions have a command before it.
  yq({ ...call, args: call.args.filter((word) => word !== operands[0] && word.text !== 'eval' && word.text !== 'e') });
};

const mktemp: Row = (call) => {
  const { operands, given, loose } = readOptions(call.args, { valued: names('-p --tmpdir --suffix') });
  if (loose) call.footprint.barrier('it is not known what it writes');
  const places = valuesOf(given, '-p', '--tmpdir');
  writes(call, ...places, ...operands.map((name) => ({ glob: name.glob.replace(/X{3,}/, '*') })));
  if (places.length === 0) writes(call, literal(call.changed.has('TMPDIR') ? '/tmp' : (call.env['TMPDIR'] ?? '/tmp')));
};

const base64 = row({ operands: 'read', values: '-w --wrap', barrier: '-o', reads: '-i' });
const openssl: Row = (call) => {
  if (!/^(?:rand|version|dgst|sha256|md5)$/.test(call.args[0]?.text ?? ''))
    call.footprint.barrier('it is not known what it writes');
  row({
    operands: 'read',
    values: '-hex-x',
    writes: '-out',
    flags: '-hex -base64',
    oneDash: true,
    barrier: '-writerand -sign -verify',
  })({ ...call, args: call.args.slice(1) });
};

const xxd: Row = (call) => {
  const { operands, loose, many } = readOptions(call.args, { valued: names('-l -s -c -g -o -len -cols -seek'), oneDash: true });
  if (loose || many) call.footprint.barrier('it is not known what it writes');
  reads(call, ...operands.slice(0, 1));
  writes(call, ...operands.slice(1));
};

const uniq: Row = (call) => {
  const { operands, loose, many } = readOptions(call.args, {
    valued: names('-f -s -w --skip-fields --skip-chars --check-chars'),
  });
  if (loose) call.footprint.barrier('it is not known what it writes');
  reads(call, ...operands);
  writes(call, ...(many ? operands : operands.slice(1)));
};

const touch = row({ operands: 'write', values: '-d --date -t', reads: '-r --reference' });
const sums: Row = (call) => {
  const { given } = readOptions(call.args, { valued: new Set() });
  if (hasAny(given, '-c', '--check')) readsWhole(call);
  if (hasAny(given, '-c', '--check')) reads(call, ANYTHING);
  row({ operands: 'read', flags: '-c --check' })(call);
};

const owner = (call: Call, values: string): void => {
  const { operands, given, loose } = readOptions(call.args, { valued: names('--reference --from') });
  if (loose) call.footprint.barrier('it is not known what it writes');
  reads(call, ...valuesOf(given, '--reference'));
  writes(call, ...(given.has('--reference') || values === '' ? operands : operands.slice(operands[0]?.many ? 0 : 1)));
};
const mode: Row = (call) => {
  // `chmod -x file`: a mode may look like an option.
  const isMode = (word: Argument) => /^-[rwxXst]+$/.test(word.text ?? '');
  if (call.args.some(isMode)) owner({ ...call, args: call.args.filter((word) => !isMode(word)) }, '');
  else owner(call, 'mode');
};

const pager = row({
  operands: 'read',
  barrier: '-o -O --log-file --LOG-FILE -k --lesskey-file',
  values: '-p --pattern -n -x',
  flags: '-i',
});
const bat = row({
  operands: 'read',
  values: '-l --language -r --line-range --style --theme -H --highlight-line --paging --color --wrap --tabs -m --map-syntax',
  barrier: '--pager',
});
const sort = row({
  operands: 'read',
  values: '-k --key -t --field-separator -S --buffer-size --batch-size --parallel --sort',
  reads: '--files0-from --random-source',
  writes: '-o --output -T --temporary-directory',
  flags: '-i',
  barrier: '--compress-program',
});

export const FILES: Table = {
  ...Object.fromEntries(['cat', 'tac', 'rev', 'nl', 'wc', 'strings', 'cut', 'paste', 'join', 'comm', 'cmp', 'fold', 'fmt', 'expand', 'unexpand', 'column', 'od', 'hexdump', 'file', 'stat', 'readlink', 'realpath', 'zcat', 'bzcat', 'xzcat', 'cksum', 'sum', 'look', 'namei', 'tsort', 'colrm', 'bc', 'lsof', 'df', 'pgrep', 'dig'].map((name) => [name, read])),
  ...Object.fromEntries(['md5sum', 'sha1sum', 'sha256sum', 'sha512sum', 'sha224sum', 'sha384sum', 'b2sum', 'shasum', 'md5'].map((name) => [name, sums])),
  ...Object.fromEntries(['echo', 'printf', 'true', 'false', 'sleep', 'pwd', 'whoami', 'id', 'uname', 'which', 'type', 'seq', 'nproc', 'tput', 'clear', 'yes', 'basename', 'dirname', 'expr', 'tr', 'ps', 'uptime', 'free', 'printenv', 'arch', 'tty', 'groups', 'ping', 'nslookup', 'host', 'locale', 'getconf', 'top', 'lscpu', 'sw_vers', 'whereis', 'w', 'who', 'netstat', 'stty', 'factor', 'numfmt', 'cal', 'history'].map((name) => [name, none])),
  date: row({ operands: 'none', values: '-d --date', reads: '-r --reference -f --file', barrier: '-s --set', flags: '-I --iso-8601' }),
  file: row({ operands: 'read', reads: '-m --magic-file -f --files-from', barrier: '-C --compile', flags: '-i' }),
  hostname: (call) => (call.args.some(({ text }) => !text?.startsWith('-')) ? call.footprint.barrier('it renames the machine') : undefined),
  cloc: row({ operands: 'read', values: '--exclude-dir --include-lang' }), tokei: row({ operands: 'read', here: true, values: '-e -t -s -o --output', flags: '-o --output' }),
  head: lines, tail: lines,
  ls: row({ operands: 'read', here: true, flags: '-i -o --inode' }),
  exa: row({ operands: 'read', here: true, flags: '-i' }), eza: row({ operands: 'read', here: true, flags: '-i' }), dir: row({ operands: 'read', here: true, flags: '-i' }),
  tree: row({ operands: 'read', here: true, values: '-L -P -I --filelimit --charset --sort', writes: '-o', flags: '-i', reads: '--gitfile --infofile' }),
  du: row({ operands: 'read', here: true, values: '-d --max-depth -t --threshold -B --block-size --exclude', reads: '-X --exclude-from --files0-from', flags: '-i' }),
  diff: row({ operands: 'read', values: '-U --unified -C --context -x --exclude -I --ignore-matching-lines -W --width -L --label', reads: '-X --exclude-from', flags: '-i --ignore-case', attached: '--unified --context' }),
  colordiff: row({ operands: 'read', values: '-U -x -I', flags: '-i' }),
  grep, egrep: grep, fgrep: grep, zgrep: grep, rg, ag: rg, ack: grep,
  sed, gsed: sed, awk, gawk: awk, mawk: awk, perl, tar, unzip, zip, dd, split, csplit, patch, curl, wget, rsync, test, '[': test, ln, uniq, xxd, mktemp,
  sort, jq: json, yq: yqRow, base64, openssl, less: pager, more: read, bat, batcat: bat, touch,
  gzip: compressor(['.gz']), gunzip: compressor(['.gz', '.Z', '.tgz'], 'unpack'), bzip2: compressor(['.bz2']), bunzip2: compressor(['.bz2'], 'unpack'),
  xz: compressor(['.xz']), unxz: compressor(['.xz'], 'unpack'), zstd: compressor(['.zst']), unzstd: compressor(['.zst'], 'unpack'),
  tee: row({ operands: 'write', flags: '-i -a' }),
  cp: row({ operands: 'copy', into: '-t --target-directory', barrier: '-b --backup -S --suffix --parents', flags: '-i' }),
  mv: row({ operands: 'move', into: '-t --target-directory', barrier: '-b --backup -S --suffix', flags: '-i' }),
  rm: row({ operands: 'write', flags: '-i' }), rmdir: row({ operands: 'write', barrier: '-p --parents' }), unlink: row({ operands: 'write' }), shred: row({ operands: 'write', values: '-n -s' }),
  rimraf: row({ operands: 'write' }), mkdirp: row({ operands: 'write' }), trash: row({ operands: 'write' }),
  mkdir: row({ operands: 'write', values: '-m --mode' }), mkfifo: row({ operands: 'write', values: '-m' }),
  chmod: mode, chown: (call) => owner(call, 'owner'), chgrp: (call) => owner(call, 'owner'),
  truncate: row({ operands: 'write', values: '-s --size', reads: '-r --reference' }), fallocate: row({ operands: 'write', values: '-l -o', flags: '-o' }),
  install: makeDirectory,
}; // biome-ignore format: a table is read by rows
