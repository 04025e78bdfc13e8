package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.TemplateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class TemplateCommandTest {
  @TempDir private Path folder;
  private final FakeStore store = new FakeStore();
  private CommandLineHarness hull;

  private static final class FakeStore implements TemplateStore {
    final List<Entry> entries = new ArrayList<>();

    void add(String id) {
      entries.add(new Entry(id, 2, 512, "guest-1", 1 << 20, Instant.EPOCH));
    }

    @Override
    public List<Entry> list() {
      return List.copyOf(entries);
    }

    @Override
    public boolean build(DaemonProvider.Options options) {
      return !entries.isEmpty();
    }

    @Override
    public boolean remove(String id) {
      return entries.removeIf(entry -> entry.id().equals(id));
    }
  }

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
  }

  @AfterEach
  void end() {
    hull.close();
  }

  /**
   * Exceptions of commands are exit code 1 here; their sentences are the root command's to print.
   */
  private int template(String... arguments) {
    return new CommandLine(new TemplateCommand(hull.context(), () -> Optional.of(store)))
        .execute(arguments);
  }

  @Test
  void theListHasAllThereAre() {
    store.add("abcdef0123456789");
    assertThat(template("ls")).isZero();
    assertThat(hull.out()).contains("abcdef012345 ").contains("512 MiB").contains("guest-1");
  }

  @Test
  void programsGetTheListAsJson() {
    store.add("abcdef0123456789");
    assertThat(template("ls", "--output", "json")).isZero();
    assertThat(
            JsonParser.parseString(hull.out())
                .getAsJsonObject()
                .getAsJsonArray("templates")
                .get(0)
                .getAsJsonObject()
                .get("id")
                .getAsString())
        .isEqualTo("abcdef0123456789");
  }

  @Test
  void oneIsRemovedByHowItsIdBegins() {
    store.add("abc1");
    store.add("abd2");
    assertThat(template("rm", "abc")).isZero();
    assertThat(store.entries).extracting(TemplateStore.Entry::id).containsExactly("abd2");
  }

  @Test
  void anIdOfSeveralOrOfNoneRemovesNothing() {
    store.add("abc1");
    store.add("abd2");
    assertThat(template("rm", "ab")).isEqualTo(1);
    assertThat(template("rm", "ff")).isEqualTo(1);
    assertThat(template("rm", "")).isEqualTo(1);
    assertThat(store.entries).hasSize(2);
  }
}
