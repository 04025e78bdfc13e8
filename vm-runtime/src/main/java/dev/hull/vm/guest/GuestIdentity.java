package dev.hull.vm.guest;

import com.google.protobuf.ByteString;
import dev.hull.vm.MachineSpec.Dns;
import dev.hull.vm.UserNamespace;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a guest is told of its pod.
 *
 * @param entropy 32 to 512 random bytes
 * @param scratchUnit the unit of the disk for writable layers
 * @param shareTag the virtiofs tag of the share; empty for none
 * @param provisional whether another one may follow, with the same disk and share
 */
public record GuestIdentity(
    String podUid,
    String hostname,
    Instant now,
    ByteString entropy,
    Dns dns,
    Map<String, String> sysctls,
    Optional<UserNamespace> users,
    Optional<Integer> scratchUnit,
    String shareTag,
    boolean provisional) {
  public GuestIdentity {
    sysctls = Map.copyOf(sysctls);
    if (entropy.size() < 32 || entropy.size() > 512) {
      throw new IllegalArgumentException("entropy must be 32 to 512 bytes: " + entropy.size());
    }
  }

  /** Of a guest whose pod is not known yet. */
  public static GuestIdentity provisional(
      Instant now, ByteString entropy, Optional<Integer> scratchUnit, String shareTag) {
    return new GuestIdentity(
        "none",
        "none",
        now,
        entropy,
        Dns.NONE,
        Map.of(),
        Optional.empty(),
        scratchUnit,
        shareTag,
        true);
  }
}
