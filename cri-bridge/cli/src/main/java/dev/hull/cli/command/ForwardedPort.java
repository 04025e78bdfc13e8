package dev.hull.cli.command;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cli.request.Labels;
import dev.hull.cri.v1.Container;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A port inside a pod, and where on this host it is wanted.
 *
 * @param local 0 for any that is free
 */
record ForwardedPort(int local, int remote) {
  private static final int MOST = 65535;

  /**
   * Reads {@code 8080:80}, {@code 80}, {@code :80}, {@code 8080:http} or {@code http}.
   *
   * @param containers of the pod, whose ports have names
   * @throws UserException if it is none of these, or there is no port of the name
   */
  static ForwardedPort parse(String text, List<Container> containers) throws UserException {
    int colon = text.indexOf(':');
    String wanted = text.substring(colon + 1);
    int remote =
        isNumber(wanted) ? number(wanted, 1, text) : named(wanted, text, names(containers));
    if (colon < 0) {
      return new ForwardedPort(remote, remote);
    }
    return new ForwardedPort(colon == 0 ? 0 : number(text.substring(0, colon), 0, text), remote);
  }

  private static boolean isNumber(String text) {
    return text.matches("\\d+");
  }

  private static int number(String digits, int least, String text) throws UserException {
    if (!digits.matches("\\d{1,5}")
        || Integer.parseInt(digits) < least
        || Integer.parseInt(digits) > MOST) {
      throw new UserException(text + " is no port such as 8080:80 or 8080:http");
    }
    return Integer.parseInt(digits);
  }

  private static int named(String name, String text, Map<String, Integer> names)
      throws UserException {
    Integer port = names.get(name);
    if (port != null) {
      return port;
    }
    if (!name.matches("[a-z0-9][a-z0-9-]{0,14}")) {
      throw new UserException(text + " is no port such as 8080:80 or 8080:http");
    }
    throw new UserException(
        "no container of the pod has a port named %s; %s"
            .formatted(
                name,
                names.isEmpty()
                    ? "none of its ports has a name"
                    : "named are: " + String.join(", ", names.keySet())));
  }

  /** As a kubelet notes them on containers; what cannot be read has no names. */
  private static Map<String, Integer> names(List<Container> containers) {
    Map<String, Integer> names = new LinkedHashMap<>();
    for (Container container : containers) {
      String noted = container.getAnnotationsOrDefault(Labels.CONTAINER_PORTS, "[]");
      try {
        for (JsonElement port : JsonParser.parseString(noted).getAsJsonArray()) {
          if (port.getAsJsonObject().has("name")) {
            names.putIfAbsent(
                port.getAsJsonObject().get("name").getAsString(),
                port.getAsJsonObject().get("containerPort").getAsInt());
          }
        }
      } catch (JsonParseException
          | IllegalStateException
          | NumberFormatException
          | UnsupportedOperationException e) {
        // Not of a kubelet: its ports have no names.
      }
    }
    return names;
  }
}
