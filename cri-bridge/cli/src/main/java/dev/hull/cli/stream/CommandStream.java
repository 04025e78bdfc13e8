package dev.hull.cli.stream;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cli.terminal.RawTerminal;
import dev.hull.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A command, or a container, joined to this process's standard streams. */
public final class CommandStream {
  private static final String PROTOCOL = "v5.channel.k8s.io";
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int OUTCOME = 3;
  private static final int RESIZE = 4;
  private static final int CLOSE = 255;
  private static final int FAILED = 1;

  private final Terminal terminal;
  private final InputStream in;
  private final boolean stdin;
  private final boolean tty;
  private final StringBuilder outcome = new StringBuilder();

  public CommandStream(Terminal terminal, InputStream in, boolean stdin, boolean tty) {
    this.terminal = terminal;
    this.in = in;
    this.stdin = stdin;
    this.tty = tty;
  }

  /**
   * Joins them until the other side ends.
   *
   * @param url as Exec or Attach answered it
   * @return the exit code; 0 if there is none
   * @throws IOException if the connection breaks, or the command could not be run
   */
  public int run(String url) throws IOException, InterruptedException {
    try (ChannelSocket socket = ChannelSocket.connect(url, PROTOCOL, this::receive);
        RawTerminal raw = stdin && tty ? RawTerminal.enter() : RawTerminal.none()) {
      if (stdin) {
        Thread.ofPlatform().daemon().name("stdin").start(() -> copy(socket));
      }
      if (tty) {
        Thread.ofVirtual().name("terminal's size").start(() -> resize(socket, raw));
      }
      socket.awaitClose();
    }
    return exitCode();
  }

  private void receive(int channel, ByteBuffer bytes) {
    switch (channel) {
      case STDOUT -> write(terminal.out(), bytes);
      case STDERR -> write(terminal.err(), bytes);
      case OUTCOME -> outcome.append(StandardCharsets.UTF_8.decode(bytes));
      default -> {
        // A channel of a later protocol.
      }
    }
  }

  private static void write(PrintStream stream, ByteBuffer bytes) {
    stream.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    stream.flush();
  }

  private void copy(ChannelSocket socket) {
    byte[] buffer = new byte[32 << 10];
    try {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        socket.send(STDIN, buffer, read);
      }
      socket.send(CLOSE, new byte[] {STDIN}, 1);
    } catch (IOException e) {
      // The other side has ended, which the one who waits for that tells.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void resize(ChannelSocket socket, RawTerminal raw) {
    String told = "";
    try {
      while (!socket.isClosed()) {
        String size = raw.size();
        if (!size.isEmpty() && !size.equals(told)) {
          byte[] bytes = size.getBytes(StandardCharsets.UTF_8);
          socket.send(RESIZE, bytes, bytes.length);
          told = size;
        }
        Thread.sleep(RawTerminal.LOOK);
      }
    } catch (IOException e) {
      // As above.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The outcome is a Kubernetes Status; without one the command has succeeded. */
  private int exitCode() throws IOException {
    if (outcome.isEmpty()) {
      return 0;
    }
    try {
      JsonObject status = JsonParser.parseString(outcome.toString()).getAsJsonObject();
      if ("Success".equals(text(status, "status"))) {
        return 0;
      }
      if ("NonZeroExitCode".equals(text(status, "reason"))
          && status.get("details") instanceof JsonObject details
          && details.get("causes") instanceof JsonArray causes) {
        for (JsonElement cause : causes) {
          if (text(cause.getAsJsonObject(), "reason").equals("ExitCode")) {
            return Integer.parseInt(text(cause.getAsJsonObject(), "message"));
          }
        }
      }
      String message = text(status, "message");
      throw new IOException(message.isEmpty() ? outcome.toString() : message);
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      return FAILED;
    }
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) ? object.get(name).getAsString() : "";
  }
}
