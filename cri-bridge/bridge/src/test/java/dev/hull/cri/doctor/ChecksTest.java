package dev.hull.cri.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.Doctor;
import dev.hull.cri.host.Doctor.Check;
import dev.hull.cri.host.Doctor.Verdict;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class ChecksTest {
  private static final DaemonProvider.Options OPTIONS =
      new DaemonProvider.Options(
          Path.of("/run/hull/hull.sock"), Path.of("/var/lib/hull"), Path.of("/guest"), "", false);

  private final Findings host = new Findings();

  @Test
  void aWholeMachineIsGoodAndNeedsNoRemedy() {
    List<Check> checks = new HullDoctor(host, Checks.ALL).examine(OPTIONS);
    assertThat(checks)
        .allSatisfy(
            check -> {
              assertThat(check.verdict()).as("%s", check).isEqualTo(Verdict.GOOD);
              assertThat(check.remedy()).isEmpty();
            });
    assertThat(checks).extracting(Check::name).doesNotHaveDuplicates();
  }

  @Test
  void anEmptyMachineNamesARemedyOfOneLineForEverything() {
    host.java = 21;
    host.uid = 1000;
    host.files.clear();
    host.commands.clear();
    host.users.clear();
    host.disk = Optional.of(10L << 20);
    host.memory = Optional.of(10L << 20);
    assertThat(new HullDoctor(host, Checks.ALL).examine(OPTIONS))
        .allSatisfy(
            check -> {
              assertThat(check.verdict()).as("%s", check).isNotEqualTo(Verdict.GOOD);
              assertThat(check.remedy()).isNotEmpty().doesNotContain("\n");
              assertThat(check.found()).isNotEmpty();
            });
  }

  @Test
  void anOldQemuIsMissing() {
    host.commands.put("/usr/bin/qemu-system-x86_64 --version", "QEMU emulator version 5.2.0");
    Check check = Checks.qemu(host);
    assertThat(check.verdict()).isEqualTo(Verdict.MISSING);
    assertThat(check.found()).contains("version 5.2");
  }

  @Test
  void aGuestImageIsWholeOrMissing() {
    host.files.remove("/guest/initramfs");
    Check check = Checks.guestImage(host, Path.of("/guest"));
    assertThat(check.verdict()).isEqualTo(Verdict.MISSING);
    assertThat(check.found()).isEqualTo("/guest/initramfs is not there");
  }

  @Test
  void littleDiskIsAWarningAndAlmostNoneIsMissing() {
    host.disk = Optional.of(2L << 30);
    assertThat(Checks.disk(host, Path.of("/r")).verdict()).isEqualTo(Verdict.WARNING);
    host.disk = Optional.of(100L << 20);
    assertThat(Checks.disk(host, Path.of("/r")).verdict()).isEqualTo(Verdict.MISSING);
  }

  @Test
  void withoutAUserOfItsOwnQemuRunsButNotAsWell() {
    host.users.clear();
    assertThat(Checks.user(host).verdict()).isEqualTo(Verdict.WARNING);
  }

  @Test
  void aLibvirtdThatIsAskedForMustListenHere() {
    Check absent = Checks.libvirt(host, "qemu:///system");
    assertThat(absent.verdict()).isEqualTo(Verdict.MISSING);
    assertThat(absent.found()).isEqualTo("no libvirtd listens at /run/libvirt/libvirt-sock");
    host.files.add("/run/libvirt/virtqemud-sock");
    assertThat(Checks.libvirt(host, "qemu:///system").found())
        .isEqualTo("libvirtd at /run/libvirt/virtqemud-sock");
    assertThat(Checks.libvirt(host, "qemu+ssh://elsewhere/system").verdict())
        .isEqualTo(Verdict.MISSING);
  }

  @Test
  void theAccelerationIsSaidWithItsReason() {
    Path image = Path.of("/guest");
    assertThat(Checks.acceleration(host, image).found()).isEqualTo("KVM: it booted in 200 ms");
    host.acceleration =
        new Host.Acceleration(
            false, "/dev/kvm does not exist\nmore words", "load the module kvm_intel");
    Check check = Checks.acceleration(host, image);
    assertThat(check.verdict()).isEqualTo(Verdict.WARNING);
    assertThat(check.found())
        .isEqualTo("software emulation (TCG), ten times slower: /dev/kvm does not exist");
    assertThat(check.remedy()).isEqualTo("load the module kvm_intel");
  }

  @Test
  void withoutAGuestImageNothingIsBooted() {
    host.files.remove("/guest/vmlinux");
    Check check = Checks.acceleration(host, Path.of("/guest"));
    assertThat(check.verdict()).isEqualTo(Verdict.WARNING);
    assertThat(check.found()).contains("no guest image to boot");
  }

  @Test
  void aCheckThatFailsIsAFinding() {
    List<Check> checks =
        new HullDoctor(
                host,
                List.of(
                    (_, _) -> {
                      throw new IllegalStateException("broken");
                    }))
            .examine(OPTIONS);
    assertThat(checks.getFirst().found()).contains("broken");
  }

  @Test
  void isFoundByTheCommand() {
    assertThat(ServiceLoader.load(Doctor.class)).hasOnlyElementsOfType(HullDoctor.class).hasSize(1);
  }

  @Test
  void thisMachineIsReadWithoutAnError() {
    assertThat(new HullDoctor().examine(OPTIONS))
        .hasSizeGreaterThanOrEqualTo(Checks.ALL.size())
        .noneMatch(check -> check.name().equals("doctor"));
  }

  private static final class Findings implements Host {
    private int java = 25;
    private long uid;
    private final Set<String> files =
        new TreeSet<>(
            List.of(
                "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so",
                "/usr/lib/qemu/virtiofsd",
                "/guest/vmlinux",
                "/guest/initramfs",
                "/guest/root.erofs",
                "/guest/guest-image.properties",
                "/usr/lib/cni/bridge",
                "/usr/lib/cni/host-local",
                "/usr/lib/cni/loopback",
                "/usr/lib/cni/portmap",
                "/usr/bin/qemu-system-x86_64",
                "/usr/bin/iptables",
                "/usr/bin/ip",
                "/usr/bin/mkfs.ext4"));
    private final Map<String, String> commands =
        new TreeMap<>(
            Map.of(
                "/usr/bin/qemu-system-x86_64 --version",
                "QEMU emulator version 7.2.9",
                "unshare --mount --net --pid --fork true",
                ""));
    private final Set<String> users = new TreeSet<>(List.of("hull-qemu"));
    private Optional<Long> disk = Optional.of(100L << 30);
    private Optional<Long> memory = Optional.of(8L << 30);
    private Acceleration acceleration = new Acceleration(true, "it booted in 200 ms", "");

    @Override
    public int javaFeatureVersion() {
      return java;
    }

    @Override
    public long effectiveUid() {
      return uid;
    }

    @Override
    public boolean isFile(Path path) {
      return files.contains(path.toString());
    }

    @Override
    public boolean exists(Path path) {
      return files.contains(path.toString());
    }

    @Override
    public boolean isExecutable(Path path) {
      return files.contains(path.toString());
    }

    @Override
    public Optional<Path> find(String command) {
      return Optional.of(Path.of("/usr/bin", command)).filter(this::isExecutable);
    }

    @Override
    public Optional<String> run(List<String> command) {
      return Optional.ofNullable(commands.get(String.join(" ", command)));
    }

    @Override
    public boolean userExists(String name) {
      return users.contains(name);
    }

    @Override
    public Optional<Long> freeDiskBytes(Path path) {
      return disk;
    }

    @Override
    public Optional<Long> availableMemoryBytes() {
      return memory;
    }

    @Override
    public Acceleration acceleration(Path guestImage) {
      return acceleration;
    }
  }
}
