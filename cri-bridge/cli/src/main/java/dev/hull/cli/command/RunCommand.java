package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.daemon.Daemons;
import dev.hull.cli.daemon.OwnDaemon;
import dev.hull.cli.kubelet.PodException;
import dev.hull.cli.kubelet.RunningPod;
import dev.hull.cli.kubelet.StopException;
import dev.hull.cli.kubelet.StopRequest;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.pod.ManifestException;
import dev.hull.cli.pod.ManifestParser;
import dev.hull.cli.pod.Pod;
import dev.hull.cri.host.HostException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** hull run. */
@Command(
    name = "run",
    description = {
      "Run the Pod of a manifest in a machine of its own, print what its containers write, and"
          + " remove it when they have ended, or at Ctrl-C.",
      "The exit code is 0 if all containers succeeded, else that of the first that failed; 124 when"
          + " --timeout is over, 125 if Hull failed."
    })
final class RunCommand implements Callable<Integer> {
  private static final int MAX_BYTES = 4 << 20;

  private final Context context;

  @Parameters(
      paramLabel = "FILE",
      description = "The manifest, YAML or JSON; - for standard input.")
  String file = "";

  @Option(
      names = "--detach",
      description = "Leave the pod with the daemon once its containers are started; see hull rm.")
  boolean detach;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      description = "Stop the pod after this time, such as 90s, 5m or 1h30m.")
  Optional<Duration> timeout = Optional.empty();

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description =
          "Use the daemon there (default: the one at /run/hull/hull.sock if it answers, or else one"
              + " inside this process).")
  Optional<Path> socket = Optional.empty();

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description =
          "Use a daemon inside this process which keeps its images here (default: a new folder that"
              + " is removed at the end).")
  Optional<Path> root = Optional.empty();

  @Option(names = "--guest-image", paramLabel = "DIR", description = "Made by images/guest.")
  Optional<Path> guestImage = Optional.empty();

  RunCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, InterruptedException {
    Pod pod = pod();
    StopRequest stop = new StopRequest(context.time(), timeout);
    try (SignalledStop _ = new SignalledStop(stop, context);
        PodSession session = session()) {
      return run(session, pod, stop);
    } catch (StopException e) {
      context.complain(e.getMessage());
      return e.exitCode();
    } catch (HostException | PodException | CriException e) {
      context.complain(e.getMessage());
      return ExitCodes.HULL_FAILED;
    }
  }

  private int run(PodSession session, Pod pod, StopRequest stop)
      throws PodException, StopException, InterruptedException {
    RunningPod running = session.start(pod, new Timeline(context.time()), stop);
    if (detach) {
      running.detach();
      context.terminal().out().println(running.id());
      return ExitCodes.OK;
    }
    boolean released = false;
    int code;
    try {
      List<RunningPod.Exit> exits = running.await(stop);
      for (RunningPod.Exit exit : exits) {
        explain(exit);
      }
      code = RunningPod.exitCode(exits);
    } finally {
      released = session.release(running);
    }
    return code == 0 && !released ? ExitCodes.HULL_FAILED : code;
  }

  private void explain(RunningPod.Exit exit) {
    if (exit.code() != 0) {
      String reason = exit.reason().isEmpty() || exit.reason().equals("Error") ? "" : exit.reason();
      String detail =
          List.of(reason, exit.message().strip()).stream()
              .filter(part -> !part.isEmpty())
              .reduce((left, right) -> left + ": " + right)
              .map(text -> " (" + text + ")")
              .orElse("");
      context.complain("container " + exit.container() + " exited with " + exit.code() + detail);
    }
  }

  private PodSession session() throws UserException, HostException {
    if (socket.isPresent() && root.isPresent()) {
      throw new UserException(
          "--socket and --root exclude each other: a daemon that is there has its own root");
    }
    Path asked = socket.orElse(Daemons.DEFAULT_SOCKET).toAbsolutePath();
    Optional<Cri> daemon =
        root.isPresent() ? Optional.empty() : Daemons.answering(asked, context.connect());
    if (daemon.isPresent()) {
      return PodSession.over(context, daemon.get(), context.root());
    }
    if (socket.isPresent()) {
      throw new UserException(
          "no daemon answers at " + asked + "; start one with: hull serve --socket " + asked);
    }
    if (detach) {
      throw new UserException(
          "--detach needs a daemon that looks after the pod; start one with: hull serve");
    }
    OwnDaemon.Root where =
        root.isPresent()
            ? new OwnDaemon.Root.Kept(root.get())
            : new OwnDaemon.Root.Temporary(context.root().resolve("run"));
    PodSession session = PodSession.own(context, where, guestImage);
    context.complain("no daemon at " + asked + ", using one of its own in " + session.root());
    return session;
  }

  private Pod pod() throws UserException {
    String name = file.equals("-") ? "stdin" : file;
    try {
      byte[] bytes = file.equals("-") ? read(context.in(), name) : read(name);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return ManifestParser.parse(name, text);
    } catch (ManifestException e) {
      throw new UserException(e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new UserException(name + " does not exist", e);
    } catch (CharacterCodingException e) {
      throw new UserException(name + ":1: is not YAML: it is not UTF-8 text", e);
    } catch (IOException e) {
      throw new UserException("cannot read " + name + ": " + e.getMessage(), e);
    }
  }

  private static byte[] read(String name) throws IOException {
    if (Files.isDirectory(Path.of(name))) {
      throw new IOException("it is a folder");
    }
    try (InputStream stream = Files.newInputStream(Path.of(name))) {
      return read(stream, name);
    }
  }

  private static byte[] read(InputStream stream, String name) throws IOException {
    byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw new IOException(name + " is larger than " + MAX_BYTES + " bytes");
    }
    return bytes;
  }
}
