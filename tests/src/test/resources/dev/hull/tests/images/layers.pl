# Makes two layers below a folder, of everything that a layer can hold, and packs each by GNU tar:
#   perl layers.pl FOLDER   ->   FOLDER/lower.tar FOLDER/upper.tar
# System calls by number, for perl-base has no module for them: x86-64.
use strict;
use warnings;
use Fcntl;

my ($folder) = @ARGV;

sub checked {
  my ($what, $result) = @_;
  die "$what: $!\n" if !defined $result || $result == -1;
}

sub attribute {
  my ($path, $name, $value) = @_;
  checked("lsetxattr $name of $path", syscall(189, $path, $name, $value, length $value, 0));
}

# With nanoseconds, not following symbolic links.
sub times_of {
  my ($path, $seconds, $nanos) = @_;
  my $times = pack "qqqq", $seconds, $nanos, $seconds, $nanos;
  checked("utimensat $path", syscall(280, -100, $path, $times, 0x100));
}

sub file {
  my ($path, $content, $mode, $uid, $gid) = @_;
  open my $out, ">", $path or die "$path: $!\n";
  print $out $content;
  close $out or die "$path: $!\n";
  owned($path, $mode // 0644, $uid // 0, $gid // 0);
}

sub folder {
  my ($path, $mode, $uid, $gid) = @_;
  mkdir $path or die "$path: $!\n";
  owned($path, $mode // 0755, $uid // 0, $gid // 0);
}

sub owned {
  my ($path, $mode, $uid, $gid) = @_;
  # The mode comes last: a change of owner takes set-user-ID bits away.
  chown $uid, $gid, $path or die "chown $path: $!\n";
  chmod $mode, $path or die "chmod $path: $!\n";
}

sub node {
  my ($path, $type, $mode, $major, $minor) = @_;
  my $device = ($minor & 0xff) | ($major << 8) | (($minor & ~0xff) << 12);
  checked("mknod $path", syscall(133, $path, $type, $device));
  owned($path, $mode, 0, 0);
}

# Pairs of an offset and a length; the rest are holes.
sub sparse {
  my ($path, $size, @extents) = @_;
  sysopen my $out, $path, O_WRONLY | O_CREAT or die "$path: $!\n";
  while (my ($offset, $length) = splice @extents, 0, 2) {
    sysseek $out, $offset, 0;
    syswrite $out, join("", map { pack "N", $offset / 4096 + $_ } 1 .. $length / 4) or die "$path: $!\n";
  }
  truncate $out, $size or die "$path: $!\n";
  close $out or die "$path: $!\n";
}

sub lower {
  folder("modes", 0750, 7, 8);
  for my $mode (0, 0001, 0400, 0644, 0777, 01777, 02755, 04755, 06711, 07777) {
    file(sprintf("modes/f%04o", $mode), "mode", $mode);
    folder(sprintf("modes/d%04o", $mode), $mode);
  }
  folder("owners");
  for my $id (1, 1000, 65534, 65535, 65536, 2097152, 4294967294) {
    file("owners/$id", "owner", 0640, $id, $id == 1 ? 4294967294 : $id - 1);
  }

  folder("links");
  file("links/one", "linked", 0604, 3, 4);
  folder("links/below");
  link "links/one", $_ or die "$_: $!\n" for "links/two", "links/below/three", "links/four";
  symlink "../nowhere", "links/symbolic" or die;
  link "links/symbolic", "links/symbolic2" or die;
  symlink "t" x 4000, "links/long-target" or die;
  # syscall takes no literals.
  my $bytes = "links/bytes";
  symlink "/\xe4\xff bad", $bytes or die;
  checked("lchown $bytes", syscall(94, $bytes, 12, 34));

  folder("special");
  node("special/fifo", 0010000, 0622, 0, 0);
  node("special/null", 0020000, 0666, 1, 3);
  node("special/chars", 0020000, 0640, 511, 70000);
  node("special/blocks", 0060000, 0600, 8, 300);

  folder("names");
  folder("names/" . "d" x 120);
  folder("names/" . "d" x 120 . "/" . "e" x 255);
  file("names/" . "d" x 120 . "/" . "e" x 255 . "/" . "f" x 255, "long");
  file("names/" . "n" x 100, "100");
  file("names/\xc3\xa4\xe2\x82\xac", "UTF-8");
  file("names/\xe4\xff\xfe", "not UTF-8");
  file("names/ space\ttab\nline \\ \"quote\"", "odd");
  file("names/-rf", "option");
  file("names/" . "\xff" x 255, "long and not UTF-8");

  folder("attributes");
  file("attributes/user", "x");
  attribute("attributes/user", "user.one", "1");
  attribute("attributes/user", "user.empty", "");
  attribute("attributes/user", "user.bytes", join "", map { chr } 0 .. 255);
  attribute("attributes/user", "user." . "n" x 200, "v" x 1000);
  file("attributes/trusted", "x");
  attribute("attributes/trusted", "trusted.t", "\0\xff=\n");
  file("attributes/capable", "x", 0755);
  attribute("attributes/capable", "security.capability",
    pack "VVVVV", 0x02000001, 1 << 10, 0, 0, 0);
  attribute("attributes", "user.folder", "f");

  folder("times");
  file("times/nanos", "x");
  file("times/old", "x");
  file("times/future", "x");
  symlink "x", "times/symbolic" or die;
  folder("times/folder");
  times_of("times/nanos", 1234567890, 987654321);
  times_of("times/old", -77, 250000000);
  times_of("times/future", 5000000000, 1);
  times_of("times/symbolic", 1500000000, 500000000);
  times_of("times/folder", 1, 999999999);

  folder("holes");
  sparse("holes/some", 5 << 20, 1 << 20, 4096, 3 << 20, 12288);
  sparse("holes/behind", 1 << 20, 0, 8192);
  sparse("holes/only", 3 << 20);
  sparse("holes/odd", (1 << 20) + 77, 65536, 4096);
  sparse("holes/huge", 5 << 30, 16 << 20, 65536, (4 << 30) + (16 << 20), 65536);
  file("holes/none", "y" x 100001);

  file("gone-file", "lower");
  folder("gone-folder");
  file("gone-folder/file", "lower");
  folder("opaque");
  file("opaque/file", "lower");
  folder("opaque/folder");
  file("opaque/folder/file", "lower");
  folder("folder-to-file");
  file("folder-to-file/file", "lower");
  file("file-to-folder", "lower");
  folder("merged", 0700, 1, 1);
  file("merged/stays", "lower");
  file("merged/changes", "lower");
}

sub upper {
  file(".wh.gone-file", "");
  file(".wh.gone-folder", "");
  folder("opaque", 01755);
  file("opaque/.wh..wh..opq", "");
  file("opaque/new", "upper");
  file("folder-to-file", "upper");
  folder("file-to-folder");
  file("file-to-folder/file", "upper");
  folder("merged", 02711, 5, 6);
  attribute("merged", "user.layer", "upper");
  file("merged/changes", "upper", 04711);
  file("merged/new", "upper");
  link "merged/new", "merged/new2" or die;
}

sub layer {
  my ($name, $make) = @_;
  chdir $folder or die;
  mkdir $name or die;
  chdir $name or die;
  mkdir "layer" or die;
  chdir "layer" or die;
  $make->();
  chmod 0755, "." or die;
  chdir ".." or die;
  system("tar", "--format=posix", "--sort=name", "--numeric-owner", "--sparse", "--xattrs",
    "--xattrs-include=*", "-cf", "../$name.tar", "layer") == 0 or die "tar failed\n";
}

umask 0;
layer("lower", \&lower);
layer("upper", \&upper);
