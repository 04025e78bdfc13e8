package dev.hull.vm.network;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs a chain of CNI plugins as the CNI specification's section 4 (runtime) says. */
final class CniPlugins {
  private static final String INTERFACE = "eth0";
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final List<Path> folders;
  private final Commands commands;

  CniPlugins(List<Path> folders, Commands commands) {
    this.folders = List.copyOf(folders);
    this.commands = commands;
  }

  /** Runs ADD from the first plugin to the last; returns the result of the last as JSON. */
  String add(CniConfig config, MachineSpec spec, String namespace) {
    Optional<String> previous = Optional.empty();
    for (CniConfig.Plugin plugin : config.plugins()) {
      previous = Optional.of(call("ADD", config, plugin, spec, namespace, previous));
    }
    return previous.orElseThrow();
  }

  /** Runs CHECK from the first plugin to the last; 0.3 does not have it and passes. */
  void check(CniConfig config, MachineSpec spec, String namespace, String result) {
    if (config.version().startsWith("0.3")) {
      return;
    }
    for (CniConfig.Plugin plugin : config.plugins()) {
      call("CHECK", config, plugin, spec, namespace, Optional.of(result));
    }
  }

  /**
   * Runs DEL from the last plugin to the first. A plugin that fails does not keep the others from
   * being called.
   *
   * @param namespace empty if it is gone
   * @param result empty if ADD never answered; DEL must then clean up what it finds
   */
  void delete(CniConfig config, MachineSpec spec, String namespace, Optional<String> result) {
    MachineException failure = null;
    for (CniConfig.Plugin plugin : config.plugins().reversed()) {
      try {
        call("DEL", config, plugin, spec, namespace, result);
      } catch (MachineException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private String call(
      String command,
      CniConfig config,
      CniConfig.Plugin plugin,
      MachineSpec spec,
      String namespace,
      Optional<String> previous) {
    JsonObject input = plugin.json().deepCopy();
    input.addProperty("cniVersion", config.version());
    input.addProperty("name", config.name());
    input.remove("capabilities");
    previous.ifPresent(result -> input.add("prevResult", JsonParser.parseString(result)));
    JsonObject capabilities = CniCapability.runtimeConfig(plugin, spec);
    if (!capabilities.isEmpty()) {
      input.add("runtimeConfig", capabilities);
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", spec.id().value());
    environment.put("CNI_NETNS", namespace);
    environment.put("CNI_IFNAME", INTERFACE);
    environment.put("CNI_ARGS", arguments(spec));
    environment.put(
        "CNI_PATH", folders.stream().map(Path::toString).collect(Collectors.joining(":")));
    // Plugins call iptables and the like, which a daemon's own PATH may lack.
    String own = System.getenv("PATH");
    environment.put("PATH", own == null ? DEFAULT_PATH : own + ":" + DEFAULT_PATH);
    Commands.Ended ended =
        commands.run(List.of(find(plugin.type()).toString()), input.toString(), environment);
    if (ended.code() != 0) {
      throw new MachineException(
          Kind.INTERNAL,
          "the CNI plugin %s failed to %s the network %s of pod %s: %s"
              .formatted(plugin.type(), command, config.name(), spec.podName(), reason(ended)));
    }
    return ended.out();
  }

  private Path find(String type) {
    for (Path folder : folders) {
      Path plugin = folder.resolve(type);
      if (Files.isExecutable(plugin)) {
        return plugin;
      }
    }
    throw new MachineException(
        Kind.INVALID,
        "the CNI plugin %s is in none of %s; install the package containernetworking-plugins"
            .formatted(type, folders));
  }

  private static String arguments(MachineSpec spec) {
    return "IgnoreUnknown=1;K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s;K8S_POD_INFRA_CONTAINER_ID=%s;K8S_POD_UID=%s"
        .formatted(
            argument(spec.podNamespace()),
            argument(spec.podName()),
            spec.id().value(),
            argument(spec.podUid()));
  }

  /** A semicolon would begin another argument. */
  private static String argument(String value) {
    if (value.indexOf(';') >= 0 || value.indexOf('=') >= 0 || value.indexOf('\0') >= 0) {
      throw new MachineException(
          Kind.INVALID, "a pod's name, namespace and uid must not contain ; or =: " + value);
    }
    return value;
  }

  /** The error of the specification's section 5, or whatever was printed. */
  private static String reason(Commands.Ended ended) {
    try {
      JsonObject error = JsonParser.parseString(ended.out()).getAsJsonObject();
      String details = error.has("details") ? ": " + error.get("details").getAsString() : "";
      String message = error.has("msg") ? error.get("msg").getAsString() : error.toString();
      return message + details;
    } catch (JsonParseException | IllegalStateException e) {
      return "exit code " + ended.code() + ", " + (ended.out() + " " + ended.err()).strip();
    }
  }
}
