package dev.hull.vm.template;

import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Properties;

/**
 * What people are told of a template, and starts that look for one of another size than theirs.
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
    StringWriter text = new StringWriter();
    properties.store(text, "a machine of hull that was booted once and saved");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
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
