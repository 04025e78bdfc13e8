package dev.hull.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LauncherTest {
  @TempDir private Path folder;
  private Path project;
  private Path bin;
  private Path jvms;
  private Path journal;

  @BeforeEach
  void makeWorld() throws IOException {
    // Blanks in the path, because that is where scripts break.
    project = Files.createDirectories(folder.resolve("a project"));
    Files.copy(Path.of("..", "..", "hull").toAbsolutePath().normalize(), project.resolve("hull"));
    Files.setPosixFilePermissions(
        project.resolve("hull"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectories(project.resolve(".mvn"));
    Files.writeString(project.resolve("pom.xml"), "<project/>");
    Files.createDirectories(project.resolve("cri-bridge/cli/src/main/java"));
    bin = Files.createDirectories(folder.resolve("bin"));
    jvms = Files.createDirectories(folder.resolve("jvm"));
    journal = folder.resolve("journal");
    tool("id", "echo 0");
    tool("getent", "exit 2");
    tool("useradd", "echo useradd \"$@\" >>'%s'".formatted(journal));
    tool("dpkg-query", "echo 'installed gcc'; echo 'config-files make'");
    tool("apt-get", "echo apt-get \"$@\" >>'%s'".formatted(journal));
    tool("mvn", "echo mvn \"$@\" >>'%s'; echo '[ERROR] no such thing'; exit 1".formatted(journal));
  }

  @Test
  void withoutAJdkItSaysWhatWasLookedAtAndWhatToDo() throws Exception {
    jdk("old", "17.0.15");
    Result result = hull("ps");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("no JDK 25 or newer was found")
        .contains(jvms.resolve("old") + " (version 17)")
        .contains("set JAVA_HOME");
  }

  @Test
  void withoutRootItSaysWhyItIsNeeded() throws Exception {
    jdk("new", "25.0.3");
    tool("id", "echo 1000");
    Result result = hull("demo");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("demo needs root").contains("sudo");
    assertThat(journal).doesNotExist();
  }

  @Test
  void noInstallOnlySaysWhatIsMissing() throws Exception {
    jdk("new", "25.0.3");
    Result result = hull("demo", "--no-install");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out())
        .containsPattern("qemu-system-x86 +machines: QEMU")
        .containsPattern("make +the guest image")
        .contains("system user hull-qemu")
        .contains("up-to-date build")
        .doesNotContainPattern("  gcc ");
    assertThat(journal).doesNotExist();
  }

  @Test
  void whatIsMissingIsListedThenInstalledWithoutRecommendations() throws Exception {
    jdk("new", "25.0.3");
    Result result = hull("demo");
    assertThat(result.err()).contains("these Debian packages are missing");
    List<String> calls = Files.readAllLines(journal);
    assertThat(calls.getFirst())
        .startsWith("apt-get install -y")
        .contains("--no-install-recommends", "qemu-system-x86", "mmdebstrap")
        .doesNotContain(" gcc");
    assertThat(calls.get(1)).startsWith("useradd --system").endsWith("hull-qemu");
  }

  @Test
  void aBuildThatFailsShowsItsLastLines() throws Exception {
    jdk("new", "25.0.3");
    Result result = hull("ps");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("[ERROR] no such thing").contains("the build failed");
    assertThat(project.resolve("target/hull/current")).doesNotExist();
  }

  @Test
  void aFreshBuildIsRunWithoutMavenFromAnyFolderAndArgumentsKeepTheirBlanks() throws Exception {
    freshBuild();
    Result result = hull("exec", "pod", "--", "echo", "a  b", "--no-install");
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .contains("[dev.hull.cli.Main][exec][pod][--][echo][a  b][--no-install]")
        .contains("[-cp][/lib/one.jar]");
    assertThat(hull("apply").out()).contains("[-cp][/lib/one.jar:/lib/two.jar]");
    assertThat(journal).doesNotExist();
  }

  @Test
  void aKeyThatIsPressedBuildsNothing() throws Exception {
    jdk("new", "25.0.3");
    assertThat(hull("__complete", "p")).isEqualTo(new Result(0, "", ""));
    assertThat(journal).doesNotExist();
    freshBuild();
    assertThat(hull("__complete", "demo", "--no-install", "").out())
        .contains("[dev.hull.cli.Main][__complete][demo][--no-install][]");
  }

  @Test
  void aSourceThatIsNewerIsBuiltAgain() throws Exception {
    freshBuild();
    Path source = project.resolve("cri-bridge/cli/src/main/java/New.java");
    Files.writeString(source, "class New {}");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    Result result = hull("ps");
    assertThat(result.err()).contains("building");
    assertThat(Files.readString(journal)).contains("mvn --batch-mode");
  }

  @Test
  void javaHomeWinsIfItIsNewEnough() throws Exception {
    jdk("new", "26");
    Path home = jdk("../mine", "25.0.3");
    Result result = hull(Map.of("JAVA_HOME", home.toString()), "ps");
    assertThat(result.err()).doesNotContain("no JDK").contains("building");
  }

  private record Result(int code, String out, String err) {}

  private Result hull(String... arguments) throws IOException, InterruptedException {
    return hull(Map.of(), arguments);
  }

  private Result hull(Map<String, String> more, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(project.resolve("hull").toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", bin + ":/usr/bin:/bin");
    builder.environment().put("HULL_JVM_FOLDER", jvms.toString());
    builder.environment().put("HULL_CACHE", folder.resolve("cache").toString());
    builder.environment().putAll(more);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private Path jdk(String name, String version) throws IOException {
    Path home = jvms.resolve(name).normalize();
    Files.createDirectories(home.resolve("bin"));
    script(home.resolve("bin/java"), "printf '[%s]' \"$@\"; echo");
    script(home.resolve("bin/javac"), "exit 1");
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private void freshBuild() throws IOException {
    Path home = jdk("new", "25.0.3");
    Path current = Files.createDirectories(project.resolve("target/hull/current"));
    Files.writeString(current.resolve("classpath"), "/lib/one.jar:/lib/two.jar");
    Files.writeString(current.resolve("classpath.cli"), "/lib/one.jar");
    Files.writeString(current.resolve("jdk"), home + "\nJAVA_VERSION=\"25.0.3\"\n");
    Path stamp = Files.createFile(current.resolve("stamp"));
    Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().plusSeconds(30)));
  }

  private void tool(String name, String body) throws IOException {
    script(bin.resolve(name), body);
  }

  private static void script(Path path, String body) throws IOException {
    Files.writeString(path, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
