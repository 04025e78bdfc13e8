package dev.hull.tests.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * The monitor of a QEMU of our own (QEMU's QMP reference manual): one line of JSON for a command,
 * one for its answer, events in between. Not for use by two threads.
 */
final class Qmp implements AutoCloseable {
  private final SocketChannel channel;
  private final BufferedReader lines;

  private Qmp(SocketChannel channel) {
    this.channel = channel;
    this.lines =
        new BufferedReader(
            Channels.newReader(
                Channels.newChannel(Channels.newInputStream(channel)), StandardCharsets.UTF_8));
  }

  /** Waits for a QEMU that connects, and until it takes commands. */
  static Qmp accept(ServerSocketChannel listener) throws IOException {
    Qmp monitor = new Qmp(listener.accept());
    var _ = monitor.read();
    var _ = monitor.run("qmp_capabilities", new JsonObject());
    return monitor;
  }

  /** Carries a command out; passes over events that come before its answer. */
  JsonElement run(String command, JsonObject arguments) throws IOException {
    JsonObject line = new JsonObject();
    line.addProperty("execute", command);
    line.add("arguments", arguments);
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    while (true) {
      JsonObject said = read();
      if (said.has("error")) {
        throw new IOException(
            "QEMU refuses " + command + ": " + said.getAsJsonObject("error").get("desc"));
      }
      if (said.has("return")) {
        return said.get("return");
      }
    }
  }

  private JsonObject read() throws IOException {
    String line = lines.readLine();
    if (line == null) {
      throw new IOException("QEMU closed its monitor");
    }
    return JsonParser.parseString(line).getAsJsonObject();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
