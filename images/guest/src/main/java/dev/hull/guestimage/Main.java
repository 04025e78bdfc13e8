package dev.hull.guestimage;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code Main --agent FOLDER --launcher FOLDER --output FOLDER}: makes the guest image, if it is
 * not there, in a folder of its version below {@code --output}, and prints that folder.
 */
public final class Main {
  private static final String USAGE =
      "usage: --agent guest-agent/agent/target/agent --launcher guest-agent/launcher"
          + " --output /var/cache/hull/guest";

  private Main() {}

  public static void main(String[] args) {
    Map<String, Path> options = new HashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i], Path.of(args[i + 1]).toAbsolutePath());
    }
    Path agent = options.get("--agent");
    Path launcher = options.get("--launcher");
    Path output = options.get("--output");
    if (agent == null || launcher == null || output == null || args.length != 6) {
      System.err.println(USAGE);
      System.exit(2);
      return;
    }
    try {
      GuestImage image = new Recipe(output, System.err::println).make(new Sources(agent, launcher));
      System.out.println(image.folder());
    } catch (GuestImageException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
