/**
 * A launcher starts the processes of a run in place of the host, and guards them (see `guard.ts`). To start a process a system copies
 * the tables of the memory of whoever starts it: some milliseconds from an extension host, half a one from something small, and the
 * event loop of the host stands still meanwhile. So this is a script for Perl, which Linux and macOS come with: about 6 MB and 3 ms to
 * start. What is to be started reaches it as data, never as text of a program or of a shell.
 *
 * Requests: a length in decimal digits, a newline, and so many bytes: fields, a NUL between two. Answers: a line each.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import os from 'node:os';
import { getSystemErrorName } from 'node:util';
import { argvOf, type Child, type ChildEnd, type ChildOptions, type ChildStarter, NOT_STARTED } from './child.js';

/** Where the systems that come with Perl have it. Nothing on PATH is taken for it: that may be a workspace's own. */
const PERL = '/usr/bin/perl';

/** The program that a launcher is a script for; undefined where there is none. */
export function launcherProgram(): string | undefined {
  return process.platform !== 'win32' && existsSync(PERL) ? PERL : undefined;
}

export interface LauncherOptions {
  /** Absolute path of Perl. */
  readonly program: string;
  /** The environment variable whose value holds `mark` in every process of the run, and in no other. */
  readonly variable: string;
  readonly mark: string;
  /**
   * It ended without being told to. What it had started is stopped and ends as killed; the result starts what it had not started yet,
   * and everything from now on. Called at most once.
   */
  lost(): ChildStarter;
}

export interface Launcher {
  /** Its own process, which is a group by itself: the time of its children is counted there when they have ended. */
  readonly group: number | undefined;
  readonly start: ChildStarter;
  /** A process group that the host has started by itself. */
  add(group: number): void;
  remove(group: number): void;
  /** Stops what is left of the run. Resolves when it has ended. */
  close(): Promise<void>;
}

/** What has been asked for and has not ended. */
interface Request {
  readonly options: ChildOptions;
  started(pid: number | undefined): void;
  ended(end: ChildEnd): void;
  pid?: number;
  leftNothing: boolean;
}

/** Starts a launcher. */
export function startLauncher({ program, variable, mark, lost }: LauncherOptions): Launcher {
  const helper = spawnHelper(program, variable, mark);
  const requests = new Map<string, Request>();
  /** Process groups that it knows: of what it has started and has not seen the end of, and what it was told. */
  const started = new Set<number>();
  const told = new Set<number>();
  const changesOf = environmentChanges((pairs) => send(['environment', ...pairs]));
  let isReady = false;
  let isClosing = false;
  let instead: ChildStarter | undefined;
  let last = 0;
  const send = (fields: readonly string[]) => {
    const text = fields.join('\0');
    helper.stdin?.write(`${Buffer.byteLength(text)}\n${text}`);
  };
  onLines(helper, (line) => {
    const [kind, id = '', value, left] = line.split(' ');
    const request = requests.get(id);
    if (kind === 'ready') isReady = true;
    if (!request) return;
    if (kind === 'started') {
      request.pid = Number(value);
      started.add(request.pid);
      request.started(request.pid);
      return;
    }
    requests.delete(id);
    request.leftNothing = left === '0';
    // It goes on to watch the group until it is told that nothing is left of it.
    if (!request.leftNothing && request.pid !== undefined) told.add(request.pid);
    if (kind === 'failed') request.started(undefined);
    request.ended(kind === 'failed' ? couldNotStart(Number(value)) : endOf(Number(value)));
  });
  const gone = ended(helper).then(() => {
    if (isClosing) return;
    instead = lost();
    for (const request of requests.values()) {
      if (isReady) stopLost(request);
      else hand(request, instead);
    }
    requests.clear();
  });
  return {
    group: helper.pid,
    start(options) {
      if (instead) return instead(options);
      if (options.signal.aborted) return childThat(NOT_STARTED);
      const command = argvOf(options.command);
      const fields = [...filesOf(options), ...counted(command), ...changesOf(options.env)];
      if (fields.some((field) => field.includes('\0')))
        return childThat({ kind: 'could not start', code: 'ERR_INVALID_ARG_VALUE' });
      const id = String(++last);
      send(['start', id, ...fields]);
      return newChild(options, (request) => requests.set(id, request));
    },
    add(group) {
      if (started.has(group)) return;
      told.add(group);
      send(['add', String(group)]);
    },
    remove(group) {
      started.delete(group);
      if (told.delete(group)) send(['remove', String(group)]);
    },
    close() {
      isClosing = true;
      helper.stdin?.end();
      return gone;
    },
  };
}

function newChild(options: ChildOptions, made: (request: Request) => void): Child {
  const request: Request = { options, started() {}, ended() {}, leftNothing: false };
  const child = {
    pid: new Promise<number | undefined>((resolve) => {
      request.started = resolve;
    }),
    ended: new Promise<ChildEnd>((resolve) => {
      request.ended = resolve;
    }),
    leftNothing: () => request.leftNothing,
  };
  made(request);
  return child;
}

/** One that was not started. */
function childThat(end: ChildEnd): Child {
  return { pid: Promise.resolve(undefined), ended: Promise.resolve(end) };
}

/** Nobody can tell any more how it would have ended. */
function stopLost({ pid, started, ended }: Request): void {
  if (pid !== undefined) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  started(pid);
  ended({ kind: 'died', signal: 'SIGKILL' });
}

function hand({ options, started, ended }: Request, starter: ChildStarter): void {
  const child = starter(options);
  void child.pid.then(started);
  void child.ended.then(ended);
}

// ------------------------------------------------------------------------------------------------------------ requests

/** Folder, standard input, output and error; the last one empty when it is the same as the output. */
function filesOf({ command, stdin, stdout, stderr }: ChildOptions): readonly string[] {
  return [command.cwd, stdin ?? '/dev/null', stdout, stderr === stdout ? '' : stderr];
}

function counted(fields: readonly string[]): readonly string[] {
  return [String(fields.length), ...fields];
}

/**
 * The first environment is told whole, by `tell`, as names and values in turn. The result says of each one how it differs from it: how
 * many names it lacks, these, and names and values in turn. Mostly it is the same object.
 */
function environmentChanges(tell: (pairs: readonly string[]) => void) {
  let first: { readonly env: ChildOptions['env']; readonly values: ReadonlyMap<string, string> } | undefined;
  return (env: ChildOptions['env']): readonly string[] => {
    if (env === first?.env) return ['0'];
    const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
    if (!first) {
      first = { env, values: new Map(entries) };
      tell(entries.flat());
      return ['0'];
    }
    const { values } = first;
    const lacking = [...values.keys()].filter((name) => env[name] === undefined);
    return [...counted(lacking), ...entries.filter(([name, value]) => values.get(name) !== value).flat()];
  };
}

// ------------------------------------------------------------------------------------------------------------ answers

function onLines({ stdout }: ChildProcess, tell: (line: string) => void): void {
  let rest = '';
  stdout?.setEncoding('latin1').on('data', (data: string) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) tell(line);
  });
}

function ended(helper: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    helper.once('close', () => resolve());
    helper.once('error', () => resolve());
  });
}

function couldNotStart(errorNumber: number): ChildEnd {
  return { kind: 'could not start', code: getSystemErrorName(-errorNumber) };
}

const SIGNALS = new Map(Object.entries(os.constants.signals).map(([name, number]) => [number, name]));

/** By the status that `waitpid` gives: the number of a signal in the lowest seven bits, an exit code above eight. */
function endOf(status: number): ChildEnd {
  const signal = status & 0x7f;
  return signal === 0
    ? { kind: 'exited', exitCode: status >> 8 }
    : { kind: 'died', signal: SIGNALS.get(signal) ?? `signal ${signal}` };
}

// ------------------------------------------------------------------------------------------------------------ the helper

function spawnHelper(program: string, variable: string, mark: string): ChildProcess {
  const helper = spawn(program, ['-e', SCRIPT, variable, mark], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    // Nothing of the user's that would change what Perl does, and no mark: an outer run must not stop what cleans up the inner one.
    env: {},
    cwd: '/',
  });
  // Its pipe breaks when it is killed from outside.
  helper.stdin?.on('error', () => {});
  return helper;
}

/**
 * A signal of a child that ends just before `select` sleeps is not seen by it, so it never sleeps for long while children run. Signals
 * are caught, not ignored, since what is ignored would be so in the children, too; what is to stop a child before it has become its
 * program stops it. That one has started is told some milliseconds later, since of most that end soon both are told at once.
 */
const SCRIPT = String.raw`
use strict;
my ($variable, $mark) = @ARGV;
$0 = 'volley-launcher';
my $self = $$;
sub end_as_child { if ($$ != $self) { $SIG{$_[0]} = 'DEFAULT'; kill $_[0], $$ } }
$SIG{$_} = \&end_as_child for qw(INT TERM);
$SIG{$_} = sub {} for qw(HUP PIPE CHLD);
open(my $answers, '>&', \*STDOUT) or exit 1;
my (%running, %groups);
my $buffer = '';

sub say_now { syswrite $answers, join(' ', @_) . "\n" }
my $unsaid = '';
sub answer { $unsaid .= join(' ', @_) . "\n" }
sub flush { syswrite $answers, $unsaid if $unsaid ne ''; $unsaid = '' }

sub start {
  my ($id, $cwd, $in, $out, $err, $count, @rest) = @_;
  my @command = splice @rest, 0, $count;
  my @lacking = splice @rest, 0, shift @rest;
  my $pid = fork;
  return answer('failed', $id, $! + 0) unless defined $pid;
  if ($pid) {
    setpgrp $pid, $pid;
    $running{$pid} = $id;
    return answer('started', $id, $pid);
  }
  setpgrp 0, 0;
  $SIG{$_} = 'DEFAULT' for qw(INT TERM);
  if (chdir $cwd and open STDIN, '<', $in and open STDOUT, '>>', $out and open STDERR, '>>' . ($err eq '' ? '&' : ''), $err eq '' ? \*STDOUT : $err) {
    delete @ENV{@lacking};
    while (my ($name, $value) = splice @rest, 0, 2) { $ENV{$name} = $value }
    exec { $command[0] } @command;
  }
  say_now('failed', $id, $! + 0);
  kill 'KILL', $$;
}

sub reap {
  my $ended = 0;
  while ((my $pid = waitpid -1, 1) > 0) {
    my $id = delete $running{$pid};
    next unless defined $id;
    my $status = $?;
    my $left = kill(0, -$pid) ? 1 : 0;
    $groups{$pid} = 1 if $left;
    answer('ended', $id, $status, $left);
    $ended = 1;
  }
  return $ended;
}

sub take {
  my ($kind, @fields) = split /\0/, $_[0], -1;
  if ($kind eq 'start') { start(@fields) }
  elsif ($kind eq 'environment') { %ENV = @fields }
  elsif ($kind eq 'add') { $groups{$fields[0]} = 1 }
  else { delete $groups{$fields[0]} }
}

sub marked {
  my @found;
  if (-r '/proc/self/environ') {
    opendir my $all, '/proc' or return;
    for my $pid (grep /^\d+$/, readdir $all) {
      open my $file, '<', "/proc/$pid/environ" or next;
      local $/;
      my $environment = <$file>;
      push @found, $pid if defined $environment and index($environment, $mark) >= 0;
    }
  } elsif (open my $list, '-|', '/bin/ps', '-Aww', '-E', '-o', 'pid=', '-o', 'command=') {
    while (<$list>) { push @found, $1 if index($_, "$variable=") >= 0 and index($_, $mark) >= 0 and /^\s*(\d+)/ }
  }
  return @found;
}

sub stop {
  my ($signal) = @_;
  1 while waitpid(-1, 1) > 0;
  my @stopped = grep { kill $signal, $_ } (map { -$_ } keys %groups, keys %running), marked();
  return scalar @stopped;
}

say_now('ready');
my $sleep = 0.02;
while (1) {
  my $ready = '';
  vec($ready, 0, 1) = 1;
  my $count = select $ready, undef, undef, ($unsaid ne '' ? 0.003 : %running ? $sleep : undef);
  $sleep = $count != 0 ? 0.02 : $sleep < 0.1 ? $sleep * 2 : $sleep;
  flush() if reap() or $count == 0;
  next unless $count > 0;
  my $got = sysread STDIN, $buffer, 4096, length $buffer;
  next unless defined $got;
  last if $got == 0;
  while ($buffer =~ /^(\d+)\n/ and length $buffer >= length($1) + 1 + $1) {
    my ($digits, $length) = (length $1, $1);
    my $request = substr $buffer, $digits + 1, $length;
    substr($buffer, 0, $digits + 1 + $length) = '';
    take($request);
  }
}
delete $ENV{$variable};
my @steps = (['TERM', 0.05], ([0, 0.05]) x 6, (['KILL', 0.05]) x 8);
for (@steps) {
  stop($_->[0]) or exit 0;
  select undef, undef, undef, $_->[1];
}
`;
