package dev.hull.images.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TarFilesTest {
  private static final int FILES = 4;

  @TempDir private Path folder;

  private final List<byte[]> contents = new ArrayList<>();

  private Path tar() throws IOException {
    Path file = folder.resolve("layout.tar");
    Random random = new Random(5);
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < FILES; i++) {
        byte[] content = new byte[3_000_000 + i];
        random.nextBytes(content);
        contents.add(content);
        TarArchiveEntry entry = new TarArchiveEntry("./file-" + i);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  private static byte[] read(LayoutFiles files, String name) {
    try (InputStream in = files.find(name).orElseThrow().content()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The layers of an image are taken in at the same time. */
  @Test
  void filesAreReadWholeWhileOthersAreRead() throws IOException {
    try (LayoutFiles files = new TarFiles(tar());
        ExecutorService threads = Executors.newFixedThreadPool(FILES)) {
      for (int round = 0; round < 5; round++) {
        List<CompletableFuture<byte[]>> reads = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
          String name = "file-" + i;
          reads.add(CompletableFuture.supplyAsync(() -> read(files, name), threads));
        }
        for (int i = 0; i < FILES; i++) {
          assertThat(reads.get(i).join())
              .as("file %d, round %d", i, round)
              .isEqualTo(contents.get(i));
        }
      }
    }
  }

  @Test
  void aFileThatIsNotInItIsNotFound() throws IOException {
    try (LayoutFiles files = new TarFiles(tar())) {
      assertThat(files.find("file-9")).isEmpty();
    }
  }
}
