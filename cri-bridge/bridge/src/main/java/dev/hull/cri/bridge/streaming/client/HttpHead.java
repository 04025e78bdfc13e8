package dev.hull.cri.bridge.streaming.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An HTTP answer up to its body. Header names are in lower case. */
record HttpHead(int status, Map<String, List<String>> headers) {
  private static final int LONGEST = 64 * 1024;

  static HttpHead read(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String text = "";
    while (!text.endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0 || bytes.size() > LONGEST) {
        throw new EOFException("the server's answer has no end: " + text);
      }
      bytes.write(next);
      text = bytes.toString(StandardCharsets.ISO_8859_1);
    }
    List<String> lines = text.strip().lines().toList();
    Map<String, List<String>> headers = new HashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).strip().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new HttpHead(Integer.parseInt(lines.getFirst().split(" ", 3)[1]), headers);
  }
}
