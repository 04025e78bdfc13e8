package dev.hull.vm;

/**
 * The user namespace of a pod's containers: which ids outside of it theirs are, from 0 on. Outside
 * means the guest, and the host where it sees files through volumes.
 */
public record UserNamespace(Range uids, Range gids) {
  // The last one means "no id".
  private static final long IDS = 0xffff_ffffL;

  /**
   * Some ids.
   *
   * @param first which the containers have as 0; not 0, for that is the guest's root
   */
  public record Range(long first, long length) {
    public Range {
      if (first < 1 || length < 1 || first + length > IDS) {
        throw new IllegalArgumentException(
            "ids of a user namespace must be from 1 to %d, are %d from %d on"
                .formatted(IDS - 1, length, first));
      }
    }
  }
}
