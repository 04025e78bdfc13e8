package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OomKillsTest {
  @TempDir Path folder;

  private Path vmstat(long kills) throws IOException {
    return Files.writeString(
        folder.resolve("vmstat"), "nr_free_pages 5\noom_kill " + kills + "\nnuma_hit 3\n");
  }

  @Test
  void onlyThoseOfTheLastSecondsCount() throws IOException {
    OomKills kills = new OomKills(vmstat(7));
    assertThat(kills.lately()).isZero();
    vmstat(8);
    assertThat(kills.lately()).isEqualTo(1);
    kills.look();
    assertThat(kills.lately()).as("seen by one look, it is still lately").isEqualTo(1);
    kills.look();
    assertThat(kills.lately()).isZero();
  }

  @Test
  void aKernelThatDoesNotSayHasNone() {
    assertThat(new OomKills(folder.resolve("none")).lately()).isZero();
  }
}
