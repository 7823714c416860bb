/**
 * The script of a launcher, for Perl without any module. Its arguments: the name of the variable and the mark that the processes of the run
 * carry in their environment.
 *
 * It does not sleep when a child has ended since it looked. A signal that comes in the microsecond before `select` sleeps is not seen by
 * it, so it never sleeps for long while children run. Signals are caught, not ignored, since what is ignored would be so in the children,
 * too; what is to stop a child before it has become its program stops it. That one has started is told some milliseconds later, since of
 * most that end soon both are told at once.
 */
export const LAUNCHER_SCRIPT = String.raw`
use strict;
my ($variable, $mark) = @ARGV;
my $EINTR = 4;
$0 = 'volley-launcher';
my $self = $$;
sub end_as_child { if ($$ != $self) { $SIG{$_[0]} = 'DEFAULT'; kill $_[0], $$ } }
$SIG{$_} = \&end_as_child for qw(INT TERM);
$SIG{$_} = sub {} for qw(HUP PIPE);
my $has_ended = 0;
$SIG{CHLD} = sub { $has_ended = 1 };
open(my $answers, '>&', \*STDOUT) or exit 1;
my (%running, %groups);
my $buffer = '';

sub write_all {
  my ($text) = @_;
  while ($text ne '') {
    my $written = syswrite $answers, $text;
    if (defined $written) { substr($text, 0, $written) = '' }
    elsif ($! != $EINTR) { return }
  }
}
sub say_now { write_all(join(' ', @_) . "\n") }
my $unsaid = '';
sub answer { $unsaid .= join(' ', @_) . "\n" }
sub flush { write_all($unsaid); $unsaid = '' }

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
  $has_ended = 0;
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

my $marks = qr/\Q$variable\E=(?:\S*:)?\Q$mark\E/;

sub marked {
  my @found;
  if (-r '/proc/self/environ') {
    opendir my $all, '/proc' or return;
    for my $pid (grep /^\d+$/, readdir $all) {
      open my $file, '<', "/proc/$pid/environ" or next;
      local $/;
      my $environment = <$file>;
      push @found, $pid if defined $environment and $environment =~ /(?:^|\0)$marks(?:[:\0]|$)/;
    }
  } elsif (open my $list, '-|', '/bin/ps', '-Aww', '-E', '-o', 'pid=', '-o', 'command=') {
    while (<$list>) { push @found, $1 if /^\s*(\d+).*\s$marks(?:[:\s]|$)/ }
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
my $wanted = 4096;
while (1) {
  my $ready = '';
  vec($ready, 0, 1) = 1;
  my $count = select $ready, undef, undef, ($has_ended ? 0 : $unsaid ne '' ? 0.003 : %running ? $sleep : undef);
  $sleep = $count != 0 ? 0.02 : $sleep < 0.1 ? $sleep * 2 : $sleep;
  flush() if reap() or $count == 0;
  next unless $count > 0;
  my $got = sysread STDIN, $buffer, $wanted, length $buffer;
  next unless defined $got;
  last if $got == 0;
  while ($buffer =~ /^(\d+)\n/ and length $buffer >= length($1) + 1 + $1) {
    my ($digits, $length) = (length $1, $1);
    my $request = substr $buffer, $digits + 1, $length;
    substr($buffer, 0, $digits + 1 + $length) = '';
    take($request);
  }
  $wanted = $buffer =~ /^(\d+)\n/ && $1 > 4096 ? length($1) + 1 + $1 - length $buffer : 4096;
}
$SIG{CHLD} = 'DEFAULT';
delete $ENV{$variable};
my @steps = (['TERM', 0.05], ([0, 0.05]) x 6, (['KILL', 0.05]) x 8);
for (@steps) {
  stop($_->[0]) or exit 0;
  select undef, undef, undef, $_->[1];
}
`;
