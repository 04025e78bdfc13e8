package dev.hull.images.registry;

import dev.hull.images.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The head of an HTTP answer, and its body to be read or closed. */
record Answer(int status, HttpHeaders headers, InputStream body, URI from)
    implements AutoCloseable {
  private static final int LARGEST_ERROR = 16 << 10;
  private static final Pattern CODE = Pattern.compile("\"code\"\\s*:\\s*\"([A-Za-z_]{1,40})\"");

  /** The media type, without parameters; empty if there is none. */
  String contentType() {
    String type = headers.firstValue("Content-Type").orElse("");
    int semicolon = type.indexOf(';');
    return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
  }

  /**
   * The status and the registry's error code, and nothing else of what it says: a hostile one could
   * echo our own credentials into our logs.
   */
  String complaint() {
    Matcher code = CODE.matcher("");
    try {
      code.reset(new String(body.readNBytes(LARGEST_ERROR), StandardCharsets.UTF_8));
    } catch (IOException | ImageException e) {
      return String.valueOf(status);
    }
    return status + (code.find() ? " " + code.group(1).toUpperCase(Locale.ROOT) : "");
  }

  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      // Nothing of it is wanted any more.
    }
  }
}
