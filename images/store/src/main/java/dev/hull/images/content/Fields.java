package dev.hull.images.content;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object whose fields are read with their types checked; every complaint is an INVALID that
 * names the field by its path.
 */
public final class Fields {
  private final JsonObject object;
  private final String path;

  private Fields(JsonObject object, String path) {
    this.object = object;
    this.path = path;
  }

  /**
   * Reads a whole document.
   *
   * @param what begins the path: {@code manifest}
   */
  public static Fields parse(byte[] bytes, String what) {
    JsonElement element;
    try {
      // Strict: no unquoted names, no malformed UTF-8, nothing after the object; nesting is bounded
      // by the reader (255).
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      JsonReader reader = new JsonReader(new StringReader(text));
      reader.setStrictness(Strictness.STRICT);
      element = JsonParser.parseReader(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new JsonParseException("something follows the first value");
      }
    } catch (CharacterCodingException e) {
      throw new ImageException(Kind.INVALID, what + " is not UTF-8", e);
    } catch (IOException | JsonParseException e) {
      throw new ImageException(Kind.INVALID, what + " is not JSON", e);
    }
    if (!(element instanceof JsonObject object)) {
      throw new ImageException(Kind.INVALID, what + " is not a JSON object");
    }
    return new Fields(object, what);
  }

  public boolean has(String name) {
    return get(name) != null;
  }

  /** Empty if the field is not there. */
  public String string(String name) {
    JsonElement value = get(name);
    return value == null ? "" : string(value, path + "." + name);
  }

  public String requiredString(String name) {
    if (!has(name)) {
      throw invalid(name, "is missing");
    }
    return string(name);
  }

  public Digest digest(String name) {
    return digest(requiredString(name), path + "." + name);
  }

  /** A size: not negative. */
  public long size(String name) {
    JsonElement value = get(name);
    if (value == null || !value.isJsonPrimitive() || !value.getAsJsonPrimitive().isNumber()) {
      throw invalid(name, "is not a number");
    }
    long size;
    try {
      size = Long.parseLong(value.getAsString());
    } catch (NumberFormatException e) {
      throw invalid(name, "is not a whole number of 64 bits");
    }
    if (size < 0) {
      throw invalid(name, "is negative");
    }
    return size;
  }

  /** An empty object if the field is not there. */
  public Fields object(String name) {
    return optionalObject(name).orElseGet(() -> new Fields(new JsonObject(), path + "." + name));
  }

  public Optional<Fields> optionalObject(String name) {
    JsonElement value = get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof JsonObject inner)) {
      throw invalid(name, "is not an object");
    }
    return Optional.of(new Fields(inner, path + "." + name));
  }

  public List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    for (JsonElement element : array(name)) {
      String at = path + "." + name + "[" + objects.size() + "]";
      if (!(element instanceof JsonObject inner)) {
        throw new ImageException(Kind.INVALID, at + " is not an object");
      }
      objects.add(new Fields(inner, at));
    }
    return objects;
  }

  public List<String> strings(String name) {
    List<String> strings = new ArrayList<>();
    for (JsonElement element : array(name)) {
      strings.add(string(element, path + "." + name + "[" + strings.size() + "]"));
    }
    return strings;
  }

  public List<Digest> digests(String name) {
    List<Digest> digests = new ArrayList<>();
    for (String text : strings(name)) {
      digests.add(digest(text, path + "." + name + "[" + digests.size() + "]"));
    }
    return digests;
  }

  public Map<String, String> stringMap(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    Fields inner = object(name);
    for (String key : inner.names()) {
      map.put(key, inner.string(key));
    }
    return map;
  }

  public List<String> names() {
    return List.copyOf(object.keySet());
  }

  private JsonArray array(String name) {
    JsonElement value = get(name);
    if (value == null) {
      return new JsonArray();
    }
    if (!(value instanceof JsonArray array)) {
      throw invalid(name, "is not a list");
    }
    return array;
  }

  /** A null counts as not there: builders written in Go write it for empty lists and maps. */
  private @Nullable JsonElement get(String name) {
    JsonElement value = object.get(name);
    return value == null || value.isJsonNull() ? null : value;
  }

  private static String string(JsonElement value, String at) {
    if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
      throw new ImageException(Kind.INVALID, at + " is not a string");
    }
    return value.getAsString();
  }

  private static Digest digest(String text, String at) {
    try {
      return new Digest(text);
    } catch (IllegalArgumentException e) {
      throw new ImageException(
          Kind.INVALID, at + " is not a digest (sha256: and 64 hexadecimal digits)", e);
    }
  }

  private ImageException invalid(String name, String reason) {
    return new ImageException(Kind.INVALID, path + "." + name + " " + reason);
  }
}
