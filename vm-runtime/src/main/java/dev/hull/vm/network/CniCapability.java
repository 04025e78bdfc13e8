package dev.hull.vm.network;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.hull.vm.MachineSpec;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * What a plugin may declare in {@code capabilities} to be told of a pod in {@code runtimeConfig},
 * in the form of CNI's conventions.
 */
enum CniCapability {
  PORT_MAPPINGS("portMappings") {
    @Override
    boolean isWanted(MachineSpec spec) {
      return !spec.portMappings().isEmpty();
    }

    @Override
    JsonElement value(MachineSpec spec) {
      JsonArray array = new JsonArray();
      for (MachineSpec.PortMapping mapping : spec.portMappings()) {
        JsonObject entry = new JsonObject();
        entry.addProperty("hostPort", mapping.hostPort());
        entry.addProperty("containerPort", mapping.containerPort());
        entry.addProperty("protocol", mapping.protocol().name().toLowerCase(Locale.ROOT));
        if (!mapping.hostIp().isEmpty()) {
          entry.addProperty("hostIP", mapping.hostIp());
        }
        array.add(entry);
      }
      return array;
    }
  },

  BANDWIDTH("bandwidth") {
    @Override
    boolean isWanted(MachineSpec spec) {
      return !spec.bandwidth().equals(MachineSpec.Bandwidth.UNBOUNDED);
    }

    @Override
    JsonElement value(MachineSpec spec) {
      JsonObject limits = new JsonObject();
      bound(limits, "ingress", spec.bandwidth().ingress());
      bound(limits, "egress", spec.bandwidth().egress());
      return limits;
    }

    private static void bound(JsonObject limits, String direction, OptionalLong rate) {
      rate.ifPresent(
          bits -> {
            limits.addProperty(direction + "Rate", bits);
            limits.addProperty(direction + "Burst", burst(bits));
          });
    }

    // A quarter of a second, so that the rate holds from the first second on; but a few packets,
    // and no more than CNI's plugin takes.
    private static long burst(long rate) {
      return Math.clamp(rate / 4, LEAST_BURST, MOST_BURST);
    }
  };

  // In bits. The kernel counts a burst in the time that it takes, up to 275 s: of 1 kbit/s, 2^18.
  private static final long LEAST_BURST = 1 << 17;
  private static final long MOST_BURST = (1L << 32) - 1;

  private final String key;

  CniCapability(String key) {
    this.key = key;
  }

  /** Its name in {@code capabilities} and {@code runtimeConfig}. */
  String key() {
    return key;
  }

  /** Whether a pod asks for what this is about. */
  abstract boolean isWanted(MachineSpec spec);

  /** What a plugin is told of a pod that asks. */
  abstract JsonElement value(MachineSpec spec);

  /** Everything that a plugin is to be told of a pod. */
  static JsonObject runtimeConfig(CniConfig.Plugin plugin, MachineSpec spec) {
    JsonObject config = new JsonObject();
    for (CniCapability capability : values()) {
      if (plugin.can(capability) && capability.isWanted(spec)) {
        config.add(capability.key(), capability.value(spec));
      }
    }
    return config;
  }
}
