package dev.hull.tests.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.tests.harness.Daemon;
import dev.hull.tests.harness.HostState;
import dev.hull.tests.harness.TestPod;
import dev.hull.vm.machine.MachineModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A daemon that makes the template of a size that nobody else has is killed at each step of it,
 * which shows by what there is on the host; the next one begins anew. A last one finds nothing left
 * of them, and starts a pod.
 */
@Tag("machine")
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class KilledWhileMakingATemplateTest {
  private static final int MEMORY_MIB = 448;
  private static final Duration STEP_WITHIN = Duration.ofSeconds(90);

  @TempDir private static Path folder;
  private static Daemon daemon;
  private static HostState before;
  private static Set<Path> finished;

  /** The machines of one making: the second one is tried. */
  private static final Set<Path> tried = new TreeSet<>();

  /** What there is on the host when a step has been taken, in their order. */
  enum Step {
    BOOTING {
      @Override
      boolean isTaken() {
        return !machines().isEmpty();
      }
    },
    SAVING {
      @Override
      boolean isTaken() {
        return unfinished("state");
      }
    },
    COPYING {
      @Override
      boolean isTaken() {
        return unfinished("memory");
      }
    },
    TRYING {
      @Override
      boolean isTaken() {
        tried.addAll(machines());
        return tried.size() > 1;
      }
    },
    FINISHED {
      @Override
      boolean isTaken() {
        return !finished.containsAll(templates());
      }
    };

    abstract boolean isTaken();
  }

  @BeforeAll
  static void prepare() {
    daemon = new Daemon(folder).settings("machine.memory-mib: " + MEMORY_MIB).start();
    TestPod.load(daemon, TestPod.DEBIAN);
    // What the first pod makes and later ones share is no leak.
    TestPod.run(daemon, folder.resolve("logs")).close();
    before = now();
    finished = templates();
    daemon.close();
  }

  @AfterAll
  static void removeTemplate() throws IOException {
    daemon.close();
    for (Path template : templates()) {
      if (!finished.contains(template)) {
        delete(template);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @Order(1)
  void aDaemonKilledAtAStepIsSucceededByOneThatTakesIt(Step step) {
    daemon.startStanding();
    tried.clear();
    Awaitility.await("step " + step + "; the daemon's log is " + daemon.log())
        .atMost(STEP_WITHIN)
        .pollInterval(Duration.ofMillis(2))
        .until(step::isTaken);
    daemon.kill();
  }

  @Test
  @Order(2)
  void nothingIsLeftAndAPodStartsAsACopy() {
    daemon.start();
    assertThat(machines()).isEmpty();
    assertThat(now().since(before)).isEmpty();
    assertThat(templates().stream().filter(template -> !finished.contains(template))).hasSize(1);
    try (TestPod pod = TestPod.run(daemon, folder.resolve("logs"))) {
      assertThat(pod.timeline()).contains("\"restore\"").doesNotContain("\"boot\"");
    }
  }

  private static HostState now() {
    return HostState.now(List.of(daemon.root()));
  }

  /** The folders of machines that templates are made of. */
  private static Set<Path> machines() {
    return list(daemon.root()).stream()
        .filter(path -> path.getFileName().toString().startsWith("template-"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<Path> templates() {
    return list(MachineModule.TEMPLATES).stream()
        .filter(path -> !path.getFileName().toString().startsWith("."))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean unfinished(String file) {
    return list(MachineModule.TEMPLATES).stream()
        .filter(path -> path.getFileName().toString().startsWith(".new-"))
        .anyMatch(path -> Files.exists(path.resolve(file)));
  }

  private static Collection<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path template) throws IOException {
    for (Path file : list(template)) {
      Files.delete(file);
    }
    Files.delete(template);
  }
}
