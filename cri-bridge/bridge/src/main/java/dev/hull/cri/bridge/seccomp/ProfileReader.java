package dev.hull.cri.bridge.seccomp;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cri.bridge.seccomp.Profile.Action;
import dev.hull.cri.bridge.seccomp.Profile.Condition;
import dev.hull.cri.bridge.seccomp.Profile.Guard;
import dev.hull.cri.bridge.seccomp.Profile.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Profiles as JSON: the OCI runtime specification's {@code seccomp} object, with Docker's additions
 * ({@code archMap}, {@code includes}, {@code excludes}, {@code name}). A field that neither knows
 * is an error, for a profile with a slip of the pen would protect nobody.
 */
final class ProfileReader {
  private static final int MAX_RULES = 4096;
  private static final int MAX_NAMES = 16_384;
  private static final int MAX_DATA = 0xffff;
  private static final int EPERM = 1;
  private static final String PREFIX = "SCMP_ACT_";
  private static final Set<String> NATIVE = Set.of("SCMP_ARCH_X86_64", "amd64");

  /** The guest's kernel is newer than this in every release of the guest. */
  private static final List<Integer> GUEST_KERNEL = List.of(6, 1);

  private int names;

  private ProfileReader() {}

  static Profile read(String json) throws InvalidProfileException {
    try {
      Fields profile = new Fields("", object("it", JsonParser.parseString(json)));
      return new ProfileReader().profile(profile);
    } catch (JsonParseException e) {
      throw new InvalidProfileException("is no JSON: " + e.getMessage());
    }
  }

  private Profile profile(Fields fields) throws InvalidProfileException {
    if (!fields.text("listenerPath").isEmpty() || !fields.text("listenerMetadata").isEmpty()) {
      throw new InvalidProfileException(
          "has a listenerPath: a process of the host cannot answer for the guest's kernel; leave it"
              + " out");
    }
    // How a filter is attached (TSYNC, LOG, SPEC_ALLOW): nothing is filtered by it.
    fields.texts("flags");
    Action action =
        action(
            fields.demand("defaultAction"),
            fields.number("defaultErrnoRet", EPERM),
            "defaultAction");
    Set<String> architectures = new LinkedHashSet<>(fields.texts("architectures"));
    for (Fields map : fields.objects("archMap")) {
      Set<String> further = new LinkedHashSet<>(map.texts("subArchitectures"));
      if (NATIVE.contains(map.text("architecture"))) {
        architectures.addAll(further);
      }
      map.end();
    }
    List<Rule> rules = new ArrayList<>();
    for (Fields rule : fields.objects("syscalls")) {
      rules.add(rule(rule));
    }
    if (rules.size() > MAX_RULES) {
      throw new InvalidProfileException("has more than " + MAX_RULES + " rules");
    }
    fields.end();
    return new Profile(action, architectures, rules);
  }

  private Rule rule(Fields fields) throws InvalidProfileException {
    fields.text("comment");
    Set<String> calls = new LinkedHashSet<>(fields.texts("names"));
    if (!fields.text("name").isEmpty()) {
      calls.add(fields.text("name"));
    }
    if (calls.isEmpty()) {
      throw new InvalidProfileException("has a rule without names: " + fields.at());
    }
    names += calls.size();
    if (names > MAX_NAMES) {
      throw new InvalidProfileException("names more than " + MAX_NAMES + " system calls");
    }
    Action action =
        action(fields.demand("action"), fields.number("errnoRet", EPERM), fields.at() + ".action");
    List<Condition> conditions = new ArrayList<>();
    for (Fields condition : fields.objects("args")) {
      conditions.add(condition(condition));
    }
    Guard guard = guard(fields);
    fields.end();
    return new Rule(calls, action, conditions, guard);
  }

  private static Action action(String name, long errno, String at) throws InvalidProfileException {
    return switch (name) {
      case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> new Action(Action.Kind.KILL_THREAD, 0);
      case "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP", "SCMP_ACT_LOG", "SCMP_ACT_ALLOW" ->
          new Action(Action.Kind.valueOf(name.substring(PREFIX.length())), 0);
      case "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE" -> {
        if (errno < 0 || errno > MAX_DATA) {
          throw new InvalidProfileException(
              "has an errnoRet that is not 0 to 65535: %d (%s)".formatted(errno, at));
        }
        yield new Action(Action.Kind.valueOf(name.substring(PREFIX.length())), (int) errno);
      }
      case "SCMP_ACT_NOTIFY" ->
          throw new InvalidProfileException(
              "asks for SCMP_ACT_NOTIFY (%s): a process of the host cannot answer for the guest's kernel; use another action"
                  .formatted(at));
      default -> throw new InvalidProfileException("has an action that there is not: " + name);
    };
  }

  private static Condition condition(Fields fields) throws InvalidProfileException {
    long index = fields.number("index", 0);
    if (index < 0 || index > 5) {
      throw new InvalidProfileException(
          "compares an argument that there is not: %s.index is %d".formatted(fields.at(), index));
    }
    String op = fields.demand("op");
    Condition.Comparison comparison;
    try {
      comparison =
          Condition.Comparison.valueOf(op.startsWith("SCMP_CMP_") ? op.substring(9) : "none");
    } catch (IllegalArgumentException _) {
      throw new InvalidProfileException(
          "compares by what there is not: %s.op is %s".formatted(fields.at(), op));
    }
    Condition condition =
        new Condition(
            (int) index, comparison, fields.unsigned("value"), fields.unsigned("valueTwo"));
    fields.end();
    return condition;
  }

  private static Guard guard(Fields fields) throws InvalidProfileException {
    Fields includes = fields.inner("includes");
    Fields excludes = fields.inner("excludes");
    Set<String> with = capabilities(includes);
    Set<String> without = capabilities(excludes);
    List<String> onlyOn = includes.texts("arches");
    List<String> notOn = excludes.texts("arches");
    boolean elsewhere =
        (!onlyOn.isEmpty() && onlyOn.stream().noneMatch(NATIVE::contains))
            || notOn.stream().anyMatch(NATIVE::contains)
            || (includes.has("minKernel") && !reached(includes.text("minKernel")))
            || (excludes.has("minKernel") && reached(excludes.text("minKernel")));
    includes.end();
    excludes.end();
    return new Guard(with, without, elsewhere);
  }

  private static Set<String> capabilities(Fields fields) throws InvalidProfileException {
    Set<String> bare = new HashSet<>();
    for (String name : fields.texts("caps")) {
      bare.add(name.startsWith("CAP_") ? name.substring("CAP_".length()) : name);
    }
    return bare;
  }

  private static boolean reached(String kernel) throws InvalidProfileException {
    String[] parts = kernel.split("\\.", 2);
    try {
      int major = Integer.parseInt(parts[0]);
      int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      return major < GUEST_KERNEL.get(0)
          || (major == GUEST_KERNEL.get(0) && minor <= GUEST_KERNEL.get(1));
    } catch (NumberFormatException _) {
      throw new InvalidProfileException("has a minKernel that is no version: " + kernel);
    }
  }

  private static JsonObject object(String what, JsonElement element)
      throws InvalidProfileException {
    if (!element.isJsonObject()) {
      throw new InvalidProfileException("is not as profiles are: " + what + " is no object");
    }
    return element.getAsJsonObject();
  }

  /**
   * The fields of one object, each asked for once at least; what was never asked for is unknown.
   */
  private static final class Fields {
    private final String at;
    private final JsonObject object;
    private final Set<String> asked = new HashSet<>();

    Fields(String at, JsonObject object) {
      this.at = at;
      this.object = object;
    }

    String at() {
      return at;
    }

    private String path(String name) {
      return at.isEmpty() ? name : at + "." + name;
    }

    boolean has(String name) {
      asked.add(name);
      return object.has(name) && !object.get(name).isJsonNull();
    }

    String demand(String name) throws InvalidProfileException {
      String text = text(name);
      if (text.isEmpty()) {
        throw new InvalidProfileException("has no " + path(name));
      }
      return text;
    }

    String text(String name) throws InvalidProfileException {
      return has(name) ? text(path(name), object.get(name)) : "";
    }

    private static String text(String path, JsonElement element) throws InvalidProfileException {
      if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isString()) {
        throw new InvalidProfileException("is not as profiles are: " + path + " is no text");
      }
      return element.getAsString();
    }

    List<String> texts(String name) throws InvalidProfileException {
      List<String> texts = new ArrayList<>();
      for (JsonElement element : array(name)) {
        texts.add(text(path(name), element));
      }
      return texts;
    }

    private Iterable<JsonElement> array(String name) throws InvalidProfileException {
      if (!has(name)) {
        return List.of();
      }
      if (!object.get(name).isJsonArray()) {
        throw new InvalidProfileException("is not as profiles are: " + path(name) + " is no list");
      }
      return object.getAsJsonArray(name);
    }

    List<Fields> objects(String name) throws InvalidProfileException {
      List<Fields> objects = new ArrayList<>();
      for (JsonElement element : array(name)) {
        String place = path(name) + "[" + objects.size() + "]";
        objects.add(new Fields(place, object(place, element)));
      }
      return objects;
    }

    /** Empty if it is not there. */
    Fields inner(String name) throws InvalidProfileException {
      return new Fields(
          path(name), has(name) ? object(path(name), object.get(name)) : new JsonObject());
    }

    long number(String name, long otherwise) throws InvalidProfileException {
      return has(name) ? unsigned(name) : otherwise;
    }

    /** 64 bits, above the signed range too. */
    long unsigned(String name) throws InvalidProfileException {
      if (!has(name)) {
        return 0;
      }
      try {
        return Long.parseUnsignedLong(object.getAsJsonPrimitive(name).getAsString());
      } catch (NumberFormatException | ClassCastException _) {
        throw new InvalidProfileException(
            "is not as profiles are: " + path(name) + " is no number of 64 bits");
      }
    }

    void end() throws InvalidProfileException {
      for (String name : object.keySet()) {
        if (!asked.contains(name)) {
          throw new InvalidProfileException("has a field that no profile has: " + path(name));
        }
      }
    }
  }
}
