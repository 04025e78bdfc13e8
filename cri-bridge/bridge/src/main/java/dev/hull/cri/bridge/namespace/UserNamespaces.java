package dev.hull.cri.bridge.namespace;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.IDMapping;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.vm.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** CRI's user namespaces as the machine's: one for all containers of a pod, or none. */
public final class UserNamespaces {
  private static final Path ALLOWED = Path.of("/proc/sys/user/max_user_namespaces");
  private static final String FIELD = Namespaces.FIELD + "userns_options";

  private UserNamespaces() {}

  /** Whether this host lets its owners of volumes be mapped; the guest always can. */
  public static boolean hostHasThem() {
    try {
      return !Files.readString(ALLOWED).strip().equals("0");
    } catch (IOException e) {
      return false;
    }
  }

  /** What the options ask for; empty for the machine's own users. */
  public static Optional<UserNamespace> of(NamespaceOption options) {
    var asked = options.getUsernsOptions();
    return switch (asked.getMode()) {
      case NODE -> {
        if (asked.getUidsCount() + asked.getGidsCount() > 0) {
          throw Refusal.invalid(FIELD + " has mappings, which NODE excludes; use POD");
        }
        yield Optional.empty();
      }
      case POD -> mapped(asked.getUidsList(), asked.getGidsList());
      case CONTAINER, TARGET ->
          throw Refusal.field(FIELD + ".mode", asked.getMode() + " is none of a pod; use POD");
      case UNRECOGNIZED -> throw Refusal.invalid(FIELD + ".mode is not one of CRI's");
    };
  }

  private static Optional<UserNamespace> mapped(List<IDMapping> uids, List<IDMapping> gids) {
    return uids.isEmpty() && gids.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new UserNamespace(range(FIELD + ".uids", uids), range(FIELD + ".gids", gids)));
  }

  private static UserNamespace.Range range(String field, List<IDMapping> mappings) {
    if (mappings.size() != 1) {
      throw Refusal.field(
          field, "there must be one mapping, are " + mappings.size() + "; give one from 0 on");
    }
    IDMapping mapping = mappings.getFirst();
    if (mapping.getContainerId() != 0) {
      throw Refusal.field(
          field,
          "the mapping must begin at container_id 0, for images have files of root; begins at "
              + Integer.toUnsignedString(mapping.getContainerId()));
    }
    try {
      return new UserNamespace.Range(
          Integer.toUnsignedLong(mapping.getHostId()), Integer.toUnsignedLong(mapping.getLength()));
    } catch (IllegalArgumentException e) {
      throw Refusal.field(field, String.valueOf(e.getMessage()));
    }
  }

  /** A container is in its pod's namespace; it may leave out to say so. */
  public static void demandOfPod(NamespaceOption ofContainer, NamespaceOption ofPod) {
    if (ofContainer.hasUsernsOptions() && !of(ofContainer).equals(of(ofPod))) {
      throw Refusal.field(
          FIELD, "it differs from that of the sandbox, which all of its containers share");
    }
  }

  /**
   * Whether a volume's owners are to be mapped.
   *
   * @param at the mount's field, with a dot
   */
  public static boolean isMapped(
      String at, List<IDMapping> uids, List<IDMapping> gids, Optional<UserNamespace> ofPod) {
    if (uids.isEmpty() && gids.isEmpty()) {
      return false;
    }
    UserNamespace asked =
        new UserNamespace(range(at + "uidMappings", uids), range(at + "gidMappings", gids));
    if (!ofPod.equals(Optional.of(asked))) {
      throw Refusal.field(
          at + "uidMappings", "with gidMappings it must be what the pod's user namespace has");
    }
    return true;
  }
}
