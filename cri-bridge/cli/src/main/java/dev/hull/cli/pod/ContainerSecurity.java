package dev.hull.cli.pod;

import java.util.List;
import java.util.Optional;

/** What a container may do. What is empty is the pod's, or else the image's or the runtime's. */
public record ContainerSecurity(
    User user,
    Optional<Boolean> runAsNonRoot,
    boolean privileged,
    Optional<Boolean> allowPrivilegeEscalation,
    boolean readOnlyRoot,
    List<String> addedCapabilities,
    List<String> droppedCapabilities,
    boolean unmaskedProc,
    Optional<Profile> seccomp,
    Optional<Profile> appArmor,
    SeLinux seLinux) {
  public ContainerSecurity {
    addedCapabilities = List.copyOf(addedCapabilities);
    droppedCapabilities = List.copyOf(droppedCapabilities);
  }

  /** As whom. */
  public record User(Optional<Long> user, Optional<Long> group) {}

  /** What system calls, or files, it may use; {@code file} of a profile on the host. */
  public record Profile(Kind kind, String file) {
    /** Which. */
    public enum Kind {
      RUNTIME_DEFAULT,
      UNCONFINED,
      LOCALHOST
    }
  }

  /** A label; all of it empty for none. */
  public record SeLinux(String user, String role, String type, String level) {
    public static final SeLinux NONE = new SeLinux("", "", "", "");
  }
}
