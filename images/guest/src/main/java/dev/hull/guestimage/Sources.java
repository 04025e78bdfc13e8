package dev.hull.guestimage;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is ours in the guest image.
 *
 * @param agent the folder with the agent's jar and all that its manifest's class path names: {@code
 *     guest-agent/agent/target/agent} after {@code mvn package}
 * @param launcher the folder with the native programs' C sources and Makefile: {@code
 *     guest-agent/launcher}
 */
public record Sources(Path agent, Path launcher) {
  public Sources {
    require(agent, "run mvn package in the project's folder");
    require(launcher.resolve("Makefile"), "give the folder guest-agent/launcher");
  }

  private static void require(Path path, String remedy) {
    if (!Files.exists(path)) {
      throw new GuestImageException("there is no " + path + "; " + remedy);
    }
  }
}
