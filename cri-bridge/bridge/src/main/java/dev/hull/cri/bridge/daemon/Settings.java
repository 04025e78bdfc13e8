package dev.hull.cri.bridge.daemon;

import dev.hull.cri.bridge.resources.SandboxDefaults;
import dev.hull.cri.host.HostException;
import dev.hull.images.ImageException;
import dev.hull.images.registry.Authorities;
import dev.hull.images.registry.RegistryConfig;
import dev.hull.vm.MachineSize;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The daemon's settings: what is in {@code daemon.properties} in its root, if that is there, and
 * defaults. A name that is none is an error.
 *
 * <table>
 *   <caption>Names and defaults</caption>
 *   <tr><td>{@code machine.vcpus}</td><td>2, at most the host's</td></tr>
 *   <tr><td>{@code machine.memory-mib}</td><td>512</td></tr>
 *   <tr><td>{@code machine.overhead-mib}</td><td>160</td></tr>
 *   <tr><td>{@code machine.scratch-gib}</td><td>10</td></tr>
 *   <tr><td>{@code machine.templates}</td><td>on; off: every machine boots</td></tr>
 *   <tr><td>{@code templates.spare}</td><td>1: how many machines stand by for pods to come, under a
 *       daemon that is to last</td></tr>
 *   <tr><td>{@code registry.mirrors.HOST}</td><td>none; {@code host[:port][/prefix]}, by commas</td></tr>
 *   <tr><td>{@code registry.ca.HOST}</td><td>none; a PEM file, besides the JDK's authorities</td></tr>
 *   <tr><td>{@code registry.plain-http}</td><td>none but loopback; hosts, by commas</td></tr>
 * </table>
 */
public record Settings(
    int vcpus,
    int memoryMib,
    int overheadMib,
    int scratchGib,
    boolean templates,
    int spares,
    Map<String, List<String>> mirrors,
    Set<String> plainHttp,
    Map<String, Path> authorities) {
  private static final String MIRRORS = "registry.mirrors.";
  private static final String AUTHORITIES = "registry.ca.";
  private static final String PLAIN_HTTP = "registry.plain-http";
  private static final String TEMPLATES = "machine.templates";
  private static final String SPARE = "templates.spare";
  private static final int MAX_SPARES = 16;
  private static final String FILE = "daemon.properties";
  private static final Set<String> NAMES =
      Set.of(
          "machine.vcpus",
          "machine.memory-mib",
          "machine.overhead-mib",
          "machine.scratch-gib",
          TEMPLATES,
          SPARE,
          PLAIN_HTTP);

  static Settings read(Path root, int hostCpus) throws HostException {
    Path file = root.resolve(FILE);
    Properties given = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        given.load(reader);
      } catch (IOException | IllegalArgumentException e) {
        throw new HostException("cannot read the settings in " + file + ": " + e.getMessage(), e);
      }
    }
    Set<String> unknown = new TreeSet<>(given.stringPropertyNames());
    unknown.removeAll(NAMES);
    unknown.removeIf(name -> isOfHost(name, MIRRORS) || isOfHost(name, AUTHORITIES));
    if (!unknown.isEmpty()) {
      throw new HostException(
          "%s has settings that are none: %s; there are: %s"
              .formatted(file, String.join(" ", unknown), String.join(" ", new TreeSet<>(NAMES))));
    }
    return new Settings(
        number(file, given, "machine.vcpus", Math.min(2, hostCpus), 1, 255),
        number(file, given, "machine.memory-mib", 512, 128, 1 << 24),
        number(file, given, "machine.overhead-mib", 160, 0, 1 << 20),
        number(file, given, "machine.scratch-gib", 10, 1, 1 << 20),
        isOn(file, given, TEMPLATES),
        number(file, given, SPARE, 1, 0, MAX_SPARES),
        mirrors(given),
        Set.copyOf(words(given.getProperty(PLAIN_HTTP, ""))),
        authorities(file, given));
  }

  private static boolean isOn(Path file, Properties given, String name) throws HostException {
    return switch (given.getProperty(name, "on").strip()) {
      case "on" -> true;
      case "off" -> false;
      case String other ->
          throw new HostException("%s: %s must be on or off: %s".formatted(file, name, other));
    };
  }

  private static boolean isOfHost(String name, String prefix) {
    return name.startsWith(prefix) && name.length() > prefix.length();
  }

  private static Map<String, Path> authorities(Path file, Properties given) throws HostException {
    Map<String, Path> authorities = new TreeMap<>();
    for (String name : given.stringPropertyNames()) {
      if (isOfHost(name, AUTHORITIES)) {
        Path path = Path.of(given.getProperty(name).strip());
        if (!path.isAbsolute()) {
          throw new HostException(
              "%s: %s must be the absolute path of a PEM file, not %s; before the port of a host a colon is written \\:"
                  .formatted(file, name, path));
        }
        authorities.put(name.substring(AUTHORITIES.length()), path);
      }
    }
    return authorities;
  }

  private static Map<String, List<String>> mirrors(Properties given) {
    Map<String, List<String>> mirrors = new TreeMap<>();
    for (String name : given.stringPropertyNames()) {
      if (name.startsWith(MIRRORS)) {
        mirrors.put(name.substring(MIRRORS.length()), words(given.getProperty(name)));
      }
    }
    return mirrors;
  }

  private static List<String> words(String commas) {
    return Arrays.stream(commas.split(",", -1))
        .map(String::strip)
        .filter(word -> !word.isEmpty())
        .toList();
  }

  /**
   * @throws HostException if a mirror is none, or a certificate cannot be read
   */
  RegistryConfig registries() throws HostException {
    try {
      Map<String, List<X509Certificate>> certificates = new TreeMap<>();
      authorities.forEach((host, file) -> certificates.put(host, Authorities.read(file)));
      return new RegistryConfig(
          mirrors, plainHttp, Map.of(), certificates, RegistryConfig.Patience.DEFAULT);
    } catch (IllegalArgumentException | ImageException e) {
      throw new HostException(FILE + ": " + e.getMessage(), e);
    }
  }

  private static int number(
      Path file, Properties given, String name, int otherwise, int least, int most)
      throws HostException {
    String value = given.getProperty(name);
    if (value == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Refused below, with what would do.
    }
    throw new HostException(
        "%s: %s must be a number from %d to %d: %s".formatted(file, name, least, most, value));
  }

  SandboxDefaults sandboxDefaults(int hostCpus) {
    return new SandboxDefaults(vcpus, memoryMib, overheadMib, scratchGib * (1L << 30), hostCpus);
  }

  /** What a daemon that is to last gets ready. */
  Preparation.Standby standby(int hostCpus) {
    return new Preparation.Standby(
        usualMachine(hostCpus), sandboxDefaults(hostCpus).scratchBytes(), templates ? spares : 0);
  }

  /** The machine of a pod that sets no limits. */
  MachineSize usualMachine(int hostCpus) {
    return new MachineSize(Math.min(vcpus, hostCpus), memoryMib);
  }

  /** As {@code crictl info} shows them. */
  Map<String, String> shown() {
    Map<String, String> shown = new TreeMap<>();
    shown.put("machine.vcpus", Integer.toString(vcpus));
    shown.put("machine.memory-mib", Integer.toString(memoryMib));
    shown.put("machine.overhead-mib", Integer.toString(overheadMib));
    shown.put(TEMPLATES, templates ? "on" : "off");
    shown.put(SPARE, Integer.toString(spares));
    shown.put("machine.scratch-gib", Integer.toString(scratchGib));
    mirrors.forEach((host, mirror) -> shown.put(MIRRORS + host, String.join(",", mirror)));
    authorities.forEach((host, file) -> shown.put(AUTHORITIES + host, file.toString()));
    shown.put(PLAIN_HTTP, String.join(",", new TreeSet<>(plainHttp)));
    return shown;
  }
}
