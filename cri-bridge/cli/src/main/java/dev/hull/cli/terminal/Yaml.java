package dev.hull.cli.terminal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** JSON as YAML, for people. */
public final class Yaml {
  private Yaml() {}

  public static String render(JsonElement json) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setIndent(2)
            // So that "True" is quoted: other readers take it for a truth.
            .setSchema(new CoreSchema())
            .build();
    return new Dump(settings).dumpToString(plain(json));
  }

  private static @Nullable Object plain(JsonElement json) {
    return switch (json) {
      case JsonObject object -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        object.entrySet().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
        yield map;
      }
      case JsonArray array -> {
        List<@Nullable Object> list = new ArrayList<>();
        array.forEach(item -> list.add(plain(item)));
        yield list;
      }
      case JsonPrimitive primitive when primitive.isBoolean() -> primitive.getAsBoolean();
      case JsonPrimitive primitive when primitive.isNumber() -> {
        double value = primitive.getAsDouble();
        long whole = (long) value;
        yield whole == value ? (Object) whole : (Object) value;
      }
      case JsonPrimitive primitive -> primitive.getAsString();
      default -> null;
    };
  }
}
