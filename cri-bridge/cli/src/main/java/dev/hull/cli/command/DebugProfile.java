package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a debug container may do, by kubectl's names. */
enum DebugProfile {
  /** Nothing beyond what every container may. */
  BASELINE,
  /** Look into processes of others. */
  GENERAL,
  /** What the restricted Pod Security Standard leaves. */
  RESTRICTED,
  /** Change the pod's network. */
  NETADMIN,
  /** Everything: privileged. */
  SYSADMIN;

  /** The container's {@code securityContext}. */
  JsonObject securityContext() {
    return switch (this) {
      case BASELINE -> new JsonObject();
      case GENERAL -> capabilities("add", "SYS_PTRACE");
      case NETADMIN -> capabilities("add", "NET_ADMIN", "NET_RAW");
      case SYSADMIN -> {
        JsonObject context = new JsonObject();
        context.addProperty("privileged", true);
        yield context;
      }
      case RESTRICTED -> {
        JsonObject context = capabilities("drop", "ALL");
        context.addProperty("runAsNonRoot", true);
        context.addProperty("allowPrivilegeEscalation", false);
        JsonObject seccomp = new JsonObject();
        seccomp.addProperty("type", "RuntimeDefault");
        context.add("seccompProfile", seccomp);
        yield context;
      }
    };
  }

  private static JsonObject capabilities(String what, String... names) {
    JsonArray list = new JsonArray();
    List.of(names).forEach(list::add);
    JsonObject capabilities = new JsonObject();
    capabilities.add(what, list);
    JsonObject context = new JsonObject();
    context.add("capabilities", capabilities);
    return context;
  }

  static final class Converter implements ITypeConverter<DebugProfile> {
    @Override
    public DebugProfile convert(String text) {
      return Arrays.stream(values())
          .filter(profile -> profile.name().toLowerCase(Locale.ROOT).equals(text))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected one of "
                          + Arrays.stream(values())
                              .map(profile -> profile.name().toLowerCase(Locale.ROOT))
                              .collect(Collectors.joining(", "))
                          + ", not "
                          + text));
    }
  }
}
