package dev.hull.agent.machine;

import com.google.protobuf.ByteString;
import dev.hull.agent.users.IdMapping;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.Dns;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a pod's machine is told once, checked. {@code now} and {@code entropy} differ in every
 * request and are no part of the identity: see {@link #sameAs}.
 */
record PodIdentity(
    String podUid,
    String hostname,
    Instant now,
    ByteString entropy,
    List<String> dnsServers,
    List<String> dnsSearches,
    List<String> dnsOptions,
    Map<String, String> sysctls,
    Optional<ScsiAddress> scratchDisk,
    String shareTag,
    Optional<IdMapping> users,
    boolean provisional) {
  private static final Pattern HOSTNAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?");
  private static final Pattern WORD = Pattern.compile("[!-~]{1,255}");
  private static final int MIN_ENTROPY = 32;
  private static final int MAX_ENTROPY = 512;
  private static final int MAX_DNS_ENTRIES = 64;

  static PodIdentity from(ConfigureRequest request) {
    if (!HOSTNAME.matcher(request.getHostname()).matches()) {
      throw new IllegalArgumentException(
          "hostname must be 1 to 64 letters, digits, dots and dashes, is \""
              + request.getHostname()
              + "\"");
    }
    ByteString entropy = request.getEntropy();
    if (entropy.size() < MIN_ENTROPY || entropy.size() > MAX_ENTROPY) {
      throw new IllegalArgumentException(
          "entropy must be %d to %d bytes, is %d"
              .formatted(MIN_ENTROPY, MAX_ENTROPY, entropy.size()));
    }
    if (!request.hasNow()) {
      throw new IllegalArgumentException("now must be set: the guest has no clock of its own");
    }
    Dns dns = request.getDns();
    request.getSysctlsMap().forEach(Sysctls::check);
    return new PodIdentity(
        request.getPodUid(),
        request.getHostname(),
        Instant.ofEpochSecond(request.getNow().getSeconds(), request.getNow().getNanos()),
        entropy,
        words("dns.servers", dns.getServersList()),
        words("dns.searches", dns.getSearchesList()),
        words("dns.options", dns.getOptionsList()),
        new TreeMap<>(request.getSysctlsMap()),
        request.hasScratchDisk()
            ? Optional.of(ScsiAddress.from(request.getScratchDisk()))
            : Optional.empty(),
        request.getShareTag(),
        request.hasUsers() ? Optional.of(IdMapping.from(request.getUsers())) : Optional.empty(),
        request.getProvisional());
  }

  private static List<String> words(String field, List<String> words) {
    if (words.size() > MAX_DNS_ENTRIES) {
      throw new IllegalArgumentException(
          "%s has %d entries, more than %d".formatted(field, words.size(), MAX_DNS_ENTRIES));
    }
    for (String word : words) {
      if (!WORD.matcher(word).matches()) {
        throw new IllegalArgumentException(field + " has an entry that is not one word: " + word);
      }
    }
    return List.copyOf(words);
  }

  /** Whether both are the same pod's, set up alike. */
  boolean sameAs(PodIdentity other) {
    return podUid.equals(other.podUid)
        && hostname.equals(other.hostname)
        && dnsServers.equals(other.dnsServers)
        && dnsSearches.equals(other.dnsSearches)
        && dnsOptions.equals(other.dnsOptions)
        && sysctls.equals(other.sysctls)
        && scratchDisk.equals(other.scratchDisk)
        && shareTag.equals(other.shareTag)
        && users.equals(other.users);
  }
}
