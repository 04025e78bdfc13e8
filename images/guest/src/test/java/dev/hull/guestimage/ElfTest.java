package dev.hull.guestimage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ElfTest {
  @Test
  void aProgramTellsItsLoaderAndLibraries() throws IOException {
    Elf java = Elf.read(Path.of(System.getProperty("java.home"), "bin/java"));

    assertThat(java.interpreter())
        .hasValueSatisfying(name -> assertThat(name).contains("ld-linux"));
    assertThat(java.neededLibraries()).contains("libc.so.6");
  }

  @Test
  void whatIsNoElfFileIsNamed(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("text"), "no");

    assertThat(Elf.isElf(file)).isFalse();
    assertThatThrownBy(() -> Elf.read(file)).hasMessageContaining("text is not a 64-bit");
  }
}
