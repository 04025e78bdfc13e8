package dev.hull.vm.guest;

import com.google.protobuf.Timestamp;
import dev.hull.guest.v1.ProcessUser;
import dev.hull.vm.GuestContainer.State;
import dev.hull.vm.GuestContainer.User;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks what a guest says, and turns its errors into ours. */
final class GuestStatus {
  /** What a guest may say in one string that ends in a person's log. */
  static final int MAX_TEXT = 2048;

  private static final int MAX_GROUPS = 65_536;
  private static final long MAX_SECONDS = 253_402_300_799L;
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private GuestStatus() {}

  static MachineException hostile(String what) {
    return new MachineException(
        Kind.HOSTILE_GUEST, "the guest broke the protocol of the agent: " + what);
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw hostile(what);
    }
  }

  /** Cut to a bound, and without what could steer a terminal. */
  static String text(String said) {
    String cut = said.length() > MAX_TEXT ? said.substring(0, MAX_TEXT) + "…" : said;
    return CONTROL.matcher(cut).replaceAll(" ");
  }

  static Instant time(Timestamp said) {
    require(
        said.getSeconds() >= 0
            && said.getSeconds() <= MAX_SECONDS
            && said.getNanos() >= 0
            && said.getNanos() < 1_000_000_000,
        "a time is out of range");
    return Instant.ofEpochSecond(said.getSeconds(), said.getNanos());
  }

  static State state(dev.hull.guest.v1.ContainerStatus said) {
    Instant created = time(said.getCreatedAt());
    return switch (said.getState()) {
      case CONTAINER_STATE_CREATED -> new State.Created(created);
      case CONTAINER_STATE_RUNNING -> {
        require(said.getPid() > 0, "a running container has no process");
        yield new State.Running(created, time(said.getStartedAt()), said.getPid());
      }
      case CONTAINER_STATE_EXITED ->
          new State.Exited(
              created,
              time(said.getStartedAt()),
              time(said.getFinishedAt()),
              exitCode(said.getExitCode()),
              said.getOomKilled(),
              text(said.getMessage()));
      case CONTAINER_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw hostile("a container is in no state that there is");
    };
  }

  static ContainerReport report(dev.hull.guest.v1.ContainerStatus said) {
    return new ContainerReport(
        state(said), said.hasUser() ? Optional.of(user(said.getUser())) : Optional.empty());
  }

  private static User user(ProcessUser said) {
    require(said.getGroupsCount() <= MAX_GROUPS, "a process has too many groups");
    require(
        said.getUid() >= 0
            && said.getGid() >= 0
            && said.getGroupsList().stream().allMatch(group -> group >= 0),
        "a user or group is above 2147483647");
    return new User(said.getUid(), said.getGid(), said.getGroupsList());
  }

  static int exitCode(int said) {
    require(said >= 0 && said <= 255, "an exit code is not 0 to 255");
    return said;
  }

  /** {@code doing} completes the sentence "cannot …". */
  static MachineException translate(String doing, StatusRuntimeException e) {
    Status status = e.getStatus();
    String said = status.getDescription() == null ? "" : text(status.getDescription());
    if (brokeProtocol(status, said)) {
      return new MachineException(
          Kind.HOSTILE_GUEST,
          "cannot %s: the guest broke the protocol of the agent: %s".formatted(doing, said),
          e);
    }
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      return new MachineException(
          Kind.WRONG_STATE,
          "cannot %s: the agent of this machine is older than this daemon and does not know how; run the pod anew"
              .formatted(doing),
          e);
    }
    Kind kind =
        switch (status.getCode()) {
          case NOT_FOUND -> Kind.NOT_FOUND;
          case ALREADY_EXISTS -> Kind.ALREADY_EXISTS;
          case FAILED_PRECONDITION -> Kind.WRONG_STATE;
          case INVALID_ARGUMENT, PERMISSION_DENIED, OUT_OF_RANGE -> Kind.INVALID;
          case RESOURCE_EXHAUSTED -> Kind.EXHAUSTED;
          case DEADLINE_EXCEEDED -> Kind.DEADLINE;
          case UNAVAILABLE, CANCELLED, ABORTED -> Kind.UNAVAILABLE;
          case OK, UNKNOWN, UNIMPLEMENTED, INTERNAL, DATA_LOSS, UNAUTHENTICATED -> Kind.INTERNAL;
        };
    String reason =
        said.isEmpty() ? status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ') : said;
    return new MachineException(kind, "cannot %s: %s".formatted(doing, reason), e);
  }

  /**
   * Whether this end's gRPC refused what came. Its texts are all that tells its refusals from the
   * agent's own answers; an agent that fakes them accuses nobody but itself.
   */
  private static boolean brokeProtocol(Status status, String said) {
    if (said.startsWith("HTTP status code")) {
      return true;
    }
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED ->
          said.startsWith("gRPC message exceeds maximum size")
              || said.startsWith("Response header metadata larger")
              || said.startsWith("Response trailer metadata larger");
      case INTERNAL ->
          status.getCause() != null
              || said.startsWith("Invalid protobuf")
              || said.startsWith("Protocol error")
              || said.startsWith("HTTP/2 error code: PROTOCOL_ERROR")
              || said.startsWith("Received data size exceeded")
              || said.startsWith("More than one value received")
              || said.startsWith("No value received");
      case CANCELLED -> said.startsWith("Failed to read message");
      case UNAVAILABLE -> said.startsWith("Protocol error");
      default -> false;
    };
  }
}
