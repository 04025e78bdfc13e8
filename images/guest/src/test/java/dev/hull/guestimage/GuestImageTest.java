package dev.hull.guestimage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuestImageTest {
  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    GuestImage image = new GuestImage(folder, "0123", "6.1.0", "console=ttyS0 a=b:c", "0.1.0");
    image.write();

    assertThat(GuestImage.read(folder)).isEqualTo(image);
  }

  @Test
  void aMissingKeyIsNamed() throws IOException {
    Files.writeString(folder.resolve("guest-image.properties"), "version=1\n");

    assertThatThrownBy(() -> GuestImage.read(folder)).hasMessageContaining("has no kernel.release");
  }

  @Test
  void theVersionChangesWithEveryByteAndName() throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "x");
    String first = new Version().text("k", "v").tree("t", folder).value();

    assertThat(new Version().text("k", "v").tree("t", folder).value()).isEqualTo(first);
    Files.writeString(file, "y");
    assertThat(new Version().text("k", "v").tree("t", folder).value()).isNotEqualTo(first);
    Files.writeString(file, "x");
    Files.move(file, folder.resolve("b"));
    assertThat(new Version().text("k", "v").tree("t", folder).value()).isNotEqualTo(first);
  }
}
