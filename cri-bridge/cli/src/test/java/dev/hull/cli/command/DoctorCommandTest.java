package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.Doctor;
import dev.hull.cri.host.Doctor.Check;
import dev.hull.cri.host.Doctor.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class DoctorCommandTest {
  private static final Check GOOD = new Check("JDK", Verdict.GOOD, "Java 25", "");
  private static final Check SLOW =
      new Check("acceleration", Verdict.WARNING, "TCG: no /dev/kvm", "load kvm_intel");
  private static final Check GONE =
      new Check("QEMU", Verdict.MISSING, "it is not there", "apt-get install qemu-system-x86");

  @TempDir private Path folder;
  private final List<DaemonProvider.Options> asked = new ArrayList<>();
  private CommandLineHarness hull;

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
  }

  @AfterEach
  void end() {
    hull.close();
  }

  private int doctor(List<Check> findings, String... arguments) {
    Doctor doctor =
        options -> {
          asked.add(options);
          return findings;
        };
    return doctor(Optional.of(doctor), arguments);
  }

  private int doctor(Optional<Doctor> doctor, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.contains("--socket")) {
      all.addAll(List.of("--socket", folder.resolve("none.sock").toString()));
    }
    return new CommandLine(new DoctorCommand(hull.context(), () -> doctor))
        .execute(all.toArray(String[]::new));
  }

  @Test
  void everyFindingIsALineAndEveryRemedyTheNext() {
    assertThat(doctor(List.of(GOOD, SLOW))).isZero();
    assertThat(hull.out())
        .isEqualTo(
            """
            good     JDK           Java 25
            warning  acceleration  TCG: no /dev/kvm
                                   remedy: load kvm_intel
            good     daemon        none runs at %s, and none must
            """
                .formatted(folder.resolve("none.sock")));
  }

  @Test
  void aDaemonThatRunsTellsOfTheMachinesThatStandBy() {
    assertThat(doctor(List.of(GOOD), "--socket", hull.socket.toString())).isZero();
    assertThat(hull.out())
        .contains("good     daemon  answers at " + hull.socket)
        .endsWith("; spare machines that stand by: 1 of 2, of 512 MiB each\n");
  }

  @Test
  void somethingMissingIsExitCodeOne() {
    assertThat(doctor(List.of(GOOD, SLOW, GONE))).isEqualTo(1);
    assertThat(hull.out())
        .contains("missing  QEMU          it is not there")
        .contains("remedy: apt-get install qemu-system-x86");
  }

  @Test
  void asJsonItIsTheSameAndSoIsTheExitCode() {
    assertThat(doctor(List.of(GOOD, GONE), "--output", "json")).isEqualTo(1);
    JsonArray checks =
        JsonParser.parseString(hull.out()).getAsJsonObject().getAsJsonArray("checks");
    assertThat(checks).hasSize(3);
    JsonObject gone = checks.get(1).getAsJsonObject();
    assertThat(gone.get("name").getAsString()).isEqualTo("QEMU");
    assertThat(gone.get("verdict").getAsString()).isEqualTo("MISSING");
    assertThat(gone.get("found").getAsString()).isEqualTo("it is not there");
    assertThat(gone.get("remedy").getAsString()).isEqualTo("apt-get install qemu-system-x86");
    assertThat(doctor(List.of(GOOD, SLOW), "-o", "json")).isZero();
  }

  @Test
  void theDoctorIsToldWhereToLook() {
    assertThat(doctor(List.of(GOOD), "--root", "/data/hull", "--guest-image", "/images/guest"))
        .isZero();
    assertThat(asked.getFirst().root()).isEqualTo(Path.of("/data/hull"));
    assertThat(asked.getFirst().guestImage()).isEqualTo(Path.of("/images/guest"));
  }

  @Test
  void withoutADoctorThatIsWhatIsMissing() {
    assertThat(doctor(Optional.empty())).isEqualTo(1);
    assertThat(hull.out()).contains("not on the class path").contains("./hull");
  }
}
