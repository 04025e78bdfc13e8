package dev.hull.cri.bridge.sandbox;

import dev.hull.vm.MachineSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The host's resolver, for pods whose CRI caller gives no DNS config. Servers on the host's
 * loopback (a local cache) are left out: the pod's loopback is another one.
 */
public final class HostDns {
  private final Path resolvConf;

  public HostDns(Path resolvConf) {
    this.resolvConf = resolvConf;
  }

  MachineSpec.Dns read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(resolvConf);
    } catch (IOException _) {
      return MachineSpec.Dns.NONE;
    }
    List<String> servers = new ArrayList<>();
    List<String> searches = new ArrayList<>();
    List<String> options = new ArrayList<>();
    for (String line : lines) {
      List<String> words = Arrays.asList(line.strip().split("\\s+", -1));
      List<String> values = words.subList(1, words.size());
      switch (words.getFirst()) {
        case "nameserver" ->
            values.stream()
                .limit(1)
                .filter(server -> !server.startsWith("127.") && !server.equals("::1"))
                .forEach(servers::add);
        case "search" -> {
          searches.clear();
          searches.addAll(values);
        }
        case "options" -> options.addAll(values);
        default -> {}
      }
    }
    return new MachineSpec.Dns(servers, searches, options);
  }
}
