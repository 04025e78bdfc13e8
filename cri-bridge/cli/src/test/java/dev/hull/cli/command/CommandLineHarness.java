package dev.hull.cli.command;

import dev.hull.cli.kubelet.FakeMounts;
import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.terminal.Terminal;
import dev.hull.cli.testing.FakeCri;
import dev.hull.cli.testing.FakeTime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The command line over a fake daemon. */
final class CommandLineHarness implements AutoCloseable {
  final FakeCri cri = new FakeCri();
  final FakeTime time = new FakeTime();
  final FakeMounts mounts = new FakeMounts();
  final Path root;
  final Path socket;
  String stdin = "";
  private Optional<FileChannel> supervisor = Optional.empty();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  CommandLineHarness(Path folder) throws IOException {
    root = folder.resolve("root");
    socket = Files.createFile(folder.resolve("hull.sock"));
  }

  /** The spool of a supervisor that does nothing, which closing the harness ends. */
  Spool supervise() throws IOException {
    Spool spool = new Spool(root.resolve("kubelet"));
    supervisor = spool.take();
    Files.createSymbolicLink(Spool.link(socket), spool.folder());
    return spool;
  }

  /** With {@code --socket} behind the command's name. */
  int run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command, "--socket", socket.toString()));
    all.addAll(List.of(arguments));
    return raw(all.toArray(String[]::new));
  }

  int raw(String... arguments) {
    return Hull.run(context(), arguments);
  }

  /** For a command of its own; what was printed before is forgotten. */
  Context context() {
    out.reset();
    err.reset();
    return new Context(
        new Terminal(stream(out), stream(err), false, false),
        new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)),
        Map.of(),
        time,
        () -> Instant.parse("2026-01-01T00:01:00Z"),
        mounts,
        root,
        path -> cri.connect());
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    cri.close();
    supervisor.ifPresent(CommandLineHarness::end);
  }

  private static void end(FileChannel supervisor) {
    try {
      supervisor.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
