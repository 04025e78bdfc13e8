package dev.hull.cri.bridge.session;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the sizes that a client's terminal has, one after the other. */
final class TerminalSizes {
  private static final int LONGEST = 1024;
  private static final int MAX_SIDE = 65535;

  private final ByteStream stream;
  private final StringBuilder waiting = new StringBuilder();

  TerminalSizes(ByteStream stream) {
    this.stream = stream;
  }

  /** In characters. */
  record Size(int columns, int rows) {}

  /**
   * Blocks for the next size that is one; empty at the end, and for bytes that are no sizes.
   *
   * @throws IOException if the stream was reset or the connection has ended
   */
  Optional<Size> next() throws IOException {
    while (true) {
      int end = waiting.indexOf("}");
      if (end >= 0) {
        String json = waiting.substring(0, end + 1);
        waiting.delete(0, end + 1);
        Size size = parse(json);
        if (size == null) {
          return Optional.empty();
        }
        if (isSize(size)) {
          return Optional.of(size);
        }
        continue;
      }
      byte[] data = waiting.length() > LONGEST ? null : stream.read();
      if (data == null) {
        return Optional.empty();
      }
      waiting.append(new String(data, StandardCharsets.ISO_8859_1));
    }
  }

  /** A terminal that is not there has zeros. */
  private static boolean isSize(Size size) {
    return size.columns >= 1 && size.columns <= MAX_SIDE && size.rows >= 1 && size.rows <= MAX_SIDE;
  }

  private static @Nullable Size parse(String json) {
    try {
      JsonObject object = JsonParser.parseString(json).getAsJsonObject();
      return new Size(side(object, "Width"), side(object, "Height"));
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      return null;
    }
  }

  private static int side(JsonObject object, String name) {
    JsonElement side = object.get(name);
    return side == null ? 0 : side.getAsInt();
  }
}
