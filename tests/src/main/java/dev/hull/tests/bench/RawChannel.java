package dev.hull.tests.bench;

import dev.hull.cri.host.HostException;
import dev.hull.guestimage.Cpio;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The channel of a machine without agent and gRPC: the same machine booted by QEMU alone, whose
 * first process writes zeros into the channel as fast as it can. That process is this host's Perl,
 * for the guest image has no programs but Hull's own.
 *
 * @param folder holds the channel's socket and what the bare QEMU says
 */
record RawChannel(QemuCommand command, Path folder) {
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final Duration RETRY = Duration.ofMillis(10);
  private static final int BUFFER_BYTES = 1 << 16;
  private static final String ERRORS = "raw-channel.err";
  private static final Path PERL = Path.of("/usr/bin/perl");
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

  /** The modules are the guest image's, in its order. Calls are mount(2) and finit_module(2). */
  private static final String INIT =
      """
      #!/usr/bin/perl
      my ($proc, $dev, $none) = ("proc", "devtmpfs", "");
      my ($at_proc, $at_dev) = ("/proc", "/dev");
      syscall 165, $proc, $at_proc, $proc, 0, 0;
      syscall 165, $dev, $at_dev, $dev, 0, 0;
      open my $list, "<", "/modules.list";
      while (my $name = <$list>) {
        chomp $name;
        next if $name eq "";
        open my $module, "<", "/modules/$name";
        syscall 313, fileno $module, $none, 0;
      }
      open my $options, "<", "/proc/cmdline";
      my ($mib) = <$options> =~ /hull[.]mib=(\\d+)/;
      my $port;
      until ($port) {
        opendir my $dev, "/dev";
        ($port) = sort grep { /^vport/ } readdir $dev;
      }
      open my $channel, ">", "/dev/$port";
      my $zeros = "\\0" x 32768;
      syswrite $channel, $zeros for 1 .. $mib * 32;
      sleep 1 while 1;
      """;

  /** As the machine of this command, which has booted. */
  static RawChannel like(QemuCommand machine, Path initramfs, Path folder)
      throws IOException, HostException {
    Path own = folder.resolve("raw-channel.initramfs");
    Files.copy(initramfs, own, StandardCopyOption.REPLACE_EXISTING);
    // The kernel unpacks one archive after the other, and what comes later counts.
    try (OutputStream end = Files.newOutputStream(own, StandardOpenOption.APPEND);
        Cpio cpio = new Cpio(end)) {
      cpio.directory("proc", 0755);
      cpio.file("init", 0755, INIT.getBytes(StandardCharsets.US_ASCII));
      Set<Path> folders = new LinkedHashSet<>();
      for (Path file : programs()) {
        addFolders(cpio, file, folders);
        cpio.file(file.toString().substring(1), 0755, Files.readAllBytes(file));
      }
    }
    return new RawChannel(
        machine
            .alone(folder)
            .map(option -> option.is("-initrd") ? option.withValue(own.toString()) : option),
        folder);
  }

  /** Perl and what it is linked with. */
  private static List<Path> programs() throws IOException, HostException {
    Process ldd = new ProcessBuilder("ldd", PERL.toString()).redirectErrorStream(true).start();
    String said = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Set<Path> files = new LinkedHashSet<>(List.of(PERL));
    LIBRARY.matcher(said).results().map(found -> Path.of(found.group(1))).forEach(files::add);
    if (files.size() == 1) {
      throw new HostException(
          "ldd names no library of %s, so the raw channel cannot be measured: %s"
              .formatted(PERL, said.strip()));
    }
    return List.copyOf(files);
  }

  private static void addFolders(Cpio cpio, Path file, Set<Path> there) throws IOException {
    for (int depth = 1; depth < file.getNameCount(); depth++) {
      Path part = file.subpath(0, depth);
      if (there.add(part)) {
        cpio.directory(part.toString(), 0755);
      }
    }
  }

  /** Boots once and says in how many seconds so many MiB came, from the first byte to the last. */
  double seconds(int mib) throws HostException {
    QemuCommand counted =
        command.map(
            option ->
                option.is("-append")
                    ? option.withValue(option.value() + " hull.mib=" + mib)
                    : option);
    Path errors = folder.resolve(ERRORS);
    Process qemu;
    try {
      qemu =
          new ProcessBuilder(counted.words())
              .redirectOutput(errors.toFile())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      throw new HostException("cannot start " + counted.program() + ": " + e.getMessage(), e);
    }
    try (Watchdog _ = Watchdog.over(qemu, DEADLINE);
        SocketChannel channel = connect(qemu)) {
      return receive(channel, (long) mib << 20);
    } catch (IOException e) {
      throw new HostException(
          "the raw channel broke: %s; QEMU and its guest said: %s"
              .formatted(e.getMessage(), read(errors)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted while reading a raw channel", e);
    } finally {
      qemu.destroyForcibly();
      qemu.onExit().join();
    }
  }

  private SocketChannel connect(Process qemu) throws IOException, InterruptedException {
    Path socket = folder.resolve(channelSocket());
    while (true) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
      } catch (IOException e) {
        channel.close();
        if (!qemu.isAlive()) {
          throw e;
        }
        Thread.sleep(RETRY);
      }
    }
  }

  private String channelSocket() throws IOException {
    return command.options().stream()
        .filter(option -> option.is("-chardev"))
        .map(option -> Pattern.compile("path=.*/(charchannel\\d+\\.sock)").matcher(option.value()))
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .findFirst()
        .orElseThrow(() -> new IOException("the machine has no channel: " + command));
  }

  private static double receive(SocketChannel channel, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    if (channel.read(buffer) < 0) {
      throw new IOException("it ended before its first byte");
    }
    Stopwatch watch = new Stopwatch();
    for (long came = buffer.position(); came < bytes; came += buffer.position()) {
      buffer.clear();
      if (channel.read(buffer) < 0) {
        throw new IOException("it ended after %d bytes of %d".formatted(came, bytes));
      }
    }
    return watch.seconds();
  }

  private static String read(Path errors) {
    try {
      return Files.readString(errors, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "(nothing)";
    }
  }
}
