package dev.hull.cli.manifest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.hull.cli.pod.Claim;
import dev.hull.cli.pod.ConfigMap;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Secret;
import java.math.BigDecimal;
import java.util.Optional;

/** One document of a manifest: what it says, and how it says it. */
public sealed interface Document {
  /** {@code Pod}, {@code ConfigMap}, … */
  String kind();

  String namespace();

  String name();

  /** As it stands in the file. */
  JsonObject source();

  /** A pod. */
  record OfPod(Pod pod, JsonObject source) implements Document {
    @Override
    public String kind() {
      return "Pod";
    }

    @Override
    public String namespace() {
      return pod.namespace();
    }

    @Override
    public String name() {
      return pod.name();
    }
  }

  /** A ConfigMap. */
  record OfConfigMap(ConfigMap configMap, JsonObject source) implements Document {
    @Override
    public String kind() {
      return "ConfigMap";
    }

    @Override
    public String namespace() {
      return configMap.namespace();
    }

    @Override
    public String name() {
      return configMap.name();
    }
  }

  /** A Secret. */
  record OfSecret(Secret secret, JsonObject source) implements Document {
    @Override
    public String kind() {
      return "Secret";
    }

    @Override
    public String namespace() {
      return secret.namespace();
    }

    @Override
    public String name() {
      return secret.name();
    }

    @Override
    public String toString() {
      return secret.toString();
    }
  }

  /** A PersistentVolumeClaim. */
  record OfClaim(Claim claim, JsonObject source) implements Document {
    @Override
    public String kind() {
      return "PersistentVolumeClaim";
    }

    @Override
    public String namespace() {
      return claim.namespace();
    }

    @Override
    public String name() {
      return claim.name();
    }
  }

  /** So many values a document may have, with what its aliases stand for written out. */
  int MOST_VALUES = 200_000;

  /** As JSON; empty if that would be too much, as a small file full of aliases can be. */
  static Optional<JsonObject> json(Node root) {
    int[] left = {MOST_VALUES};
    JsonElement copied = json(root, left);
    return left[0] > 0 && copied instanceof JsonObject object
        ? Optional.of(object)
        : Optional.empty();
  }

  private static JsonElement json(Node node, int[] left) {
    if (--left[0] <= 0) {
      return JsonNull.INSTANCE;
    }
    return switch (node) {
      case Node.Mapping mapping -> {
        JsonObject object = new JsonObject();
        for (var entry : mapping.entries().entrySet()) {
          if (left[0] <= 0) {
            break;
          }
          object.add(entry.getKey(), json(entry.getValue().value(), left));
        }
        yield object;
      }
      case Node.Sequence sequence -> {
        JsonArray array = new JsonArray();
        for (Node item : sequence.items()) {
          if (left[0] <= 0) {
            break;
          }
          array.add(json(item, left));
        }
        yield array;
      }
      case Node.Scalar scalar ->
          switch (scalar.type()) {
            case NULL -> JsonNull.INSTANCE;
            case BOOLEAN -> new JsonPrimitive(scalar.text().equalsIgnoreCase("true"));
            case INTEGER, FLOAT -> number(scalar.text());
            case STRING -> new JsonPrimitive(scalar.text());
          };
    };
  }

  /** As kubectl reads it: a leading zero means octal. JSON has no such numbers. */
  private static JsonElement number(String text) {
    if (text.matches("0o?[0-7]{1,15}")) {
      return new JsonPrimitive(Long.parseLong(text.replace("o", ""), 8));
    }
    try {
      return new JsonPrimitive(new BigDecimal(text));
    } catch (NumberFormatException e) {
      return new JsonPrimitive(text); // 0x10, .inf: no field of ours is one.
    }
  }
}
