package dev.hull.vm.replica;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AtomicFolderTest {
  @TempDir Path folder;

  @Test
  void whatTheWriterHasWrittenIsOne() throws Exception {
    String name = new AtomicWriter(folder).write(Map.of("a", "1", "b", "2"));
    assertThat(AtomicFolder.is(folder)).isTrue();
    assertThat(new AtomicFolder(folder).data()).contains(name);
  }

  @Test
  void aFolderIsNoneWithoutTheLinkOrWithSomethingBesideIt() throws Exception {
    assertThat(AtomicFolder.is(folder)).isFalse();
    assertThat(AtomicFolder.is(folder.resolve("missing"))).isFalse();
    new AtomicWriter(folder).write(Map.of("a", "1"));
    Path own = Files.writeString(folder.resolve("own"), "a copy of the content would lack it");
    assertThat(AtomicFolder.is(folder)).isFalse();
    Files.delete(own);
    Files.createSymbolicLink(own, Path.of("..data/a"));
    assertThat(AtomicFolder.is(folder)).as("a link of another name").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc", "../x", "..", "..data", "..data_tmp", "plain", "..a/b", "..a b"})
  void aLinkToElsewhereIsNoContent(String target) throws Exception {
    Files.createSymbolicLink(folder.resolve("..data"), Path.of(target));
    assertThat(new AtomicFolder(folder).data()).isEmpty();
    assertThat(AtomicFolder.is(folder)).isFalse();
  }

  @Test
  void aFileInThePlaceOfTheLinkIsNoContent() throws Exception {
    Files.createDirectory(folder.resolve("..data"));
    assertThat(new AtomicFolder(folder).data()).isEmpty();
  }
}
