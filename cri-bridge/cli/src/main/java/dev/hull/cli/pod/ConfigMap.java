package dev.hull.cli.pod;

import com.google.protobuf.ByteString;
import java.util.Map;

/** Named values that pods may be told; also what of a Secret its pods are told. */
public record ConfigMap(String namespace, String name, Map<String, ByteString> data) {
  public ConfigMap {
    data = Map.copyOf(data);
  }

  @Override
  public String toString() {
    // The values may be secret.
    return "ConfigMap[" + namespace + "/" + name + " " + data.keySet() + "]";
  }
}
