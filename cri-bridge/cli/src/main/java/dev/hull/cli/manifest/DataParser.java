package dev.hull.cli.manifest;

import com.google.protobuf.ByteString;
import dev.hull.cli.pod.ConfigMap;
import dev.hull.cli.pod.Secret;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads ConfigMaps and Secrets. */
final class DataParser {
  /** As the API server has it. */
  private static final int MOST_BYTES = 1 << 20;

  private DataParser() {}

  static ConfigMap configMap(Fields fields) {
    Metadata metadata = Metadata.of(fields);
    Map<String, ByteString> data = new LinkedHashMap<>();
    plain(fields, "data", data);
    encoded(fields, "binaryData", data);
    fields.unused("immutable");
    fields.finish();
    check(fields, data);
    return new ConfigMap(metadata.namespace(), metadata.name(), data);
  }

  static Secret secret(Fields fields) {
    Metadata metadata = Metadata.of(fields);
    Map<String, ByteString> data = new LinkedHashMap<>();
    encoded(fields, "data", data);
    plain(fields, "stringData", data);
    String type = fields.string("type").orElse("Opaque");
    fields.unused("immutable");
    fields.finish();
    check(fields, data);
    return new Secret(metadata.namespace(), metadata.name(), type, data);
  }

  private static void plain(Fields fields, String name, Map<String, ByteString> data) {
    fields.stringMap(name).forEach((key, text) -> put(fields, name, key, text, data));
  }

  private static void put(
      Fields fields, String name, String key, String text, Map<String, ByteString> data) {
    checkKey(fields, name, key);
    data.put(key, ByteString.copyFromUtf8(text));
  }

  private static void encoded(Fields fields, String name, Map<String, ByteString> data) {
    fields
        .stringMap(name)
        .forEach(
            (key, text) -> {
              checkKey(fields, name, key);
              try {
                // Line breaks of YAML's block texts are no part of it.
                byte[] bytes = Base64.getDecoder().decode(text.replaceAll("\\s", ""));
                data.put(key, ByteString.copyFrom(bytes));
              } catch (IllegalArgumentException e) {
                fields.problem(
                    name,
                    "."
                        + key
                        + ": is not base64"
                        + (name.equals("data") ? "; or write stringData" : ""));
              }
            });
  }

  private static void checkKey(Fields fields, String name, String key) {
    if (!Names.KEY.allows(key)) {
      fields.problem(name, ": " + key + " " + Names.KEY.says());
    }
  }

  private static void check(Fields fields, Map<String, ByteString> data) {
    if (data.values().stream().mapToLong(ByteString::size).sum() > MOST_BYTES) {
      fields.problem("data", ": is more than " + MOST_BYTES + " bytes");
    }
  }
}
