package dev.hull.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptSourcesTest {
  @TempDir Path apt;

  @BeforeEach
  void makeFolder() throws Exception {
    Files.createDirectory(apt.resolve("sources.list.d"));
  }

  @Test
  void onlySourcesOfTheReleaseAreTaken() throws Exception {
    Files.writeString(
        apt.resolve("sources.list"),
        """
        # deb http://mirror.test/debian bookworm main
        deb http://mirror.test/debian bookworm main
        deb [signed-by=/k.gpg arch=amd64] http://mirror.test/debian-security bookworm-security main
        deb-src http://mirror.test/debian bookworm main
        deb http://mirror.test/debian sid main
        """);
    Files.writeString(apt.resolve("sources.list.d/other.list"), "deb http://x.test/ nodistro main");
    Files.writeString(apt.resolve("sources.list.d/off.sources.disabled"), "Types: deb");
    Files.writeString(
        apt.resolve("sources.list.d/debian.sources"),
        """
        # the mirror
        Types: deb deb-src
        URIs: http://mirror.test/debian
        Suites: bookworm bookworm-updates
        Components: main

        Types: deb
        URIs: http://other.test/
        Suites: nodistro
        Components: main

        Types: deb
        URIs: http://mirror.test/debian
        Suites: bookworm
        Enabled: no
        """);
    AptSources sources = AptSources.read(apt, "bookworm");
    assertThat(sources.oneLine())
        .containsExactly(
            "deb http://mirror.test/debian bookworm main",
            "deb [signed-by=/k.gpg arch=amd64] http://mirror.test/debian-security"
                + " bookworm-security main");
    assertThat(sources.stanzas())
        .containsExactly(
            """
            Types: deb deb-src
            URIs: http://mirror.test/debian
            Suites: bookworm bookworm-updates
            Components: main""");
    List<Path> files = sources.write(apt);
    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly("host.list", "host.sources");
  }

  @Test
  void aMachineWithoutSourcesOfTheReleaseIsTold() {
    assertThatThrownBy(() -> AptSources.read(apt, "bookworm"))
        .hasMessage(
            "no package source in " + apt + " is of Debian bookworm; add one, then try again");
  }
}
