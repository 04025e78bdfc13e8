package dev.hull.tests.harness;

import dev.hull.cli.command.Context;
import dev.hull.cli.command.Hull;
import dev.hull.cli.cri.UnixSocket;
import dev.hull.cli.kubelet.HostMounts;
import dev.hull.cli.kubelet.Time;
import dev.hull.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Short commands against one daemon, inside this process: a process for each would cost a second.
 */
public final class HullCommand {
  private final Path root;
  private final Path socket;

  public HullCommand(Path root, Path socket) {
    this.root = root;
    this.socket = socket;
  }

  /** What came of one. */
  public record Result(int code, String out, String err) {}

  /** Runs a command, with {@code --socket} behind its name. */
  public Result run(String command, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Context context =
        new Context(
            new Terminal(stream(out), stream(err), false, false),
            new ByteArrayInputStream(new byte[0]),
            Map.of(),
            Time.SYSTEM,
            InstantSource.system(),
            new HostMounts(),
            root,
            UnixSocket::connect);
    List<String> all = new ArrayList<>(List.of(command, "--socket", socket.toString()));
    all.addAll(List.of(arguments));
    int code = Hull.run(context, all.toArray(String[]::new));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs one that must succeed; what it printed. */
  public String must(String command, String... arguments) {
    Result result = run(command, arguments);
    if (result.code() != 0) {
      throw new AssertionError(
          "hull " + command + " " + List.of(arguments) + " failed: " + result.err() + result.out());
    }
    return result.out();
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
