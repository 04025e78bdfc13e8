package dev.hull.tests.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.TestPod;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two copies of one template share no secret and no identity. */
@Tag("machine")
final class SiblingsTest {
  /** One line each, before anything else has run in the machine. */
  private static final List<String> SECRETS =
      List.of(
          "head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \\n'; echo",
          "cat /proc/sys/kernel/random/uuid",
          "cat /proc/sys/kernel/random/boot_id",
          "grep -m 1 'stack' /proc/self/maps | cut -d ' ' -f 1",
          "grep -m 1 'libc' /proc/self/maps | cut -d ' ' -f 1",
          "hostname",
          "cat /sys/class/net/eth0/address",
          "tail -n 1 /etc/hosts");

  @TempDir private Path folder;

  @Test
  @Timeout(180)
  void randomBytesIdentitiesAndAddressesDiffer() {
    try (Daemon daemon = new Daemon(folder).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      try (TestPod first = TestPod.run(daemon, folder.resolve("logs"));
          TestPod second = TestPod.run(daemon, folder.resolve("logs"))) {
        for (TestPod pod : List.of(first, second)) {
          assertThat(pod.timeline())
              .as("a pod is a copy of the template; if there is none: ./hull template build")
              .contains("restore")
              .doesNotContain("\"boot\"");
        }
        assertTheyDiffer(first, second);
      }
    }
  }

  @Test
  @Timeout(180)
  void thoseOfMachinesThatStoodByDifferToo() {
    try (Daemon daemon = new Daemon(folder).startStanding()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      daemon.awaitSpares(1);
      try (TestPod first = TestPod.run(daemon, folder.resolve("logs"))) {
        daemon.awaitSpares(2);
        try (TestPod second = TestPod.run(daemon, folder.resolve("logs"))) {
          for (TestPod pod : List.of(first, second)) {
            assertThat(pod.timeline()).contains("identity").doesNotContain("restore", "\"boot\"");
          }
          assertTheyDiffer(first, second);
        }
      }
    }
  }

  private static void assertTheyDiffer(TestPod first, TestPod second) {
    for (TestPod pod : List.of(first, second)) {
      // It would be the template's in both.
      String container = pod.shell("firmware", "! cat /sys/class/dmi/id/product_uuid");
      assertThat(pod.awaitExit(container).getExitCode()).as(pod.output(container)).isZero();
    }
    Map<String, String> ofFirst = secrets(first);
    Map<String, String> ofSecond = secrets(second);
    for (String secret : SECRETS) {
      assertThat(ofFirst.get(secret)).as(secret).isNotBlank();
      assertThat(ofFirst.get(secret)).as(secret).isNotEqualTo(ofSecond.get(secret));
    }
  }

  @Test
  @Timeout(180)
  void theClockIsTheHosts() {
    try (Daemon daemon = new Daemon(folder).start()) {
      TestPod.load(daemon, TestPod.DEBIAN);
      try (TestPod pod = TestPod.run(daemon, folder.resolve("logs"))) {
        String container = pod.shell("clock", "date +%s");
        pod.awaitExit(container);
        // The container takes its time to start under emulation.
        assertThat(Long.parseLong(pod.output(container).strip()))
            .isCloseTo(Instant.now().getEpochSecond(), within(15L));
      }
    }
  }

  private static Map<String, String> secrets(TestPod pod) {
    String container = pod.shell("secrets", String.join("\n", SECRETS));
    assertThat(pod.awaitExit(container).getExitCode()).as(pod.output(container)).isZero();
    List<String> lines = pod.output(container).lines().toList();
    assertThat(lines).as("one for each command").hasSizeGreaterThanOrEqualTo(SECRETS.size());
    Map<String, String> secrets = new LinkedHashMap<>();
    for (int i = 0; i < SECRETS.size(); i++) {
      secrets.put(SECRETS.get(i), lines.get(i));
    }
    return secrets;
  }
}
