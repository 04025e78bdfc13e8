package dev.hull.vm.template;

import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Properties;

/**
 * What people are told of a template; nothing depends on it.
 *
 * @param guestImage the version of what was booted
 * @param dataBytes what a copy takes
 */
public record TemplateFacts(MachineSize size, String guestImage, long dataBytes, Instant madeAt) {

  void write(Path file) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("vcpus", Integer.toString(size.vcpus()));
    properties.setProperty("memory-mib", Integer.toString(size.memoryMib()));
    properties.setProperty("guest-image", guestImage);
    properties.setProperty("data-bytes", Long.toString(dataBytes));
    properties.setProperty("made-at", madeAt.toString());
    try (Writer writer = Files.newBufferedWriter(file)) {
      properties.store(writer, "a machine of hull that was booted once and saved");
    }
  }

  static TemplateFacts read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
      return new TemplateFacts(
          new MachineSize(
              Integer.parseInt(properties.getProperty("vcpus", "")),
              Integer.parseInt(properties.getProperty("memory-mib", ""))),
          properties.getProperty("guest-image", ""),
          Long.parseLong(properties.getProperty("data-bytes", "")),
          Instant.parse(properties.getProperty("made-at", "")));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }
}
