package dev.hull.cri.bridge.daemon;

import dev.hull.cri.bridge.resources.SandboxDefaults;
import dev.hull.cri.bridge.settings.SettingsFile;
import dev.hull.cri.host.DaemonProvider;
import dev.hull.cri.host.HostException;
import dev.hull.images.ImageException;
import dev.hull.images.registry.Authorities;
import dev.hull.images.registry.RegistryConfig;
import dev.hull.vm.MachineSize;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The daemon's settings: what its file says, and defaults. {@code hull config default} prints each
 * with its meaning, from {@code hull.yaml} among the resources.
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
    Map<String, Path> authorities,
    LogFormat logFormat,
    Optional<InetSocketAddress> metrics) {
  private static final String MIRRORS = "registry.mirrors";
  private static final String AUTHORITIES = "registry.ca";
  private static final String PLAIN_HTTP = "registry.plain-http";
  private static final String TEMPLATES = "machine.templates";
  private static final String SPARE = "templates.spare";
  private static final String LOG_FORMAT = "log.format";
  private static final String METRICS = "metrics.address";
  private static final int MAX_SPARES = 16;

  /** In the root, unless another file is named. */
  private static final String FILE = "hull.yaml";

  // What it was called once; left alone it would be without effect, and nobody would know.
  private static final String FORMER_FILE = "daemon.properties";

  /**
   * @throws HostException if the named file is not there, or for all that is wrong with it
   */
  static Settings read(DaemonProvider.Options options, int hostCpus) throws HostException {
    return read(options.root(), options.config(), hostCpus);
  }

  static Settings read(Path root, Optional<Path> named, int hostCpus) throws HostException {
    if (Files.exists(root.resolve(FORMER_FILE))) {
      throw new HostException(
          "%s is no settings file any more; write its settings into %s, as NAME: VALUE, and delete it"
              .formatted(root.resolve(FORMER_FILE), named.orElse(root.resolve(FILE))));
    }
    Path file = named.orElse(root.resolve(FILE));
    return read(
        named.isPresent() || Files.exists(file) ? SettingsFile.read(file) : SettingsFile.none(),
        hostCpus);
  }

  static Settings read(SettingsFile file, int hostCpus) throws HostException {
    Settings settings =
        new Settings(
            file.number("machine.vcpus", Math.min(2, hostCpus), 1, 255),
            file.number("machine.memory-mib", 512, 128, 1 << 24),
            file.number("machine.overhead-mib", 160, 0, 1 << 20),
            file.number("machine.scratch-gib", 10, 1, 1 << 20),
            file.isOn(TEMPLATES, true),
            file.number(SPARE, 1, 0, MAX_SPARES),
            file.wordsByHost(MIRRORS),
            Set.copyOf(file.words(PLAIN_HTTP)),
            file.parsedByHost(AUTHORITIES, Settings::absolute),
            LogFormat.of(file.choice(LOG_FORMAT, LogFormat.TEXT.word(), LogFormat.words())),
            file.parsed(METRICS, LoopbackAddress::parse));
    file.finish();
    return settings;
  }

  private static Path absolute(String text) {
    Path path = Path.of(text);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("must be the absolute path of a PEM file: " + text);
    }
    return path;
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
      throw new HostException("the settings of registries: " + e.getMessage(), e);
    }
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
    mirrors.forEach((host, mirror) -> shown.put(MIRRORS + "." + host, String.join(",", mirror)));
    authorities.forEach((host, file) -> shown.put(AUTHORITIES + "." + host, file.toString()));
    shown.put(PLAIN_HTTP, String.join(",", new TreeSet<>(plainHttp)));
    shown.put(LOG_FORMAT, logFormat.word());
    metrics.ifPresent(
        address -> shown.put(METRICS, address.getHostString() + ":" + address.getPort()));
    return shown;
  }
}
