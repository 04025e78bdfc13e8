package dev.hull.guestimage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.junit.jupiter.api.Test;

final class CpioTest {
  @Test
  void anotherReaderFindsWhatWasWritten() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Cpio cpio = new Cpio(out)) {
      cpio.directory("dev", 0755);
      cpio.characterDevice("dev/console", 0600, 5, 1);
      cpio.file("init", 0755, new byte[] {1, 2, 3, 4, 5});
      cpio.file("empty", 0644, new byte[0]);
    }

    try (CpioArchiveInputStream in =
        new CpioArchiveInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      CpioArchiveEntry dev = in.getNextEntry();
      assertThat(dev.isDirectory()).isTrue();
      CpioArchiveEntry console = in.getNextEntry();
      assertThat(console.isCharacterDevice()).isTrue();
      assertThat(console.getRemoteDeviceMaj()).isEqualTo(5);
      assertThat(console.getRemoteDeviceMin()).isEqualTo(1);
      CpioArchiveEntry init = in.getNextEntry();
      assertThat(init.getName()).isEqualTo("init");
      assertThat(init.getMode()).isEqualTo(0100755);
      assertThat(in.readAllBytes()).containsExactly(1, 2, 3, 4, 5);
      assertThat(in.getNextEntry().getSize()).isZero();
      assertThat(in.getNextEntry()).isNull();
    }
  }
}
