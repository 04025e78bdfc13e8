package dev.hull.vm.network;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A network configuration list of the CNI specification, versions 0.3.0 to 1.1.0; a single {@code
 * .conf} counts as a list of one.
 *
 * @param plugins each with its {@code type}, without name, version and previous result
 */
record CniConfig(String name, String version, List<Plugin> plugins) {
  private static final Set<String> VERSIONS = Set.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");
  // A plugin's type becomes part of a path: the specification allows no separators in it.
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
  private static final int MAX_BYTES = 1 << 20;

  CniConfig {
    plugins = List.copyOf(plugins);
  }

  /** One plugin's part of the list. */
  record Plugin(String type, JsonObject json) {
    boolean can(CniCapability capability) {
      JsonElement capabilities = json.get("capabilities");
      return capabilities != null
          && capabilities.isJsonObject()
          && capabilities.getAsJsonObject().has(capability.key())
          && capabilities.getAsJsonObject().get(capability.key()).getAsBoolean();
    }
  }

  boolean can(CniCapability capability) {
    return plugins.stream().anyMatch(plugin -> plugin.can(capability));
  }

  /** The text of the first configuration of a folder by name; empty if it has none. */
  static Optional<String> first(Path folder) {
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.filter(CniConfig::isConfiguration).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new MachineException(
          Kind.INVALID, "cannot read the CNI configuration folder " + folder, e);
    }
    if (files.isEmpty()) {
      return Optional.empty();
    }
    Path file = files.getFirst();
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new MachineException(
            Kind.INVALID, "the CNI configuration " + file + " is larger than 1 MiB");
      }
      String text = Files.readString(file);
      parse(text, file.toString());
      return Optional.of(text);
    } catch (IOException e) {
      throw new MachineException(Kind.INVALID, "cannot read the CNI configuration " + file, e);
    }
  }

  private static boolean isConfiguration(Path file) {
    String name = file.getFileName().toString();
    return Files.isRegularFile(file)
        && (name.endsWith(".conflist") || name.endsWith(".conf") || name.endsWith(".json"));
  }

  /** {@code origin} is named in errors. */
  static CniConfig parse(String text, String origin) {
    try {
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      String version = json.has("cniVersion") ? json.get("cniVersion").getAsString() : "";
      require(VERSIONS.contains(version), origin, "cniVersion must be one of 0.3.0 to 1.1.0");
      String name = json.has("name") ? json.get("name").getAsString() : "";
      require(NAME.matcher(name).matches(), origin, "name is missing or malformed");
      JsonArray list = new JsonArray();
      if (json.has("plugins")) {
        list = json.getAsJsonArray("plugins");
      } else {
        list.add(json);
      }
      require(!list.isEmpty(), origin, "plugins is empty");
      List<Plugin> plugins = new ArrayList<>();
      for (JsonElement element : list) {
        JsonObject plugin = element.getAsJsonObject();
        String type = plugin.has("type") ? plugin.get("type").getAsString() : "";
        require(TYPE.matcher(type).matches(), origin, "a plugin's type is missing or malformed");
        plugins.add(new Plugin(type, plugin));
      }
      return new CniConfig(name, version, plugins);
    } catch (JsonParseException
        | IllegalStateException
        | ClassCastException
        | UnsupportedOperationException e) {
      throw new MachineException(
          Kind.INVALID, "the CNI configuration " + origin + " is not valid JSON for a network", e);
    }
  }

  private static void require(boolean holds, String origin, String sentence) {
    if (!holds) {
      throw new MachineException(
          Kind.INVALID, "the CNI configuration " + origin + " cannot be used: " + sentence);
    }
  }
}
