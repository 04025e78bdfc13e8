package dev.hull.cli.action;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cli.kubelet.Time;
import dev.hull.cli.pod.Action;
import dev.hull.cli.pod.Container;
import dev.hull.cri.v1.ExecSyncRequest;
import dev.hull.cri.v1.ExecSyncResponse;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Does what probes and hooks say. Blocks, for at most the given time and a little more. */
public final class Actions {
  /** On top of what a command may take, until the daemon says that it took too long. */
  private static final Duration MARGIN = Duration.ofSeconds(10);

  private static final int MOST_WORDS = 1024;
  private static final String SERVING = "SERVING";

  private final Cri cri;
  private final Network network;
  private final Time time;

  public Actions(Cri cri, Network network, Time time) {
    this.cri = cri;
    this.network = network;
    this.time = time;
  }

  /** The container that it is about; {@code ip} of its pod. */
  public record Target(Container container, String id, String ip) {}

  /** Whether it succeeded; if not, why. */
  public record Outcome(boolean good, String message) {
    static final Outcome GOOD = new Outcome(true, "");

    static Outcome bad(String message) {
      return new Outcome(
          false, message.length() > MOST_WORDS ? message.substring(0, MOST_WORDS) : message);
    }
  }

  /** Does it once. */
  public Outcome run(Action action, Target target, Duration deadline) throws InterruptedException {
    try {
      return switch (action) {
        case Action.Exec exec -> exec(exec, target, deadline);
        case Action.HttpGet get -> get(get, target, deadline);
        case Action.TcpSocket tcp -> {
          network.connect(host(tcp.host(), target), port(target, tcp.port()), deadline);
          yield Outcome.GOOD;
        }
        case Action.Grpc grpc -> {
          String status = network.health(target.ip(), grpc.port(), grpc.service(), deadline);
          yield status.equals(SERVING)
              ? Outcome.GOOD
              : Outcome.bad("service unhealthy (responded with \"" + status + "\")");
        }
        case Action.Sleep sleep -> {
          time.sleep(sleep.duration().compareTo(deadline) < 0 ? sleep.duration() : deadline);
          yield Outcome.GOOD;
        }
      };
    } catch (IOException | CriException e) {
      return Outcome.bad(String.valueOf(e.getMessage()));
    }
  }

  private Outcome exec(Action.Exec exec, Target target, Duration deadline) {
    long seconds = Math.max(1, deadline.toSeconds());
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setContainerId(target.id())
            .addAllCmd(exec.command())
            .setTimeout(seconds)
            .build();
    try {
      ExecSyncResponse response =
          cri.runtime(Duration.ofSeconds(seconds).plus(MARGIN), stub -> stub.execSync(request));
      return response.getExitCode() == 0
          ? Outcome.GOOD
          : Outcome.bad(
              (response.getStdout().toStringUtf8() + response.getStderr().toStringUtf8()).strip());
    } catch (CriException e) {
      if (e.code() == Status.Code.DEADLINE_EXCEEDED) {
        return Outcome.bad(
            "command timed out: \"%s\" timed out after %ds"
                .formatted(String.join(" ", exec.command()), seconds));
      }
      throw e;
    }
  }

  private Outcome get(Action.HttpGet get, Target target, Duration deadline)
      throws IOException, InterruptedException {
    int status =
        network.get(
            get.tls(),
            host(get.host(), target),
            port(target, get.port()),
            get.path(),
            get.headers(),
            deadline);
    return status >= 200 && status < 400
        ? Outcome.GOOD
        : Outcome.bad("HTTP probe failed with statuscode: " + status);
  }

  private static String host(String given, Target target) {
    return given.isEmpty() ? target.ip() : given;
  }

  private static int port(Target target, Action.PortRef reference) throws IOException {
    Optional<Integer> port = target.container().port(reference);
    return port.orElseThrow(
        () -> new IOException("container " + target.container().name() + " has no such port"));
  }
}
