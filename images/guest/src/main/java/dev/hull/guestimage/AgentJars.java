package dev.hull.guestimage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * The agent's class path.
 *
 * @param files the agent's own jar first, then the others in its manifest's order
 * @param version of the agent
 */
record AgentJars(List<Path> files, String version) {
  private static final String NAME = "hull-agent-";

  static AgentJars read(Path folder) throws IOException {
    Path agent;
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(file -> file.getFileName().toString().startsWith(NAME)).toList();
      if (found.size() != 1) {
        throw new GuestImageException(
            "%s has %d files %s*; run mvn clean package for the agent"
                .formatted(folder, found.size(), NAME));
      }
      agent = found.getFirst();
    }
    try (JarFile jar = new JarFile(agent.toFile())) {
      Manifest manifest = jar.getManifest();
      String others = manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
      String version =
          manifest.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
      if (others == null || version == null) {
        throw new GuestImageException(agent + " has no Class-Path or no version in its manifest");
      }
      List<Path> files = new ArrayList<>();
      files.add(agent);
      for (String other : others.split(" ", -1)) {
        files.add(folder.resolve(other));
      }
      return new AgentJars(List.copyOf(files), version);
    }
  }
}
