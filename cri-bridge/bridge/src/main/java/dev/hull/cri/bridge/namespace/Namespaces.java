package dev.hull.cri.bridge.namespace;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;

/**
 * Refuses namespaces that a machine cannot give. Network, IPC and host name are the machine's, for
 * all of its containers; the host's are out of its sight. Which processes a container sees is not
 * decided here.
 */
public final class Namespaces {
  /** Where the options are, in a sandbox's config as in a container's. */
  public static final String FIELD = "config.linux.security_context.namespace_options.";

  private Namespaces() {}

  public static void check(NamespaceOption options) {
    shared("network", "hostNetwork", options.getNetwork());
    shared("ipc", "hostIPC", options.getIpc());
    switch (options.getPid()) {
      case POD, CONTAINER, TARGET -> {}
      case NODE -> throw ofHost("pid", "hostPID");
      case UNRECOGNIZED -> throw unknown("pid");
    }
    var _ = UserNamespaces.of(options);
  }

  private static void shared(String field, String ofPod, NamespaceMode mode) {
    switch (mode) {
      case POD -> {}
      case NODE -> throw ofHost(field, ofPod);
      case CONTAINER, TARGET ->
          throw Refusal.field(
              FIELD + field, mode + " is not to be had: containers share their machine's; use POD");
      case UNRECOGNIZED -> throw unknown(field);
    }
  }

  private static Refusal ofHost(String field, String ofPod) {
    return Refusal.field(
        FIELD + field,
        "NODE is the host's, which nothing in a machine can reach; leave "
            + ofPod
            + " out, or give the pod a RuntimeClass of a runtime without machines");
  }

  private static Refusal unknown(String field) {
    return Refusal.invalid(FIELD + field + " is not one of CRI's");
  }
}
