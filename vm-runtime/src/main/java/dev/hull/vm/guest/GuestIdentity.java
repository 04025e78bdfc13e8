package dev.hull.vm.guest;

import dev.hull.vm.MachineSpec.Dns;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a guest is told of its pod.
 *
 * @param entropy 32 to 512 random bytes
 * @param scratchUnit the unit of the disk for writable layers
 * @param shareTag the virtiofs tag of the share; empty for none
 */
public record GuestIdentity(
    String podUid,
    String hostname,
    Instant now,
    com.google.protobuf.ByteString entropy,
    Dns dns,
    Map<String, String> sysctls,
    Optional<Integer> scratchUnit,
    String shareTag) {
  public GuestIdentity {
    sysctls = Map.copyOf(sysctls);
    if (entropy.size() < 32 || entropy.size() > 512) {
      throw new IllegalArgumentException("entropy must be 32 to 512 bytes: " + entropy.size());
    }
  }
}
