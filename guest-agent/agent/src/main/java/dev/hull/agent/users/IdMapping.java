package dev.hull.agent.users;

import dev.hull.guest.v1.UserNamespace;

/** Which ids of the guest the containers' are, from 0 on. */
public record IdMapping(Range uids, Range gids) {
  // The last one means "no id".
  private static final long IDS = 0xffff_ffffL;

  /**
   * Some ids of the guest.
   *
   * @param first which the containers have as 0; never the guest's own 0
   * @param length at least 1
   */
  public record Range(long first, long length) {
    public Range {
      if (first < 1 || length < 1 || first + length > IDS) {
        throw new IllegalArgumentException(
            "a user namespace's ids must be of 1 to %d, are %d from %d on"
                .formatted(IDS - 1, length, first));
      }
    }

    /** The line of uid_map and gid_map, user_namespaces(7). */
    String line() {
      return "0 " + first + " " + length + "\n";
    }

    /** As the kernel passes ids around. */
    public int firstId() {
      return (int) first;
    }
  }

  public static IdMapping from(UserNamespace asked) {
    return new IdMapping(range(asked.getUids()), range(asked.getGids()));
  }

  private static Range range(dev.hull.guest.v1.IdRange asked) {
    return new Range(
        Integer.toUnsignedLong(asked.getFirst()), Integer.toUnsignedLong(asked.getLength()));
  }
}
