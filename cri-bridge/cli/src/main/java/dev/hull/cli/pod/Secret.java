package dev.hull.cli.pod;

import com.google.protobuf.ByteString;
import java.util.Map;

/** Named values that are nobody's business but the pods'. */
public record Secret(String namespace, String name, String type, Map<String, ByteString> data) {
  public Secret {
    data = Map.copyOf(data);
  }

  @Override
  public String toString() {
    return "Secret[" + namespace + "/" + name + " " + data.keySet() + "]";
  }
}
