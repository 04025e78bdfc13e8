package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.Module;
import dev.hull.cri.host.DaemonProvider.Options;
import dev.hull.cri.host.HostException;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.Machines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompositionTest {
  @TempDir Path folder;

  private final Module machines =
      new AbstractModule() {
        @Override
        protected void configure() {
          bind(Machines.class).toInstance(new FakeMachines(Clock.systemUTC()));
        }
      };

  @Test
  void aDaemonWithARealImageStoreStartsAndStopsAndStartsAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      try (HullDaemon _ = Composition.start(options(), settings -> machines)) {
        assertThat(folder.resolve("hull.sock")).exists();
        assertThat(folder.resolve("root/images")).isDirectory();
        assertThatThrownBy(() -> Composition.start(options(), settings -> machines))
            .isInstanceOf(HostException.class)
            .hasMessageContaining("another daemon uses the root");
      }
      assertThat(folder.resolve("hull.sock")).doesNotExist();
    }
  }

  @Test
  void aRootThatIsAFileIsAnErrorThatNamesIt() throws Exception {
    Files.createFile(folder.resolve("root"));
    assertThatThrownBy(() -> Composition.start(options(), settings -> machines))
        .isInstanceOf(HostException.class)
        .hasMessageContaining(folder.resolve("root").toString());
  }

  private Options options() {
    return new Options(
        folder.resolve("hull.sock"), folder.resolve("root"), folder.resolve("guest"), "", false);
  }
}
