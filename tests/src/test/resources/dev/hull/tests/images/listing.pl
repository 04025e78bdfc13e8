# Lists all that a program can learn about the files below a folder, one file a line:
#   perl listing.pl FOLDER
# System calls by number, for perl-base has no module for them: x86-64.
use strict;
use warnings;
use Fcntl;

my ($root) = @ARGV;
my %first;

sub shown {
  my ($bytes) = @_;
  return length $bytes > 600
    ? length($bytes) . " bytes, sum " . unpack("%32C*", $bytes)
    : $bytes =~ s/([^!-\[\]-~])/sprintf "\\x%02x", ord $1/ger;
}

sub status {
  my ($path) = @_;
  my $buffer = "\0" x 144;
  syscall(6, $path, $buffer) == 0 or die "lstat $path: $!\n";
  my %status;
  @status{qw(dev ino nlink mode uid gid pad rdev size blksize blocks atime atimens mtime mtimens)}
    = unpack "QQQLLLLQqqqqqqq", $buffer;
  return \%status;
}

sub attributes {
  my ($path) = @_;
  my $names = "\0" x 65536;
  my $length = syscall(195, $path, $names, length $names);
  die "llistxattr $path: $!\n" if $length < 0;
  my @all;
  for my $name (sort split /\0/, substr $names, 0, $length) {
    my $value = "\0" x 65536;
    my $size = syscall(192, $path, $name, $value, length $value);
    die "lgetxattr $name of $path: $!\n" if $size < 0;
    push @all, shown($name) . "=" . shown(substr $value, 0, $size);
  }
  return join ",", @all;
}

# Sums of the pieces that are not all zeros, with their places. Whether zeros are a hole does not show:
# Linux tells the holes of EROFS from 6.13 on. Of a large file the beginning of each 16 MiB is read.
sub content {
  my ($path, $size) = @_;
  sysopen my $in, $path, O_RDONLY or die "open $path: $!\n";
  my $piece = 65536;
  my $zeros = "\0" x $piece;
  my $step = $size > 64 << 20 ? 16 << 20 : $piece;
  my @data;
  for (my $at = 0; $at < $size; $at += $step) {
    sysseek $in, $at, 0;
    my $want = $size - $at < $piece ? $size - $at : $piece;
    my $bytes;
    my $read = sysread $in, $bytes, $want;
    die "read $path at $at: $!\n" if !defined $read || $read != $want;
    next if $bytes eq substr $zeros, 0, $want;
    my $sum = 0;
    $sum = ($sum * 31 + $_) % 4294967291 for unpack "N*", $bytes . "\0" x (-$want & 3);
    push @data, "$at:$sum";
  }
  return join ",", @data;
}

sub list {
  my ($path, $name) = @_;
  my $status = status($path);
  my $type = ($status->{mode} >> 12) & 017;
  my %kinds = (1 => "fifo", 2 => "char", 4 => "folder", 6 => "block", 8 => "file", 10 => "link");
  my @line = (shown($name), $kinds{$type} // "type $type",
    sprintf("mode=%04o", $status->{mode} & 07777),
    "owner=$status->{uid}:$status->{gid}",
    sprintf("mtime=%d.%09d", $status->{mtime}, $status->{mtimens}));
  if ($type != 4) {
    my $same = $first{"$status->{dev}:$status->{ino}"} //= shown($name);
    push @line, "links=$status->{nlink}", "same=$same", "size=$status->{size}";
  }
  push @line, "device=" . $status->{rdev} if $type == 2 || $type == 6;
  push @line, "target=" . shown(readlink $path) if $type == 10;
  push @line, "data=" . content($path, $status->{size}) if $type == 8;
  push @line, "attributes=" . attributes($path);
  print join(" ", @line), "\n";
  if ($type == 4) {
    opendir my $folder, $path or die "opendir $path: $!\n";
    my @names = sort grep { $_ ne "." && $_ ne ".." } readdir $folder;
    list("$path/$_", $name eq "" ? $_ : "$name/$_") for @names;
  }
}

list($root, "");
