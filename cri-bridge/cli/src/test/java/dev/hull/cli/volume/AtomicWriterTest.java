package dev.hull.cli.volume;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hull.cli.kubelet.FakeMounts;
import dev.hull.cli.volume.AtomicWriter.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicWriterTest {
  private static final Instant NOW = Instant.parse("2026-11-21T19:31:47.5Z");

  @TempDir private Path volume;
  private AtomicWriter writer = new AtomicWriter(Path.of(""), new FakeMounts());

  @BeforeEach
  void start() {
    writer = new AtomicWriter(volume, new FakeMounts());
  }

  private static Payload text(String text) {
    return new Payload(ByteString.copyFromUtf8(text), 0640);
  }

  @Test
  void filesAreSeenThroughOneLinkThatIsReplacedAsAWhole() throws IOException {
    assertThat(writer.write(Map.of("a", text("1"), "deep/b", text("2")), Optional.empty(), NOW))
        .isTrue();
    assertThat(volume.resolve("a")).hasContent("1");
    assertThat(volume.resolve("deep/b")).hasContent("2");
    assertThat(Files.readSymbolicLink(volume.resolve("a"))).isEqualTo(Path.of("..data/a"));
    Path first = Files.readSymbolicLink(volume.resolve("..data"));
    assertThat(first.toString()).isEqualTo("..2026_11_21_19_31_47.500000000");
    assertThat(Files.getAttribute(volume.resolve("a"), "unix:mode")).isEqualTo(0100640);

    assertThat(writer.write(Map.of("a", text("3"), "c", text("4")), Optional.empty(), NOW))
        .isTrue();
    assertThat(volume.resolve("a")).hasContent("3");
    assertThat(volume.resolve("c")).hasContent("4");
    assertThat(Files.exists(volume.resolve("deep"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    try (Stream<Path> entries = Files.list(volume)) {
      assertThat(entries).as("the folder of before is gone").hasSize(4);
    }
  }

  @Test
  void whatIsThereAlreadyIsLeftAsItIs() throws IOException {
    assertThat(writer.write(Map.of("a", text("1")), Optional.empty(), NOW)).isTrue();
    Path before = Files.readSymbolicLink(volume.resolve("..data"));
    assertThat(writer.write(Map.of("a", text("1")), Optional.empty(), NOW.plusSeconds(9)))
        .isFalse();
    assertThat(Files.readSymbolicLink(volume.resolve("..data"))).isEqualTo(before);
  }
}
